/// The usage text of a command with dashed options, laid out as Hadoop lays it out: options in a column, help wrapped
/// at 74 columns.
package func usageText(_ command: String, _ options: [DashedOptions.Option]) -> String {
    let options = options.sorted { $0.name.lowercased() < $1.name.lowercased() }
    let heads = options.map { option in
        option.arity == .none ? " -\(option.name)" : " -\(option.name) <\(option.placeholder)>"
    }
    let indent = (heads.map(\.count).max() ?? 0) + 3
    var text = "usage: \(command)\n"
    for (head, option) in zip(heads, options) {
        var line = padded(head, to: indent)
        for word in option.help.split(separator: " ") {
            if line.count + word.count > usageWidth, line.count > indent {
                text += trimmedEnd(line) + "\n"
                line = padded("", to: indent)
            }
            line += word + " "
        }
        text += trimmedEnd(line) + "\n"
    }
    return text
}

/// Columns that Hadoop's commands fill.
private let usageWidth = 74

private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

private func trimmedEnd(_ text: String) -> String {
    String(text.reversed().drop { $0 == " " }.reversed())
}
