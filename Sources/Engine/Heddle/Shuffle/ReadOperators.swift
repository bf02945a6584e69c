/// What was written for a partition, as it comes.
@usableFromInline struct ElementReadOperator<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.elements(of: Element.self, sharing: TextSharing())
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

/// All values of a key.
@usableFromInline struct GroupReadOperator<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let sharing = TextSharing()
        let pairs = try input.elements(of: Pair<Key, Value>.self, sharing: sharing)
        return try HashCogrouping<Key, Value, Bool>(input.task, sharing).open(pairs, Stream([]))
            .mapped { Pair($0.key, $0.value.key) }
    }
}

/// Every element once.
@usableFromInline struct DistinctReadOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let elements = try input.elements(of: Element.self).mapped { Pair($0, true) }
        return try HashReduction<Element, Bool>(input.task) { seen, _ in seen }.open(elements).mapped { $0.key }
    }
}

/// The values of a key in two datasets.
@usableFromInline struct CogroupReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let sharing = TextSharing()
        return try HashCogrouping<Key, Left, Right>(input.task, sharing).open(
            input.elements(of: Pair<Key, Left>.self, parent: 0, sharing: sharing),
            input.elements(of: Pair<Key, Right>.self, parent: 1, sharing: sharing)
        )
    }
}

/// Every value of the left with every one of the right that has its key.
@usableFromInline struct JoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        // Neither side is kept, so both are there.
        try HashJoin<Key, Left, Right, _>(input.task) { key, left, right in
            unsafe Pair(key, Pair(left.unsafelyUnwrapped, right.unsafelyUnwrapped))
        }.open(input)
    }
}

/// `join` with every pair of the left; nil stands for what the right has not.
@usableFromInline struct LeftJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try HashJoin<Key, Left, Right, _>(input.task, keepsLeft: true) { key, left, right in
            unsafe Pair(key, Pair(left.unsafelyUnwrapped, right))
        }.open(input)
    }
}

/// `join` with every pair of the right; nil stands for what the left has not.
@usableFromInline struct RightJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try HashJoin<Key, Left, Right, _>(input.task, keepsRight: true) { key, left, right in
            unsafe Pair(key, Pair(left, right.unsafelyUnwrapped))
        }.open(input)
    }
}

/// `join` with the keys of either side; nil stands for what the other has not.
@usableFromInline struct OuterJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try HashJoin<Key, Left, Right, _>(input.task, keepsLeft: true, keepsRight: true) { key, left, right in
            Pair(key, Pair(left, right))
        }.open(input)
    }
}

/// Pairs of the left whose key the right has not.
@usableFromInline struct SubtractReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let meeting = HashMeeting<Key, Bool, Left, Pair<Key, Left>>(
            input.task,
            keepsOne: true,
            meet: { pair, known, _, kept in if known == nil { kept.append(pair) } }
        )
        let known = try input.elements(of: Pair<Key, Right>.self, parent: 1).mapped { Pair($0.key, true) }
        return try meeting.open(known) {
            try input.elements(of: Pair<Key, Left>.self, parent: 0, sharing: TextSharing())
        }
    }
}

/// Elements of the left that the right has (`keepsCommon`) or has not, each as often as the left has it, or once.
@usableFromInline struct SetReadOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let keepsCommon = try input.value(0, as: Bool.self)
        let meeting = HashMeeting<Element, Bool, Bool, Element>(
            input.task,
            keepsOne: true,
            meet: { pair, known, isFirst, kept in
                if (known != nil) == keepsCommon && (isFirst || !keepsCommon) { kept.append(pair.key) }
            }
        )
        let right = try input.elements(of: Element.self, parent: 1).mapped { Pair($0, true) }
        return try meeting.open(right) {
            try input.elements(of: Element.self, parent: 0).mapped { Pair($0, true) }
        }
    }
}
