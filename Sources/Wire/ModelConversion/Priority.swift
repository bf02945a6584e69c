package import HadoopProtos

extension PriorityProto {
    /// A priority is a plain number inside; on the wire it has a message of its own.
    package init(_ number: Int32) {
        self.init()
        self.priority = number
    }
}
