internal import CLinux
internal import Glibc
internal import Synchronization

/// The variables of the program's `main.swift`: what closures must not read.
///
/// An executor is another process of the program, which never comes past `HeddleContext()`. A closure that reads a variable
/// that was set below captures nothing, and no compiler warns of it; it would read zeros there. So before a job begins the
/// code of its closures is searched for the places of such variables. One that still has the value that the program was loaded
/// with is the same everywhere.
enum ProgramVariables {
    /// For each piece of code that was asked for: the variables that it reads, by their places in the program's table.
    private static let known = Mutex<[UInt: [Int]]>([:])
    private static let count = heddle_variable_count()

    /// Whether there are any.
    static var exist: Bool { self.count > 0 }

    /// - Parameter code: an offset in the program.
    /// - Returns: the name of a variable that the function reads, itself or through others of its module, and that was set
    ///   while the program ran; nil if there is none, or the program's symbols were stripped.
    static func setVariable(readBy code: UInt) -> String? {
        guard let address = ProgramImage.code(at: code) else { return nil }
        let reads = self.known.withLock { known in
            if let reads = known[code] { return reads }
            let reads = self.search(address)
            known[code] = reads
            return reads
        }
        return reads.first { heddle_variable_was_set($0) != 0 }.map { self.name(of: $0) }
    }

    private static func search(_ address: UInt) -> [Int] {
        var flags = [UInt8](repeating: 0, count: self.count)
        guard unsafe heddle_variables_read_by(address, &flags) == 0 else { return [] }
        return flags.indices.filter { flags[$0] != 0 }
    }

    /// The name as the program's source has it: `threshold`, `Settings.limit`.
    private static func name(of index: Int) -> String {
        guard let mangled = unsafe heddle_variable_name(index) else { return "" }
        guard let text = unsafe heddle_demangled(mangled) else { return unsafe String(cString: mangled) }
        defer { unsafe free(text) }
        // `static Main.Settings.limit : Swift.Int`; what is private to a file as `Main.(limit in _ABC) : Swift.Int`.
        let pieces = unsafe String(cString: text).split(separator: " in _")
        let path = pieces.prefix(1) + pieces.dropFirst().map { $0.drop { $0 != ")" }.dropFirst() }
        let declaration = path.joined().prefix { $0 != ":" }.split(separator: " ").last ?? ""
        return declaration.split(separator: ".").dropFirst().joined(separator: ".").filter { $0 != "(" }
    }
}

extension PlannedStep {
    /// - Returns: why the step cannot run in another process, where a closure of it reads what only this one knows.
    var variableFault: GraphFault? {
        guard ProgramVariables.exist else { return nil }
        var code = self.functions.flatMap(\.places)
        if let kernel = self.kernel.offset { code.append(kernel) }
        let name = code.lazy.compactMap { ProgramVariables.setVariable(readBy: $0) }.first
        return name.map { .programVariable($0, operation: self.operation, site: self.site) }
    }
}

extension FunctionReference {
    /// Where its code is, and that of functions which a thunk of the compiler's holds.
    fileprivate var places: [UInt] { [self.code] + (self.context?.functions ?? []).flatMap(\.places) }
}
