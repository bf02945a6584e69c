/// A Swift function value as it lies in memory: where its code is, and what it captured.
///
/// A literal that captures nothing has no context, and its code stands at the same place of the same program in every
/// process. That is all the engine needs to run it elsewhere: no closure is ever serialised.
@frozen public struct FunctionWords: Sendable {
    @usableFromInline var code: UInt
    @usableFromInline var context: UInt

    /// - Precondition: `Function` is a function type of the ordinary convention.
    @inlinable init<Function>(_ function: Function) {
        precondition(MemoryLayout<Function>.size == MemoryLayout<FunctionWords>.size)
        self = unsafe unsafeBitCast(function, to: FunctionWords.self)
    }

    @inlinable var capturesNothing: Bool { self.context == 0 }

    /// - Precondition: the code was that of a function of this type.
    @inlinable func function<Function>(as type: Function.Type) -> Function {
        unsafe unsafeBitCast(self, to: type)
    }
}
