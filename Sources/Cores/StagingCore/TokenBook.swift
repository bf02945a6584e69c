package import ClusterModel

/// A key that signs tokens: it signs until the next one comes, and is known until the last token that it signed ends.
package struct TokenKey: Hashable, Sendable {
    package var id: Int32
    package var bytes: [UInt8]
    /// When the next key takes over.
    package var rollsAt: Timestamp
    /// When no token can need it any more.
    package var endsAt: Timestamp

    package init(id: Int32, bytes: [UInt8], rollsAt: Timestamp, endsAt: Timestamp) {
        self.id = id
        self.bytes = bytes
        self.rollsAt = rollsAt
        self.endsAt = endsAt
    }
}

/// A token that was given out: whoever shows it acts as `owner`.
package struct StagingToken: Hashable, Sendable {
    package var number: Int32
    package var owner: String
    /// Who may extend it; empty for nobody.
    package var renewer: String
    /// Who asked for it on the owner's behalf; empty for the owner.
    package var realUser: String
    package var issuedAt: Timestamp
    /// No renewal leads beyond this.
    package var maximumDate: Timestamp
    package var keyID: Int32
    package var expiresAt: Timestamp

    package init(
        number: Int32,
        owner: String,
        renewer: String,
        realUser: String,
        issuedAt: Timestamp,
        maximumDate: Timestamp,
        keyID: Int32,
        expiresAt: Timestamp
    ) {
        self.number = number
        self.owner = owner
        self.renewer = renewer
        self.realUser = realUser
        self.issuedAt = issuedAt
        self.maximumDate = maximumDate
        self.keyID = keyID
        self.expiresAt = expiresAt
    }
}

/// How long tokens and their keys live, in milliseconds. The defaults are HDFS's.
package struct TokenTimes: Hashable, Sendable {
    /// `dfs.namenode.delegation.token.max-lifetime`
    package var lifetime: Int64
    /// `dfs.namenode.delegation.token.renew-interval`
    package var renewal: Int64
    /// `dfs.namenode.delegation.key.update-interval`
    package var keyUpdate: Int64

    package init(lifetime: Int64 = 7 * 86_400_000, renewal: Int64 = 86_400_000, keyUpdate: Int64 = 86_400_000) {
        self.lifetime = lifetime
        self.renewal = renewal
        self.keyUpdate = keyUpdate
    }
}

package enum TokenChange: Hashable, Sendable {
    case putKey(TokenKey)
    case removeKey(Int32)
    case putToken(StagingToken)
    case removeToken(Int32)
    /// The last number that a token was given.
    case lastNumber(Int32)
}

/// The delegation tokens that are good, and the keys that sign them. Every call either throws and changes nothing, or adds
/// to what `takeChanges` returns, which is stored before a token is given out.
package struct TokenBook: Sendable {
    private let times: TokenTimes
    private var keys: [Int32: TokenKey] = [:]
    private var tokens: [Int32: StagingToken] = [:]
    private var lastNumber: Int32
    private var changes: [TokenChange] = []

    package init(
        times: TokenTimes = TokenTimes(),
        keys: [TokenKey] = [],
        tokens: [StagingToken] = [],
        lastNumber: Int32 = 0
    ) {
        self.times = times
        self.lastNumber = lastNumber
        for key in keys { self.keys[key.id] = key }
        for token in tokens { self.tokens[token.number] = token }
    }

    package mutating func takeChanges() -> [TokenChange] {
        defer { self.changes = [] }
        return self.changes
    }

    // MARK: Keys

    private var currentKey: TokenKey? { self.keys.max { $0.key < $1.key }?.value }

    package func key(_ id: Int32) -> TokenKey? { self.keys[id] }

    /// Whether a new key is due to sign.
    package func needsKey(at now: Timestamp) -> Bool { self.currentKey.map { $0.rollsAt <= now } ?? true }

    /// Takes a new key if one is due, and drops what has ended.
    package mutating func turn(_ bytes: [UInt8], at now: Timestamp) {
        if self.needsKey(at: now) {
            let rollsAt = now.adding(milliseconds: self.times.keyUpdate)
            let key = TokenKey(
                id: max(self.currentKey?.id ?? 0, self.tokens.values.map(\.keyID).max() ?? 0) + 1,
                bytes: bytes,
                rollsAt: rollsAt,
                endsAt: rollsAt.adding(milliseconds: self.times.lifetime)
            )
            self.keys[key.id] = key
            self.changes.append(.putKey(key))
        }
        for token in self.tokens.values.filter({ $0.expiresAt < now }).sorted(by: { $0.number < $1.number }) {
            self.remove(token.number)
        }
        let newest = self.currentKey?.id
        for key in self.keys.values.filter({ $0.endsAt < now && $0.id != newest }).sorted(by: { $0.id < $1.id }) {
            self.keys[key.id] = nil
            self.changes.append(.removeKey(key.id))
        }
    }

    // MARK: Tokens

    /// - Throws: `notPossible` before the first key.
    package mutating func issue(
        to owner: String,
        renewer: String,
        realUser: String,
        at now: Timestamp
    ) throws(StagingRefusal) -> StagingToken {
        guard let key = self.currentKey else { throw .notPossible("No token can be issued yet: there is no key") }
        let maximum = now.adding(milliseconds: self.times.lifetime)
        // Never given twice: a token that was cancelled must not become good again.
        self.lastNumber &+= 1
        self.changes.append(.lastNumber(self.lastNumber))
        let token = StagingToken(
            number: self.lastNumber,
            owner: owner,
            renewer: renewer,
            realUser: realUser,
            issuedAt: now,
            maximumDate: maximum,
            keyID: key.id,
            expiresAt: min(maximum, now.adding(milliseconds: self.times.renewal))
        )
        self.put(token)
        return token
    }

    /// The token that a signed identifier tells of.
    /// - Throws: `invalidToken` when it was cancelled, has expired or was never issued.
    package func known(_ shown: StagingToken, at now: Timestamp) throws(StagingRefusal) -> StagingToken {
        guard let token = self.tokens[shown.number], token.owner == shown.owner, token.issuedAt == shown.issuedAt,
            token.keyID == shown.keyID
        else {
            throw .invalidToken("token (sequence number \(shown.number)) for \(shown.owner) can't be found in cache")
        }
        guard token.expiresAt >= now else {
            throw .invalidToken("token (sequence number \(shown.number)) for \(shown.owner) is expired")
        }
        return token
    }

    /// - Returns: when the token now expires.
    /// - Throws: as `known`; `accessDenied` for anybody but the renewer.
    package mutating func renew(
        _ shown: StagingToken,
        by user: String,
        at now: Timestamp
    ) throws(StagingRefusal) -> Timestamp {
        var token = try self.known(shown, at: now)
        guard !token.renewer.isEmpty, token.renewer == user else {
            throw .accessDenied(
                token.renewer.isEmpty
                    ? "\(user) tried to renew a token without a renewer"
                    : "\(user) tries to renew a token with renewer \(token.renewer)"
            )
        }
        token.expiresAt = min(token.maximumDate, now.adding(milliseconds: self.times.renewal))
        self.put(token)
        return token.expiresAt
    }

    /// - Throws: as `known`; `accessDenied` for anybody but owner and renewer.
    package mutating func cancel(_ shown: StagingToken, by user: String, at now: Timestamp) throws(StagingRefusal) {
        let token = try self.known(shown, at: now)
        guard user == token.owner || !token.renewer.isEmpty && user == token.renewer else {
            throw .accessDenied("\(user) is not authorized to cancel the token")
        }
        self.remove(token.number)
    }

    private mutating func put(_ token: StagingToken) {
        self.tokens[token.number] = token
        self.changes.append(.putToken(token))
    }

    private mutating func remove(_ number: Int32) {
        self.tokens[number] = nil
        self.changes.append(.removeToken(number))
    }
}
