import ClusterModel
import StagingCore
import StateStore

/// Delegation tokens and their keys as rows of the index, in the layout of `InodeRecord`'s numbers and texts.
enum TokenRecord {
    private static let version = 1
    private static let key = "tokenKey"
    private static let token = "token"
    private static let counter = "tokenCounter"
    static let kinds: Set<String> = [key, token, counter]

    static func operation(_ change: TokenChange) -> StoreOperation {
        var writer = RecordWriter()
        switch change {
        case .putKey(let key):
            writer.add(key.bytes)
            writer.add(key.rollsAt)
            writer.add(key.endsAt)
            return self.put(self.key, key.id, writer)
        case .removeKey(let id): return .remove(kind: self.key, key: String(id))
        case .putToken(let token):
            writer.add(token.owner)
            writer.add(token.renewer)
            writer.add(token.realUser)
            writer.add(token.issuedAt)
            writer.add(token.maximumDate)
            writer.add(UInt64(clamping: token.keyID))
            writer.add(token.expiresAt)
            return self.put(self.token, token.number, writer)
        case .removeToken(let number): return .remove(kind: self.token, key: String(number))
        case .lastNumber(let number):
            writer.add(UInt64(clamping: number))
            return self.put(self.counter, 0, writer)
        }
    }

    private static func put(_ kind: String, _ key: Int32, _ writer: RecordWriter) -> StoreOperation {
        .put(StoredRecord(kind: kind, key: String(key), version: self.version, bytes: writer.bytes))
    }

    static func load(_ records: [StoredRecord], times: TokenTimes) throws -> TokenBook {
        var keys: [TokenKey] = []
        var tokens: [StagingToken] = []
        var lastNumber: Int32 = 0
        for record in records where self.kinds.contains(record.kind) {
            guard record.version == self.version, let number = Int32(record.key) else {
                throw DamagedRecord(detail: "the row \(record.kind) \(record.key) has layout \(record.version)")
            }
            var reader = RecordReader(record.bytes)
            switch record.kind {
            case self.key:
                keys.append(
                    TokenKey(
                        id: number,
                        bytes: try reader.data(),
                        rollsAt: try reader.time(),
                        endsAt: try reader.time()
                    )
                )
            case self.token:
                tokens.append(
                    StagingToken(
                        number: number,
                        owner: try reader.text(),
                        renewer: try reader.text(),
                        realUser: try reader.text(),
                        issuedAt: try reader.time(),
                        maximumDate: try reader.time(),
                        keyID: Int32(clamping: try reader.number()),
                        expiresAt: try reader.time()
                    )
                )
            default: lastNumber = Int32(clamping: try reader.number())
            }
        }
        return TokenBook(times: times, keys: keys, tokens: tokens, lastNumber: lastNumber)
    }
}
