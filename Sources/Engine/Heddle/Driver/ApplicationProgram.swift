internal import ApplicationMaster
internal import Glibc

/// One thing that a program can do on a cluster; `heddle submit --class` names it.
///
/// ```swift
/// struct WordCount: Application {
///     static let usage = "FILE"
///
///     static func run(_ arguments: [String], _ context: HeddleContext) async throws {
///         print(try await context.textFile(arguments[0]).flatMap { $0.words }.count())
///     }
/// }
/// ```
public protocol Application: SendableMetatype {
    /// What the command line has to say, for whoever gets it wrong.
    static var usage: String { get }

    /// Runs in the driver alone. The context is stopped afterwards.
    static func run(_ arguments: [String], _ context: HeddleContext) async throws
}

extension Application {
    public static var usage: String { "" }
}

/// A whole program: `@main struct Program: ApplicationProgram`. Its main does nothing in an executor but work for the driver, so
/// that nothing of the program runs there but closures.
public protocol ApplicationProgram {
    /// What it can do. Where there is one, the command line is all its; else `--class` of `heddle submit`, or the first
    /// argument, says which by the type's name.
    static var applications: [any Application.Type] { get }
}

/// The command line does not say what an application needs: the program prints its usage and ends with 2.
public struct WrongArguments: Error, CustomStringConvertible {
    public var description: String

    /// - Parameter description: what is wrong; may be empty.
    public init(_ description: String = "") { self.description = description }
}

extension ApplicationProgram {
    /// Exit codes: 0, 2 for a wrong command line, 101 for a `--class` that there is not, 1 for anything else that the application throws.
    @concurrent public static func main() async {
        do {
            try RemoteExecutor.takeOver()
            try MasterProcess.takeOver()
        } catch {
            Self.end("\(error)", 1)
        }
        var arguments = Array(CommandLine.arguments.dropFirst())
        let master = Self.take("--master", from: &arguments)
        let properties = EngineProperties(text: ExecutorEnvironment.variable(EngineProperties.variable) ?? "")
        let name = properties[.applicationClass]
        guard let application = Self.application(name, &arguments) else {
            if let name {
                Self.end("Failed to load class \(name). \(ProgramFile.path) has:\n\(Self.list)", Self.noClass)
            }
            Self.end(Self.usage, 2)
        }
        do {
            let context = try HeddleContext(master: master)
            // Dropped where the application throws: it then counts as failed if its last job did.
            try await application.run(arguments, context)
            context.stop()
        } catch let problem as WrongArguments {
            let reason = problem.description.isEmpty ? "" : "\(problem)\n"
            Self.end("\(reason)usage: \(Self.line(application))", 2)
        } catch {
            Self.end("\(error)", 1)
        }
    }

    /// `--master` of a program that was started by itself.
    private static func take(_ option: String, from arguments: inout [String]) -> String? {
        guard let place = arguments.firstIndex(of: option), place + 1 < arguments.count else { return nil }
        defer { arguments.removeSubrange(place...(place + 1)) }
        return arguments[place + 1]
    }

    /// spark-submit's exit code for a class that there is not.
    private static var noClass: Int32 { 101 }

    private static func application(_ name: String?, _ arguments: inout [String]) -> (any Application.Type)? {
        if let name { return Self.named(name) }
        if Self.applications.count == 1 { return Self.applications.first }
        guard let name = arguments.first, let found = Self.named(name) else { return nil }
        arguments.removeFirst()
        return found
    }

    /// By the type's name, with or without its module.
    private static func named(_ name: String) -> (any Application.Type)? {
        Self.applications.first { "\($0)" == name || String(reflecting: $0) == name }
    }

    private static func line(_ application: any Application.Type) -> String {
        let program = ProgramFile.path.split(separator: "/").last.map(String.init) ?? "program"
        let words = Self.applications.count == 1 ? [program] : [program, "\(application)"]
        return (words + [application.usage]).filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static var list: String { Self.applications.map { "  \(Self.line($0))" }.sorted().joined(separator: "\n") }

    private static var usage: String {
        "Say which application, and where it runs with --master MASTER (local[*] where it is not said):\n\(Self.list)"
    }

    private static func end(_ text: String, _ status: Int32) -> Never {
        StandardError.write(text)
        exit(status)
    }
}
