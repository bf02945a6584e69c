/// Every value of one side with every value of the other that has its key; where a side is kept, also what has no partner.
///
/// Where the sides had to go to disk, the smaller one of each bucket is gathered: a key that holds most of one side has to fit
/// into memory only where it does so on both.
@usableFromInline struct HashJoin<Key, Left, Right, Output>
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @usableFromInline let task: TaskScope
    @usableFromInline let keepsLeft: Bool
    @usableFromInline let keepsRight: Bool
    @usableFromInline let make: (Key, Left?, Right?) -> Output

    /// - Parameter make: is handed nil for the side that has no partner, where the other is kept.
    @inlinable init(
        _ task: TaskScope,
        keepsLeft: Bool = false,
        keepsRight: Bool = false,
        make: @escaping (Key, Left?, Right?) -> Output
    ) {
        self.task = task
        self.keepsLeft = keepsLeft
        self.keepsRight = keepsRight
        self.make = make
    }

    /// Opens both sides of a step's input, the right one first.
    @inlinable func open(_ input: OperatorInput) throws -> Stream<Output> {
        let right = try input.elements(of: Pair<Key, Right>.self, parent: 1, sharing: TextSharing())
        return try self.gatheringRight.open(right) {
            try input.elements(of: Pair<Key, Left>.self, parent: 0, sharing: TextSharing())
        }
    }

    @inlinable var gatheringRight: HashMeeting<Key, Right, Left, Output> {
        HashMeeting(
            self.task,
            turned: { right, left, level in try self.gatheringLeft.open(left, { right }, level: level) },
            meet: { pair, rights, _, joined in
                guard let rights else {
                    if self.keepsLeft { joined.append(self.make(pair.key, pair.value, nil)) }
                    return
                }
                for right in rights { joined.append(self.make(pair.key, pair.value, right)) }
            },
            remain: self.keepsRight
                ? { key, rights, joined in
                    for right in rights { joined.append(self.make(key, nil, right)) }
                } : nil
        )
    }

    @inlinable var gatheringLeft: HashMeeting<Key, Left, Right, Output> {
        HashMeeting(
            self.task,
            turned: { left, right, level in try self.gatheringRight.open(right, { left }, level: level) },
            meet: { pair, lefts, _, joined in
                guard let lefts else {
                    if self.keepsRight { joined.append(self.make(pair.key, nil, pair.value)) }
                    return
                }
                for left in lefts { joined.append(self.make(pair.key, left, pair.value)) }
            },
            remain: self.keepsLeft
                ? { key, lefts, joined in
                    for left in lefts { joined.append(self.make(key, left, nil)) }
                } : nil
        )
    }
}
