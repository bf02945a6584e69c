extension AggregationTable {
    /// The number of a key's entry, if it is there.
    @inlinable @inline(__always) borrowing func number(of key: Key) -> Int? {
        let hash = self.hash(key)
        var place = Int(truncatingIfNeeded: hash) & self.mask
        while true {
            let found = unsafe self.places[place]
            if found == 0 { return nil }
            if UInt32(truncatingIfNeeded: found) == UInt32(truncatingIfNeeded: hash) {
                let number = Int(truncatingIfNeeded: found &>> 32) &- 1
                if unsafe self.entries[number].key == key { return number }
            }
            place = (place &+ 1) & self.mask
        }
    }

    /// The value of a key, if it is there.
    @inlinable public borrowing func value(for key: Key) -> Value? {
        guard let number = self.number(of: key) else { return nil }
        return unsafe self.entries[number].value
    }

    /// Changes the value of a key, if it is there.
    /// - Returns: whether it is.
    @inlinable public mutating func update(_ key: Key, _ change: (inout Value) throws -> Void) rethrows -> Bool {
        guard let number = self.number(of: key) else { return false }
        try unsafe change(&self.entries[number].value)
        return true
    }

    /// The entry with a number from 0 to `count`, in the order in which keys came; one outside traps.
    @inlinable public subscript(position: Int) -> Entry {
        precondition(position >= 0 && position < self.filled, "no entry has that number")
        return unsafe self.entries[position]
    }

    /// Calls a closure with every entry, in the order in which keys came.
    @inlinable public borrowing func forEach(_ body: (Entry) throws -> Void) rethrows {
        for index in 0..<self.filled { try unsafe body(self.entries[index]) }
    }

    /// Calls a closure with every entry, in the order in which keys came, and leaves the table empty with the memory that it
    /// has. What the closure does not take is gone, also when it throws.
    @inlinable public mutating func drain(_ body: (consuming Entry) throws -> Void) rethrows {
        let count = self.filled
        // From here on the entries are not the table's.
        self.filled = 0
        self.outsideBytes = 0
        unsafe self.places.update(repeating: 0, count: self.mask &+ 1)
        for index in 0..<count {
            let entry = unsafe (self.entries + index).move()
            do {
                try body(entry)
            } catch {
                unsafe (self.entries + (index &+ 1)).deinitialize(count: count &- index &- 1)
                throw error
            }
        }
    }

    /// All entries, in the order in which keys came; the table is empty afterwards.
    @inlinable public mutating func removeAll() -> [Entry] {
        let count = self.filled
        self.filled = 0
        self.outsideBytes = 0
        unsafe self.places.update(repeating: 0, count: self.mask &+ 1)
        return unsafe [Entry](unsafeUninitializedCapacity: count) { memory, filled in
            if let base = memory.baseAddress { unsafe base.moveInitialize(from: self.entries, count: count) }
            filled = count
        }
    }
}
