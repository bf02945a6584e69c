internal import Synchronization

/// Looks into key types for what hashes differently in each process: sets, dictionaries and `AnyHashable` values. Their own
/// `hash(into:)` takes in hashes that the standard library seeds anew in each process.
///
/// What a struct or an enum holds is read from the descriptions that the compiler writes for reflection.
enum KeyShape {
    private static let known = Mutex<[ObjectIdentifier: String?]>([:])

    /// The name of the first such type that a key type holds, found out once.
    static func unstablePartName(of type: Any.Type) -> String? {
        let key = ObjectIdentifier(type)
        if let known = self.known.withLock({ $0[key] }) { return known }
        let name = self.unstablePart(of: type).map { "\($0)" }
        self.known.withLock { $0[key] = .some(name) }
        return name
    }

    /// - Returns: the first such type that a key type holds; nil where there is none, or the type says its stable hash itself.
    static func unstablePart(of type: Any.Type) -> Any.Type? {
        if type is any StablyHashable.Type { return nil }
        var seen: Set<ObjectIdentifier> = []
        return self.find(in: type, &seen)
    }

    private static func find(in type: Any.Type, _ seen: inout Set<ObjectIdentifier>) -> Any.Type? {
        if type is any UnstablyHashed.Type { return type }
        guard seen.insert(ObjectIdentifier(type)).inserted else { return nil }
        if let holder = type as? any Holding.Type { return self.find(in: holder.heldType, &seen) }
        for field in self.fields(of: type) {
            if let found = self.find(in: field, &seen) { return found }
        }
        return nil
    }

    /// The kinds of metadata that begin with a struct's, an enum's or an optional's description.
    private static let described: ClosedRange<UInt> = 0x200...0x202

    /// The types of what a struct stores, or of what the cases of an enum carry.
    private static func fields(of type: Any.Type) -> [Any.Type] {
        let metadata = unsafe UnsafeRawPointer(bitPattern: unsafeBitCast(type, to: UInt.self))
        guard let metadata = unsafe metadata, unsafe self.described.contains(metadata.load(as: UInt.self)),
            let description = unsafe UnsafeRawPointer(bitPattern: metadata.load(fromByteOffset: 8, as: UInt.self)),
            let fields = unsafe self.place(description + 16)
        else { return [] }
        let (size, count) = unsafe (
            Int(fields.load(fromByteOffset: 10, as: UInt16.self)), Int(fields.load(fromByteOffset: 12, as: UInt32.self))
        )
        return (0..<count).compactMap { index in
            // A case that carries nothing has no type.
            guard let name = unsafe self.place(fields + 16 + index * size + 4) else { return nil }
            return unsafe _getTypeByMangledNameInContext(
                name.assumingMemoryBound(to: UInt8.self),
                UInt(self.length(ofMangled: name)),
                genericContext: description,
                genericArguments: metadata + 16
            )
        }
    }

    /// What a place says lies at a distance from it; nil for nothing.
    private static func place(_ start: UnsafeRawPointer) -> UnsafeRawPointer? {
        let distance = unsafe Int(start.load(as: Int32.self))
        return unsafe distance == 0 ? nil : start + distance
    }

    /// A reference to a type takes the place of its name: four bytes after the first, or a whole pointer.
    private static func length(ofMangled name: UnsafeRawPointer) -> Int {
        var length = 0
        while case let byte = unsafe name.load(fromByteOffset: length, as: UInt8.self), byte != 0 {
            length += byte >= 0x20 ? 1 : byte < 0x18 ? 5 : 9
        }
        return length
    }
}

private protocol UnstablyHashed {}

extension Set: UnstablyHashed {}
extension Dictionary: UnstablyHashed {}
extension AnyHashable: UnstablyHashed {}

/// A type that keeps its values elsewhere.
private protocol Holding {
    static var heldType: Any.Type { get }
}

extension Array: Holding {
    static var heldType: Any.Type { Element.self }
}
