internal import CLinux

/// The running program's code, whose functions every process of the same program finds at the same offsets.
enum ProgramImage {
    /// Where the program lies in memory: differs from process to process.
    private static let range: Range<UInt> = {
        var (start, end): (UInt, UInt) = (0, 0)
        guard unsafe heddle_program_range(&start, &end) == 0 else { return 0..<0 }
        return start..<end
    }()

    /// - Returns: nil for code that is not the program's own, such as that of a shared library.
    static func offset(of code: UInt) -> UInt? {
        self.range.contains(code) ? code - self.range.lowerBound : nil
    }

    /// - Returns: nil for an offset outside of the program.
    static func code(at offset: UInt) -> UInt? {
        offset < UInt(self.range.count) ? self.range.lowerBound + offset : nil
    }
}
