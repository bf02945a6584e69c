/// The options of Hadoop's own commands: one dash and a long name, with values as words of their own
/// (`-appStates RUNNING`, `-kill application_1_0001 application_1_0002`). Two dashes and `-name=value` are read too.
package struct DashedOptions: Sendable, Equatable {
    /// How many values an option takes.
    package enum Arity: Sendable, Equatable {
        case none
        case one
        /// None or one: the following word, unless it is an option.
        case optional
        /// One or more: every following word that is no option.
        case many
    }

    /// One option that a command knows.
    package struct Option: Sendable, Equatable {
        package var name: String
        package var arity: Arity
        /// What stands for the value in the usage text.
        package var placeholder: String
        package var help: String

        package init(_ name: String, _ arity: Arity = .none, placeholder: String = "", help: String) {
            self.name = name
            self.arity = arity
            self.placeholder = placeholder
            self.help = help
        }
    }

    /// Why a command line was refused; `description` is Hadoop's text.
    package enum ParseError: Error, Sendable, Equatable, CustomStringConvertible {
        case unrecognized(String)
        case missingArgument(String)

        package var description: String {
            switch self {
            case .unrecognized(let option): "Unrecognized option: \(option)"
            case .missingArgument: "Missing argument for options"
            }
        }
    }

    private var values: [String: [String]] = [:]
    /// Words that belong to no option, in their order.
    package private(set) var rest: [String] = []

    /// - Throws: `ParseError` for an option that is not in `options` and for one without its value.
    package init(_ words: [String], options: [Option]) throws(ParseError) {
        var words = words[...]
        while let word = words.popFirst() {
            guard let (name, attached) = Self.optionName(word) else {
                self.rest.append(word)
                continue
            }
            guard let option = options.first(where: { $0.name == name }) else { throw .unrecognized(word) }
            var found: [String] = attached.map { [$0] } ?? []
            switch option.arity {
            case .none:
                break
            case .one:
                if found.isEmpty, let next = words.first, Self.optionName(next) == nil {
                    found.append(next)
                    words.removeFirst()
                }
                guard !found.isEmpty else { throw .missingArgument(name) }
            case .optional:
                if found.isEmpty, let next = words.first, Self.optionName(next) == nil {
                    found.append(next)
                    words.removeFirst()
                }
            case .many:
                while let next = words.first, Self.optionName(next) == nil {
                    found.append(next)
                    words.removeFirst()
                }
                guard !found.isEmpty else { throw .missingArgument(name) }
            }
            self.values[name, default: []] += found
        }
    }

    package func has(_ name: String) -> Bool { self.values[name] != nil }

    /// The last value given for the option.
    package func value(_ name: String) -> String? { self.values[name]?.last }

    /// All values of the option, in their order.
    package func all(_ name: String) -> [String] { self.values[name] ?? [] }

    /// The items of a comma-separated value, trimmed, without empty ones.
    package func list(_ name: String) -> [String] {
        self.all(name).flatMap { $0.split(separator: ",") }
            .map { $0.drop(while: \.isWhitespace) }
            .map { String($0.reversed().drop(while: \.isWhitespace).reversed()) }
            .filter { !$0.isEmpty }
    }

    /// The name and the attached value of `-name`, `--name` or `-name=value`; nil for a plain word and for a number.
    private static func optionName(_ word: String) -> (String, String?)? {
        guard word.hasPrefix("-"), word.utf8.count > 1 else { return nil }
        let body = word.drop { $0 == "-" }
        guard let first = body.first, !first.isNumber else { return nil }
        guard let equals = body.firstIndex(of: "=") else { return (String(body), nil) }
        return (String(body[..<equals]), String(body[body.index(after: equals)...]))
    }
}
