/// Collects what makes a dataset the one it is.
struct IdentityWriter {
    private var text: [UInt8] = []

    init(_ step: Step) {
        self.add(step.operation)
        self.add("\(step.site.file):\(step.site.line)")
        switch step.kernel {
        case .code(let offset): self.add(offset)
        case .operation(let name): self.add(name)
        }
        for function in step.functions { self.add(function) }
        for parameter in step.parameters { self.add([parameter.digest]) }
    }

    var digest: Digest { Digest(of: self.text) }

    private mutating func add(_ function: FunctionReference) {
        self.add(function.code)
        guard let context = function.context else { return }
        self.add(context.layout)
        self.add("\(context.types)")
        for function in context.functions { self.add(function) }
    }

    mutating func add(_ identities: [Digest]) {
        for identity in identities {
            for word in [identity.a, identity.b, identity.c, identity.d] { self.add(UInt(word)) }
        }
    }

    mutating func add(_ kind: Node.Kind, _ partitionCount: Int) {
        switch kind {
        case .narrow(let mapping): self.add("\(mapping)")
        case .shuffle: self.add("shuffle")
        }
        self.add(UInt(partitionCount))
    }

    /// With its length before it, so that no two rows of values are written alike.
    mutating func add(_ bytes: [UInt8]) {
        self.add(UInt(bytes.count))
        self.text += bytes
    }

    mutating func add(_ string: String) { self.add(Array(string.utf8)) }

    mutating func add(_ number: UInt) {
        for shift in stride(from: 0, to: 64, by: 8) {
            self.text.append(UInt8(truncatingIfNeeded: number >> UInt(shift)))
        }
    }
}
