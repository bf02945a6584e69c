internal import CLinux

/// What generic code is handed about a type: its metadata, or how it conforms to a protocol, both as addresses that differ
/// from process to process.
enum GenericArgument {
    /// - Parameter others: all arguments of the same context; a conformance is that of one of its types.
    /// - Returns: nil for what has no name that leads back to it.
    static func reference(to word: UInt, among others: [UInt]) -> FunctionReference.TypeReference? {
        if let offset = ProgramImage.offset(of: word) { return .inProgram(offset) }
        if let type = Self.type(at: word) {
            return Self.name(of: type).map { .named($0) }
        }
        guard let description = Self.protocolDescription(ofConformance: word),
            let name = Self.existentialName(description)
        else { return nil }
        let place = others.firstIndex { other in
            Self.type(at: other) != nil && heddle_swift_conformance(other, description) == word
        }
        return place.map { .conformance(type: $0, protocol: name) }
    }

    /// The arguments in this process.
    static func words(of references: [FunctionReference.TypeReference]) throws -> [UInt] {
        var words: [UInt] = []
        for reference in references {
            switch reference {
            case .inProgram(let offset): words.append(try FunctionWords.place(offset))
            case .named(let name):
                guard let type = _typeByName(name) else { throw FunctionWords.UnreachableCode() }
                words.append(unsafe unsafeBitCast(type, to: UInt.self))
            // After all types, wherever it stands: filled in below.
            case .conformance: words.append(0)
            }
        }
        for (index, reference) in references.enumerated() {
            guard case .conformance(let place, let name) = reference else { continue }
            guard words.indices.contains(place), Self.type(at: words[place]) != nil,
                let description = Self.protocolDescription(named: name)
            else { throw FunctionWords.UnreachableCode() }
            words[index] = heddle_swift_conformance(words[place], description)
            guard words[index] != 0 else { throw FunctionWords.UnreachableCode() }
        }
        return words
    }

    private static func name(of type: Any.Type) -> String? {
        guard let name = _mangledTypeName(type), _typeByName(name) == type else { return nil }
        return name
    }

    /// Metadata begins with its kind, a small number; a conformance with an address.
    private static func type(at word: UInt) -> Any.Type? {
        guard let metadata = unsafe UnsafeRawPointer(bitPattern: word), unsafe metadata.load(as: UInt.self) <= 0x7FF
        else {
            return nil
        }
        return unsafe unsafeBitCast(word, to: Any.Type.self)
    }

    /// A conformance begins with its description's address, and that with where the protocol's is, from itself; a one in the
    /// lowest bit says that the address stands there.
    private static func protocolDescription(ofConformance word: UInt) -> UInt? {
        guard let table = unsafe UnsafeRawPointer(bitPattern: word),
            let description = unsafe UnsafeRawPointer(bitPattern: table.load(as: UInt.self))
        else { return nil }
        let distance = unsafe description.load(as: Int32.self)
        let place = unsafe description + Int(distance & ~1)
        return unsafe distance & 1 == 0 ? UInt(bitPattern: place) : place.load(as: UInt.self)
    }

    private static func existentialName(_ description: UInt) -> String? {
        let existential = heddle_swift_existential(description)
        guard let type = Self.type(at: existential), let name = Self.name(of: type),
            Self.protocolDescription(named: name) == description
        else { return nil }
        return name
    }

    /// The metadata of `any P`: its kind, flags, how many protocols there are, and where they are described.
    private static func protocolDescription(named name: String) -> UInt? {
        guard let type = _typeByName(name),
            let metadata = unsafe UnsafeRawPointer(bitPattern: unsafeBitCast(type, to: UInt.self)),
            unsafe metadata.load(as: UInt.self) == 0x303, unsafe metadata.load(fromByteOffset: 12, as: UInt32.self) == 1
        else { return nil }
        return unsafe metadata.load(fromByteOffset: 16, as: UInt.self)
    }
}
