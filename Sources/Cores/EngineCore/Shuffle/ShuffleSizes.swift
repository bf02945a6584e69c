/// The bytes that one map task wrote for each reduce partition, kept as a byte each: exact enough to balance fetches.
/// Above 2000 partitions only their mean and those far above it are kept.
package struct ShuffleSizes: Sendable, Equatable {
    /// As many reduce partitions as still get a byte each.
    package static let exactPartitions = 2000

    private var form: Form
    package private(set) var totalBytes: Int64

    private enum Form: Sendable, Equatable {
        case each([UInt8])
        /// `empty` has a bit for each partition without data; `large` is sorted by partition.
        case mean(Int64, count: Int, empty: [UInt64], large: [Large])
    }

    private struct Large: Sendable, Equatable {
        var partition: Int32
        var code: UInt8
    }

    package init(_ bytes: [Int64]) {
        var total: Int64 = 0
        var filled: Int64 = 0
        for size in bytes {
            total += size
            filled += size > 0 ? 1 : 0
        }
        self.totalBytes = total
        guard bytes.count > Self.exactPartitions else {
            self.form = .each(bytes.map(Self.code))
            return
        }
        let mean = filled == 0 ? 0 : total / filled
        var empty = [UInt64](repeating: 0, count: (bytes.count + 63) / 64)
        var large: [Large] = []
        for (partition, size) in bytes.enumerated() {
            if size == 0 {
                empty[partition / 64] |= 1 << UInt64(partition % 64)
            } else if size / 5 > mean {
                large.append(Large(partition: Int32(partition), code: Self.code(size)))
            }
        }
        self.form = .mean(mean, count: bytes.count, empty: empty, large: large)
    }

    package var partitions: Int {
        switch self.form {
        case .each(let codes): codes.count
        case .mean(_, let count, _, _): count
        }
    }

    /// About as many bytes as were written for that partition; 0 only where there are none.
    package func bytes(of partition: Int) -> Int64 {
        switch self.form {
        case .each(let codes): return Self.bytes(codes[partition])
        case .mean(let mean, _, let empty, let large):
            if empty[partition / 64] & (1 << UInt64(partition % 64)) != 0 { return 0 }
            var low = 0
            var high = large.count
            while low < high {
                let middle = (low + high) / 2
                if large[middle].partition < Int32(partition) { low = middle + 1 } else { high = middle }
            }
            guard low < large.count, large[low].partition == Int32(partition) else { return mean }
            return Self.bytes(large[low].code)
        }
    }

    /// Upper bounds of the codes from 1 on, each an eighth above the one before.
    private static let bounds: [Int64] = {
        var bounds: [Int64] = [0]
        var bound: Int64 = 1
        while bounds.count < 256 {
            bounds.append(bound)
            bound = max(bound + 1, bound.addingReportingOverflow(bound / 8).partialValue)
        }
        return bounds
    }()

    private static func code(_ bytes: Int64) -> UInt8 {
        var low = 0
        var high = Self.bounds.count - 1
        while low < high {
            let middle = (low + high) / 2
            if Self.bounds[middle] < bytes { low = middle + 1 } else { high = middle }
        }
        return UInt8(low)
    }

    private static func bytes(_ code: UInt8) -> Int64 { Self.bounds[Int(code)] }
}
