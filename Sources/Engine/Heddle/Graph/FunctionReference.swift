internal import CLinux
internal import Synchronization

/// A function of the program as it travels: where its code is.
///
/// Without optimisation the compiler hands a closure whose type is partly generic (`(Element) -> Bool`) over inside a thunk,
/// whose context holds that closure and the generic types; a closure inside a generic function has a context with that
/// function's types. Such contexts hold nothing of the program's state: they travel as the names of their types and the
/// places of their code, and are built again. What any other context holds was captured, and is refused.
struct FunctionReference: Hashable, Codable, Sendable {
    /// The context of a thunk.
    struct Context: Hashable, Codable, Sendable {
        /// Where the program describes the context's layout.
        var layout: UInt
        var types: [TypeReference]
        var functions: [FunctionReference]
    }

    /// A generic argument's metadata, or how it conforms to a protocol.
    enum TypeReference: Hashable, Codable, Sendable {
        case named(String)
        case inProgram(UInt)
        /// How the type at that place of the same context conforms to a protocol, named by its existential type.
        case conformance(type: Int, protocol: String)
    }

    var code: UInt
    var context: Context?

    /// - Returns: nil where the function captured something.
    /// - Throws: `FunctionWords.UnreachableCode` where its code is not the program's.
    static func of<Function>(_ function: Function) throws -> FunctionReference? {
        // A thunk's context lives no longer than the value that holds it.
        try withExtendedLifetime(function) { try FunctionWords(function).reference() }
    }
}

/// What stands in a context of Swift's, by the layout that its compiler documents for reflection: the object's header of two
/// words, the generic arguments, then what was captured, each described by a mangled type.
private struct ContextLayout {
    private static let headerBytes = 16
    private static let boxKind: UInt = 0x400
    /// More than any thunk has; a context with more captured something.
    private static let countMaximum: UInt32 = 16

    var address: UInt
    var genericCount: Int
    var functionCount: Int

    /// - Parameter words: the context object's start.
    /// - Returns: nil if something other than functions was captured, or the context is of another kind.
    init?(_ words: UnsafeRawPointer) {
        self.address = unsafe words.load(as: UInt.self)
        guard ProgramImage.offset(of: self.address) != nil,
            let box = unsafe UnsafeRawPointer(bitPattern: self.address), unsafe box.load(as: UInt.self) == Self.boxKind,
            let captures = unsafe UnsafeRawPointer(bitPattern: box.load(fromByteOffset: 16, as: UInt.self))
        else { return nil }
        let captured = unsafe captures.load(as: UInt32.self)
        let generics = unsafe captures.load(fromByteOffset: 8, as: UInt32.self)
        guard captured <= Self.countMaximum, generics <= Self.countMaximum else { return nil }
        self.genericCount = Int(generics)
        self.functionCount = Int(captured)
        for index in 0..<self.functionCount {
            let entry = unsafe captures + 12 + 4 * index
            guard unsafe Self.isFunction(entry + Int(entry.load(as: Int32.self))) else { return nil }
        }
    }

    var bytes: Int { Self.headerBytes + 8 * self.genericCount + 16 * self.functionCount }

    func offset(ofGeneric index: Int) -> Int { Self.headerBytes + 8 * index }

    func offset(ofFunction index: Int) -> Int { self.offset(ofGeneric: self.genericCount) + 16 * index }

    /// Whether a mangled type is that of a function that is kept with its context: `I`, `e`, `g`, conventions, `_`.
    private static func isFunction(_ mangled: UnsafeRawPointer) -> Bool {
        var tail: [UInt8] = []
        var position = unsafe mangled
        while case let byte = unsafe position.load(as: UInt8.self), byte != 0 {
            // A reference to a type takes the place of its name: four bytes, or a whole pointer.
            let isReference = byte < 0x20
            if byte == UInt8(ascii: "I") || isReference { tail = [] }
            if !isReference { tail.append(byte) }
            unsafe position += isReference ? (byte < 0x18 ? 5 : 9) : 1
        }
        return tail.starts(with: Array("Ieg".utf8)) && tail.last == UInt8(ascii: "_")
    }
}

extension FunctionWords {
    /// - Returns: nil where the function captured something.
    /// - Throws: `UnreachableCode` where its code is not the program's.
    func reference() throws -> FunctionReference? {
        guard let code = ProgramImage.offset(of: self.code) else { throw UnreachableCode() }
        guard self.context != 0 else { return FunctionReference(code: code) }
        guard let object = unsafe UnsafeRawPointer(bitPattern: self.context),
            let layout = unsafe ContextLayout(object), let box = ProgramImage.offset(of: layout.address)
        else { return nil }
        var context = FunctionReference.Context(layout: box, types: [], functions: [])
        let generics = (0..<layout.genericCount).map { index in
            unsafe object.load(fromByteOffset: layout.offset(ofGeneric: index), as: UInt.self)
        }
        for word in generics {
            guard let type = GenericArgument.reference(to: word, among: generics) else { return nil }
            context.types.append(type)
        }
        for index in 0..<layout.functionCount {
            let words = unsafe object.load(fromByteOffset: layout.offset(ofFunction: index), as: FunctionWords.self)
            guard let function = try words.reference() else { return nil }
            context.functions.append(function)
        }
        return FunctionReference(code: code, context: context)
    }

    struct UnreachableCode: Error {}

    /// Contexts that were built. They stay for the life of the process: a program has so many functions and no more, and
    /// whoever was handed one may still call it.
    private static let contexts = Mutex<[FunctionReference: UInt]>([:])

    /// The function in this process.
    init(_ reference: FunctionReference) throws {
        self.code = try Self.place(reference.code)
        self.context = 0
        guard let context = reference.context else { return }
        if let known = Self.contexts.withLock({ $0[reference] }) {
            self.context = known
            return
        }
        let address = try Self.place(context.layout)
        let bytes = 16 + 8 * context.types.count + 16 * context.functions.count
        guard let object = unsafe heddle_make_context(address, bytes) else { throw UnreachableCode() }
        var offset = 16
        for word in try GenericArgument.words(of: context.types) {
            unsafe object.storeBytes(of: word, toByteOffset: offset, as: UInt.self)
            offset += 8
        }
        for function in context.functions {
            unsafe object.storeBytes(of: try FunctionWords(function), toByteOffset: offset, as: FunctionWords.self)
            offset += 16
        }
        let built = UInt(bitPattern: object)
        self.context = Self.contexts.withLock { contexts in
            contexts[reference] = contexts[reference] ?? built
            return contexts[reference] ?? built
        }
    }

    static func place(_ offset: UInt) throws -> UInt {
        guard let place = ProgramImage.code(at: offset) else { throw UnreachableCode() }
        return place
    }
}
