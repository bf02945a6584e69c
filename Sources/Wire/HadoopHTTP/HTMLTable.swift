/// A table of escaped cells.
package struct HTMLTable: Sendable {
    private var columns: [String]
    private var rows: [[HTMLText]]

    /// - Parameter columns: headings; when all are empty the table has none.
    package init(columns: [String], rows: [[HTMLText]]) {
        self.columns = columns
        self.rows = rows
    }

    package func render(ifEmpty text: String) -> HTMLText {
        guard !self.rows.isEmpty else { return "<p class=\"none\">\(text)</p>" }
        var table: HTMLText = "<div class=\"wide\"><table>\n"
        if self.columns.contains(where: { !$0.isEmpty }) {
            table += "<thead><tr>"
            for column in self.columns { table += "<th>\(column)</th>" }
            table += "</tr></thead>\n"
        }
        table += "<tbody>\n"
        for row in self.rows {
            table += "<tr>"
            for cell in row { table += cell.isShort ? "<td class=\"whole\">\(cell)</td>" : "<td>\(cell)</td>" }
            table += "</tr>\n"
        }
        table += "</tbody></table></div>\n"
        return table
    }
}

extension HTMLText {
    /// Ids, times and numbers stay on one line; long texts (diagnostics, health reports) may break anywhere.
    fileprivate var isShort: Bool {
        // What stands between the marks of markup is what is seen.
        var seen = 0
        var isMarkup = false
        for byte in self.description.utf8 {
            switch byte {
            case UInt8(ascii: "<"): isMarkup = true
            case UInt8(ascii: ">"): isMarkup = false
            default: seen += isMarkup ? 0 : 1
            }
        }
        return seen <= 48
    }
}
