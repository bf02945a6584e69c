/// Word count with nothing but bytes and a table for it alone: the measure of what is left to gain.
@safe package final class BareWords: @unchecked Sendable {
    private struct Slot {
        var hash: UInt64
        var start: Int
        var length: Int
        var count: Int
    }

    private static let size = 1 << 18

    private let bytes: UnsafeRawBufferPointer
    private let slots: UnsafeMutablePointer<Slot>
    /// How many different words there are.
    package private(set) var distinct = 0

    /// Counts the words of a part of the bytes, which outlive this.
    @unsafe package init(counting bytes: UnsafeRawBufferPointer, in range: Range<Int>? = nil) {
        unsafe self.bytes = bytes
        unsafe self.slots = UnsafeMutablePointer<Slot>.allocate(capacity: Self.size)
        unsafe self.slots.initialize(repeating: Slot(hash: 0, start: 0, length: 0, count: 0), count: Self.size)
        self.count(in: range ?? 0..<bytes.count)
    }

    deinit { unsafe self.slots.deallocate() }

    /// How many words there are.
    package var total: Int { (0..<Self.size).reduce(0) { unsafe $0 + self.slots[$1].count } }

    /// Takes the words of another part of the same bytes.
    package func merge(_ other: BareWords) {
        for index in 0..<Self.size {
            let slot = unsafe other.slots[index]
            if slot.count > 0 { self.add(slot) }
        }
    }

    /// How many words bytes have, different or not.
    @unsafe package static func count(in bytes: UnsafeRawBufferPointer) -> Int {
        var (count, isInside) = (0, false)
        for index in 0..<bytes.count {
            let isSpace = unsafe bytes[index] <= 0x20
            if isInside && isSpace { count &+= 1 }
            isInside = !isSpace
        }
        return isInside ? count + 1 : count
    }

    private func count(in range: Range<Int>) {
        var (start, hash) = (range.lowerBound, UInt64(0xCBF2_9CE4_8422_2325))
        for index in range.lowerBound...range.upperBound {
            let byte = index == range.upperBound ? 0x20 : unsafe self.bytes[index]
            if byte > 0x20 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
                continue
            }
            if index > start { self.add(Slot(hash: hash, start: start, length: index - start, count: 1)) }
            start = index + 1
            hash = 0xCBF2_9CE4_8422_2325
        }
    }

    @inline(__always) private func add(_ new: Slot) {
        var place = Int(truncatingIfNeeded: new.hash >> 32) & (Self.size - 1)
        while true {
            let found = unsafe self.slots + place
            if unsafe found.pointee.count == 0 {
                unsafe found.initialize(to: new)
                self.distinct += 1
                precondition(self.distinct < Self.size / 2, "more words than the table is made for")
                return
            }
            if unsafe found.pointee.hash == new.hash, unsafe found.pointee.length == new.length,
                unsafe self.isSame(found.pointee.start, new.start, new.length)
            {
                unsafe found.pointee.count &+= new.count
                return
            }
            place = (place + 1) & (Self.size - 1)
        }
    }

    @inline(__always) private func isSame(_ left: Int, _ right: Int, _ count: Int) -> Bool {
        for offset in 0..<count {
            if unsafe self.bytes[left &+ offset] != self.bytes[right &+ offset] { return false }
        }
        return true
    }
}
