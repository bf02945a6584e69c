extension RDD where Element == Text {
    /// The lines that a command makes of the lines of each partition.
    ///
    /// - Parameters:
    ///   - command: the program, looked for in PATH, and its arguments. It is run once for each partition, by no shell; for
    ///     one say `["sh", "-c", "..."]`. Ends it with another exit status than 0, the task fails.
    ///   - environment: what is set besides the executor's own environment.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    public func pipe(
        _ command: [String],
        environment: [String: String] = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Text> {
        let step = Step("pipe", at: SourceSite(file, line), PipeOperator.self) { try PipeOperator.open($0) }
        return self.deriving(step.passing(PipedCommand(words: command, environment: environment)))
    }
}

extension RDD where Element: CustomStringConvertible {
    /// The lines that a command makes of the descriptions of each partition's elements; as `pipe` of texts.
    @inlinable @_disfavoredOverload public func pipe(
        _ command: [String],
        environment: [String: String] = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Text> {
        self.lines("pipe", at: SourceSite(file, line)).pipe(command, environment: environment, file: file, line: line)
    }

    /// The elements' descriptions.
    @inlinable func lines(_ operation: String, at site: SourceSite) -> RDD<Text> {
        let step = Step(operation, at: site, DescribingOperator<Element>.self) {
            try DescribingOperator<Element>.open($0)
        }
        return self.deriving(step)
    }
}

struct PipedCommand: Codable, Sendable {
    var words: [String]
    var environment: [String: String]
}

@usableFromInline struct DescribingOperator<Element: CustomStringConvertible>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.stream(of: Element.self).mapped { Text($0.description) }
    }
}

@usableFromInline struct PipeOperator: Operator {
    @usableFromInline static func open(_ input: OperatorInput) throws -> AnyObject {
        let command = try input.value(as: PipedCommand.self)
        let parent = try input.stream(of: Text.self)
        let task = input.task
        let process = try PipedProcess(command.words, environment: command.environment) { try task.checkCancellation() }
        let lines = LineReader(ProcessOutput(process, parent), start: 0, end: .max)
        return Stream<Text> { batch in
            batch.removeAll(keepingCapacity: true)
            return try lines.next(into: &batch)
        }
    }
}

/// What a command says while it is fed with lines.
private final class ProcessOutput: BlockSource {
    private let process: PipedProcess
    private let lines: Stream<Text>
    private var batch: [Text] = []
    private var piece: ArraySlice<UInt8> = []

    init(_ process: PipedProcess, _ lines: Stream<Text>) {
        self.process = process
        self.lines = lines
    }

    func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        if self.piece.isEmpty { self.piece = try self.process.read { try self.more() }[...] }
        let count = min(memory.count, self.piece.count)
        unsafe memory.copyBytes(from: self.piece.prefix(count))
        self.piece = self.piece.dropFirst(count)
        return count
    }

    private func more() throws -> [UInt8]? {
        guard try self.lines.next(into: &self.batch) else { return nil }
        var bytes: [UInt8] = []
        for line in self.batch {
            unsafe line.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            bytes.append(10)
        }
        return bytes
    }
}
