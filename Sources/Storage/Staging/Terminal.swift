import Glibc

/// A terminal that progress is shown on.
package enum Terminal {
    /// Where the terminal does not say how wide it is.
    private static let usualColumns = 80

    /// Columns for a line, asked each time since windows change; the last one stays free, where some terminals begin a new line.
    package static func width(of descriptor: CInt = STDERR_FILENO) -> Int {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else {
            return Self.usualColumns - 1
        }
        return Int(size.ws_col) - 1
    }
}
