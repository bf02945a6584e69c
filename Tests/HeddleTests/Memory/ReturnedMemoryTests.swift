import ApplicationMaster
import CLinux
import EngineCore
import Testing

@testable import Heddle

/// Memory that tasks freed, and whether the system has it again.
@Suite struct ReturnedMemoryTests {
    private static let pieces = 64 << 10
    private static let pieceBytes = 1 << 10

    /// One of so many stays. An allocator keeps what is free between two of them for itself, wherever in its memory they lie.
    private static let kept = 64

    /// Ends a task that held as many bytes as `pieces` small pieces have, when it has freed nearly all of them.
    /// - Returns: by how much this process has less after the end of the task than before.
    private func returned(_ settings: MemorySettings) -> Int64 {
        let memory = ExecutorMemory(settings, evict: { _ in })
        memory.begin(task: 1)
        #expect(memory.reserve(Self.pieces * Self.pieceBytes, for: 1, sparing: nil))
        var pieces = (0..<Self.pieces).map { _ in [UInt8](repeating: 1, count: Self.pieceBytes) }
        let kept = stride(from: 0, to: Self.pieces, by: Self.kept).map { pieces[$0] }
        pieces = []
        let before = heddle_private_memory()
        memory.end(task: 1)
        let after = heddle_private_memory()
        withExtendedLifetime(kept) {}
        return before - after
    }

    @Test func `an executor with little memory gives back what a task freed`() throws {
        var settings = try MemorySettings(EngineProperties([:]), memory: 1024, cores: 1)
        settings.givesBack = MemoryReturn(given: 1, reserved: 1)
        #expect(self.returned(settings) > 32 << 20)
        // It was given plenty: what is freed is faster to use again than to ask for.
        settings.givesBack = MemoryReturn(given: 1 << 50, reserved: 1)
        #expect(self.returned(settings) < 32 << 20)
    }
}
