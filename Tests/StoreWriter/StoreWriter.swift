import Foundation

/// What tests of the store run in a process of its own: `killed STORE JOURNAL COUNT` ends by SIGKILL after that many
/// acknowledged commits, `full-disk STORE` ends well.
@main struct StoreWriter {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        switch (words.first, words.count) {
        case ("killed", 4):
            try KilledWriter.run(store: words[1], journal: words[2], dieAfter: Int(words[3]) ?? 0)
        case ("full-disk", 2): try await FullDisk.run(store: words[1])
        default: exit(2)
        }
    }
}
