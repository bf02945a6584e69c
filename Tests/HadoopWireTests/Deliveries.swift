import Testing

@testable import HadoopWire

/// Feeds the same bytes to a decoder in every way a network may: whole, one byte at a time, cut in two at every place;
/// and cut short at every length.
struct Deliveries<Output: Equatable> {
    /// Runs a fresh decoder over pieces of input.
    let run: ([[UInt8]]) -> [Output]

    /// Fails the test unless all ways give the same, and a cut-off input gives the beginning of it.
    /// - Parameter step: distance of the cuts; 1 for every place.
    /// - Returns: what the whole input gives.
    @discardableResult
    func check(_ bytes: [UInt8], step: Int = 1, sourceLocation: SourceLocation = #_sourceLocation) -> [Output] {
        let whole = self.run([bytes])
        let dripped = self.run(bytes.map { [$0] })
        #expect(dripped == whole, "dripped", sourceLocation: sourceLocation)
        for cut in stride(from: 0, through: bytes.count, by: step) {
            let beginning = Array(bytes[..<cut])
            let early = self.run([beginning])
            guard early.count <= whole.count, early.elementsEqual(whole.prefix(early.count)) else {
                Issue.record("\(cut) bytes of input give something else", sourceLocation: sourceLocation)
                return whole
            }
            guard self.run([beginning, Array(bytes[cut...])]) == whole else {
                Issue.record("input cut at \(cut) gives something else", sourceLocation: sourceLocation)
                return whole
            }
        }
        return whole
    }
}

extension Deliveries where Output == ServerConnectionAction {
    static func server(_ make: @escaping () -> ServerConnection) -> Self {
        Self { pieces in
            var machine = make()
            return pieces.flatMap { drive(&machine, $0) }
        }
    }
}

extension Deliveries where Output == ClientConnectionAction {
    static func client(_ make: @escaping () -> ClientConnection) -> Self {
        Self { pieces in
            var machine = make()
            return pieces.flatMap { drive(&machine, $0) }
        }
    }
}

/// All actions that one piece of input causes.
func drive(_ machine: inout ServerConnection, _ bytes: [UInt8]) -> [ServerConnectionAction] {
    var actions: [ServerConnectionAction] = []
    var offset = 0
    while let action = machine.next(bytes.span, at: &offset) { actions.append(action) }
    return actions
}

/// All actions that one piece of input causes.
func drive(_ machine: inout ClientConnection, _ bytes: [UInt8]) -> [ClientConnectionAction] {
    var actions: [ClientConnectionAction] = []
    var offset = 0
    while offset < bytes.count {
        guard let action = machine.next(bytes.span, at: &offset) else { break }
        actions.append(action)
    }
    return actions
}

extension [UInt8] {
    /// The bytes of hex digits; blanks are skipped.
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
