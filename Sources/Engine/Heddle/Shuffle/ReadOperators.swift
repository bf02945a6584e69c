/// What was written for a partition, as it comes.
@usableFromInline struct ElementReadOperator<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.elements(of: Element.self, sharesText: true)
    }
}

/// Values of equal keys put together two by two.
@usableFromInline struct ReduceReadOperator<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let combine = input.function(as: ((Value, Value) throws -> Value).self)
        let pairs = try input.elements(of: Pair<Key, Value>.self)
        return try HashReduction(input.task, combine).open(pairs)
    }
}

/// All values of a key as one array.
@usableFromInline struct GroupReadOperator<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try HashGrouping<Key, Value>(input.task).open(input.elements(of: Pair<Key, Value>.self, sharesText: true))
    }
}

/// Every element once.
@usableFromInline struct DistinctReadOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try HashDistinct<Element>(input.task).open(input.elements(of: Element.self))
    }
}

/// The values of a key in two datasets.
@usableFromInline struct CogroupReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try HashCogrouping<Key, Left, Right>(input.task).open(
            input.elements(of: Pair<Key, Left>.self, parent: 0, sharesText: true),
            input.elements(of: Pair<Key, Right>.self, parent: 1, sharesText: true)
        )
    }
}

/// Every value of the left with every one of the right that has its key.
@usableFromInline struct JoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let meeting = HashMeeting<Key, Right, Left, [Right], Pair<Key, Pair<Left, Right>>>(
            input.task,
            take: { $1.add($0) },
            untake: { $0 },
            meet: { pair, rights, joined in
                for right in rights ?? [] { joined.append(Pair(pair.key, Pair(pair.value, right))) }
            }
        )
        return try meeting.open(input.elements(of: Pair<Key, Right>.self, parent: 1, sharesText: true)) {
            try input.elements(of: Pair<Key, Left>.self, parent: 0, sharesText: true)
        }
    }
}

/// `join` with every pair of the left; nil stands for what the right has not.
@usableFromInline struct LeftJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let meeting = HashMeeting<Key, Right, Left, [Right], Pair<Key, Pair<Left, Right?>>>(
            input.task,
            take: { $1.add($0) },
            untake: { $0 },
            meet: { pair, rights, joined in
                guard let rights else {
                    joined.append(Pair(pair.key, Pair(pair.value, nil)))
                    return
                }
                for right in rights { joined.append(Pair(pair.key, Pair(pair.value, right))) }
            }
        )
        return try meeting.open(input.elements(of: Pair<Key, Right>.self, parent: 1, sharesText: true)) {
            try input.elements(of: Pair<Key, Left>.self, parent: 0, sharesText: true)
        }
    }
}

/// `join` with every pair of the right; nil stands for what the left has not.
@usableFromInline struct RightJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let meeting = HashMeeting<Key, Left, Right, [Left], Pair<Key, Pair<Left?, Right>>>(
            input.task,
            take: { $1.add($0) },
            untake: { $0 },
            meet: { pair, lefts, joined in
                guard let lefts else {
                    joined.append(Pair(pair.key, Pair(nil, pair.value)))
                    return
                }
                for left in lefts { joined.append(Pair(pair.key, Pair(left, pair.value))) }
            }
        )
        return try meeting.open(input.elements(of: Pair<Key, Left>.self, parent: 0, sharesText: true)) {
            try input.elements(of: Pair<Key, Right>.self, parent: 1, sharesText: true)
        }
    }
}

/// `join` with the keys of either side; nil stands for what the other has not.
@usableFromInline struct OuterJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    /// Values of the right, and whether the left had their key.
    @usableFromInline typealias Kept = Pair<[Right], Bool>

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let meeting = HashMeeting<Key, Right, Left, Kept, Pair<Key, Pair<Left?, Right?>>>(
            input.task,
            take: { right, kept in
                if kept?.key.append(right) == nil { kept = Pair([right], false) }
            },
            untake: { $0.key },
            meet: { pair, kept, joined in
                kept?.value = true
                guard let rights = kept?.key else {
                    joined.append(Pair(pair.key, Pair(pair.value, nil)))
                    return
                }
                for right in rights { joined.append(Pair(pair.key, Pair(pair.value, right))) }
            },
            remain: { key, kept, joined in
                if kept.value { return }
                for right in kept.key { joined.append(Pair(key, Pair(nil, right))) }
            }
        )
        return try meeting.open(input.elements(of: Pair<Key, Right>.self, parent: 1, sharesText: true)) {
            try input.elements(of: Pair<Key, Left>.self, parent: 0, sharesText: true)
        }
    }
}

/// Pairs of the left whose key the right has not.
@usableFromInline struct SubtractReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let meeting = HashMeeting<Key, Bool, Left, Bool, Pair<Key, Left>>(
            input.task,
            take: { $1 = $0 },
            untake: { [$0] },
            meet: { pair, isKnown, kept in if isKnown == nil { kept.append(pair) } }
        )
        let known = try input.elements(of: Pair<Key, Right>.self, parent: 1).mapped { Pair($0.key, true) }
        return try meeting.open(known) { try input.elements(of: Pair<Key, Left>.self, parent: 0, sharesText: true) }
    }
}

/// Elements of the left that the right has (`keepsCommon`) or has not, each as often as the left has it, or once.
@usableFromInline struct SetReadOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let keepsCommon = try input.value(0, as: Bool.self)
        // What is kept: whether the element was given already.
        let meeting = HashMeeting<Element, Bool, Bool, Bool, Element>(
            input.task,
            take: { _, isGiven in isGiven = false },
            untake: { [$0] },
            meet: { pair, isGiven, kept in
                guard (isGiven != nil) == keepsCommon, isGiven != true else { return }
                if keepsCommon { isGiven = true }
                kept.append(pair.key)
            }
        )
        let right = try input.elements(of: Element.self, parent: 1).mapped { Pair($0, true) }
        return try meeting.open(right) {
            try input.elements(of: Element.self, parent: 0).mapped { Pair($0, true) }
        }
    }
}

extension Optional {
    /// Appends to an array that may not be there yet.
    @inlinable mutating func add<Element>(_ element: Element) where Wrapped == [Element] {
        if self?.append(element) == nil { self = [element] }
    }
}
