/// One process as /proc/N/stat shows it.
package struct ProcessStatus: Sendable, Hashable {
    package var number: Int32
    package var name: String
    package var state: UInt8
    package var parent: Int32
    package var group: Int32
    package var session: Int32
    /// Clock ticks (1/100 s on Linux) in user code and in the kernel.
    package var userTicks: UInt64
    package var systemTicks: UInt64
    /// Clock ticks from the machine's start to the process's.
    package var startTicks: UInt64
    package var virtualBytes: UInt64
    package var residentPages: UInt64

    package var identity: ProcessIdentity { ProcessIdentity(number: self.number, startTicks: self.startTicks) }

    /// Time in user code and in the kernel, in milliseconds.
    package var userMilliseconds: UInt64 { self.userTicks * 1000 / ProcessTree.ticksPerSecond }
    package var systemMilliseconds: UInt64 { self.systemTicks * 1000 / ProcessTree.ticksPerSecond }

    /// A zombie: it has ended and waits for its parent to notice.
    package var hasEnded: Bool { self.state == UInt8(ascii: "Z") || self.state == UInt8(ascii: "X") }

    /// Reads the state of one process; nil if it is gone.
    package static func read(_ number: Int32) -> ProcessStatus? {
        readSmallFileBytes("/proc/\(number)/stat", maximum: 4096).flatMap { ProcessStatus(statLine: $0) }
    }

    /// Reads one line of the form `number (name) state parent group session ...`.
    /// - Returns: nil if the line does not have that form.
    package init?(statLine line: [UInt8]) {
        // The name may hold spaces and parentheses: it ends at the last closing one.
        guard let open = line.firstIndex(of: UInt8(ascii: "(")), let close = line.lastIndex(of: UInt8(ascii: ")")),
            open < close, let number = Self.integer(line[..<open])
        else { return nil }
        let fields = line[(close + 1)...].split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        // Field numbers of proc(5) count from 1 and include number and name: the state is field 3.
        func field(_ index: Int) -> Int64? {
            fields.count > index - 3 ? Self.integer(fields[index - 3]) : nil
        }
        guard let state = fields.first?.first, let parent = field(4), let group = field(5), let session = field(6),
            let userTicks = field(14), let systemTicks = field(15), let startTicks = field(22),
            let virtualBytes = field(23), let residentPages = field(24)
        else { return nil }
        self.number = Int32(truncatingIfNeeded: number)
        self.name = String(decoding: line[(open + 1)..<close], as: UTF8.self)
        self.state = state
        self.parent = Int32(truncatingIfNeeded: parent)
        self.group = Int32(truncatingIfNeeded: group)
        self.session = Int32(truncatingIfNeeded: session)
        self.userTicks = UInt64(clamping: userTicks)
        self.systemTicks = UInt64(clamping: systemTicks)
        self.startTicks = UInt64(clamping: startTicks)
        self.virtualBytes = UInt64(clamping: virtualBytes)
        self.residentPages = UInt64(clamping: residentPages)
    }

    private static func integer(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        var isNegative = false
        var count = 0
        for (position, digit) in digits.enumerated() {
            if position == 0, digit == UInt8(ascii: "-") {
                isNegative = true
                continue
            }
            if digit == UInt8(ascii: " ") { continue }
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            // vsize of a process can fill 64 bits only in theory; wrapping is better than refusing the line.
            value = value &* 10 &+ Int64(digit - UInt8(ascii: "0"))
            count += 1
        }
        guard count > 0 else { return nil }
        return isNegative ? -value : value
    }
}
