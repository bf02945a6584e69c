/// When an executor gives memory that it freed back to the system.
///
/// An allocator keeps what a thread freed for that thread. Tasks that ran at a time with others leave theirs to threads that may
/// not be needed again, and so an executor would in time have a multiple of what its tasks hold.
package struct MemoryReturn: Hashable, Sendable {
    /// What the executor was given in all, in bytes.
    package var given: Int64
    /// What it has apart from what tasks and blocks hold, in bytes.
    package var reserved: Int64

    /// A task that never held so much has left nothing that is worth a look, in bytes.
    private static let noticeable: Int64 = 8 << 20

    package init(given: Int64, reserved: Int64) {
        self.given = given
        self.reserved = reserved
    }

    /// Whether to look at what the process has, after a task that held so much at most.
    package func isWorthALook(after most: Int64) -> Bool { most >= Self.noticeable }

    /// - Parameters:
    ///   - resident: what the process has for itself.
    ///   - held: what tasks and blocks hold.
    package func isDue(resident: Int64, held: Int64) -> Bool {
        resident > self.given / 2 && resident - held > self.reserved
    }
}
