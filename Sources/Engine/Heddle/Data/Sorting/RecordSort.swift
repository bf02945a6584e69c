extension Array {
    /// Sorts by keys; elements with equal keys stay in their order. Of numbers, what is not a number comes last among small
    /// ones first, and first otherwise.
    ///
    /// Integers, fractions and texts are sorted by digits of eight bytes of the key, all else by comparing. Takes 32 bytes
    /// an element and once more the elements' own size while it runs.
    /// - Parameters:
    ///   - order: how keys are ordered.
    ///   - key: the key of an element; called once for each, and again where eight bytes do not decide.
    /// - Throws: what `key` throws; the elements are where they were then.
    @inlinable public mutating func sortStably<Key>(
        _ order: KeyOrder<Key> = KeyOrder(),
        by key: (Element) throws -> Key
    ) rethrows {
        guard self.count > 1 else { return }
        let count = self.count
        try unsafe self.withUnsafeMutableBufferPointer { elements in
            guard let base = elements.baseAddress else { return }
            let items = UnsafeMutablePointer<SortItem>.allocate(capacity: count)
            defer { unsafe items.deallocate() }
            var isSorted = true
            var before: UInt64 = 0
            for index in 0..<count {
                let prefix = unsafe order.prefix(of: try key(base[index]))
                unsafe (items + index).initialize(to: SortItem(prefix: prefix, index: index))
                if prefix < before || (prefix == before && !order.isDecided && index > 0) { isSorted = false }
                before = prefix
            }
            if isSorted { return }
            let scratch = UnsafeMutablePointer<SortItem>.allocate(capacity: count)
            unsafe RadixSort.sort(items, scratch, count)
            unsafe scratch.deallocate()
            if !order.isDecided {
                try unsafe RadixSort.eachTie(items, count) { ties in
                    try unsafe ties.sort { left, right in
                        let (first, second) = unsafe (try key(base[left.index]), try key(base[right.index]))
                        if order.precedes(first, second) { return true }
                        return order.precedes(second, first) ? false : left.index < right.index
                    }
                }
            }
            unsafe RadixSort.rearrange(base, by: items, count)
        }
    }
}

/// What is sorted in place of an element.
@frozen @usableFromInline struct SortItem: BitwiseCopyable {
    @usableFromInline var prefix: UInt64
    @usableFromInline var index: Int

    @inlinable init(prefix: UInt64, index: Int) {
        self.prefix = prefix
        self.index = index
    }
}

/// Sorts numbers by digits of eleven bits: the highest that differ, as many as tell most of them apart, from the lowest of
/// those up. Runs that these digits do not tell apart are sorted by the digits below.
@usableFromInline enum RadixSort {
    private static let digitBits = 11
    /// Runs up to this long are sorted by comparing: by insertion, and by Swift's own sort where counting 2,048 digits would
    /// take longer.
    private static let shortRun = 32
    private static let middleRun = 256

    @usableFromInline @unsafe static func sort(
        _ items: UnsafeMutablePointer<SortItem>,
        _ scratch: UnsafeMutablePointer<SortItem>,
        _ count: Int
    ) {
        if count <= Self.shortRun {
            unsafe Self.insertionSort(items, count)
            return
        }
        if count <= Self.middleRun {
            var run = unsafe UnsafeMutableBufferPointer(start: items, count: count)
            unsafe run.sort { $0.prefix != $1.prefix ? $0.prefix < $1.prefix : $0.index < $1.index }
            return
        }
        var difference: UInt64 = 0
        let first = unsafe items[0].prefix
        for index in 1..<count { difference |= unsafe items[index].prefix ^ first }
        guard difference != 0 else { return }
        let bits = 64 - difference.leadingZeroBitCount
        let wanted = (64 - UInt64(count).leadingZeroBitCount) + 2
        let passes = (min(bits, wanted) + Self.digitBits - 1) / Self.digitBits
        let lowest = max(bits - passes * Self.digitBits, 0)
        unsafe Self.passes(items, scratch, count, from: lowest, passes)
        guard lowest > 0 else { return }
        var start = 0
        while start < count {
            let high = unsafe items[start].prefix >> UInt64(lowest)
            var end = start + 1
            while end < count, unsafe items[end].prefix >> UInt64(lowest) == high { end += 1 }
            if end - start > 1 { unsafe Self.sort(items + start, scratch + start, end - start) }
            start = end
        }
    }

    /// Sorts by some digits, stably; the result is where the items were.
    @unsafe private static func passes(
        _ items: UnsafeMutablePointer<SortItem>,
        _ scratch: UnsafeMutablePointer<SortItem>,
        _ count: Int,
        from lowest: Int,
        _ passes: Int
    ) {
        var from = unsafe items
        var to = unsafe scratch
        let size = 1 << Self.digitBits
        let mask = UInt64(size - 1)
        unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: size) { places in
            for pass in 0..<passes {
                let shift = UInt64(lowest + pass * Self.digitBits)
                unsafe places.initialize(repeating: 0)
                for index in 0..<count {
                    unsafe places[Int(truncatingIfNeeded: from[index].prefix &>> shift & mask)] &+= 1
                }
                var sum = 0
                for digit in 0..<size {
                    let here = unsafe places[digit]
                    unsafe places[digit] = sum
                    sum &+= here
                }
                for index in 0..<count {
                    let item = unsafe from[index]
                    let digit = Int(truncatingIfNeeded: item.prefix &>> shift & mask)
                    unsafe to[places[digit]] = item
                    unsafe places[digit] &+= 1
                }
                unsafe swap(&from, &to)
            }
        }
        if unsafe from != items { unsafe items.update(from: from, count: count) }
    }

    @unsafe private static func insertionSort(_ items: UnsafeMutablePointer<SortItem>, _ count: Int) {
        for index in 1..<max(count, 1) {
            let item = unsafe items[index]
            var place = index
            while place > 0, unsafe items[place &- 1].prefix > item.prefix {
                unsafe items[place] = items[place &- 1]
                place &-= 1
            }
            unsafe items[place] = item
        }
    }

    /// Calls a closure with every run of more than one item whose numbers are the same.
    @inlinable @unsafe static func eachTie(
        _ items: UnsafeMutablePointer<SortItem>,
        _ count: Int,
        _ body: (inout UnsafeMutableBufferPointer<SortItem>) throws -> Void
    ) rethrows {
        var start = 0
        while start < count {
            let prefix = unsafe items[start].prefix
            var end = start &+ 1
            while end < count, unsafe items[end].prefix == prefix { end &+= 1 }
            if end &- start > 1 {
                var ties = unsafe UnsafeMutableBufferPointer(start: items + start, count: end &- start)
                try unsafe body(&ties)
            }
            start = end
        }
    }

    /// Moves elements to the places that the items have.
    @inlinable @unsafe static func rearrange<Element>(
        _ elements: UnsafeMutablePointer<Element>,
        by items: UnsafeMutablePointer<SortItem>,
        _ count: Int
    ) {
        let aside = UnsafeMutablePointer<Element>.allocate(capacity: count)
        unsafe aside.moveInitialize(from: elements, count: count)
        for index in 0..<count {
            unsafe (elements + index).initialize(to: (aside + items[index].index).move())
        }
        unsafe aside.deallocate()
    }
}
