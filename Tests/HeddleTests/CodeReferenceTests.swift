import CLinux
import Testing

/// Which addresses machine code names. The code is what Clang's assembler makes of the instructions beside it.
@Suite struct CodeReferenceTests {
    private static func references(_ machine: Int32, _ code: [UInt8], at address: UInt) -> Set<UInt>? {
        var found: Set<UInt> = []
        let result = unsafe withUnsafeMutablePointer(to: &found) { found in
            unsafe heddle_find_references(
                machine,
                code,
                code.count,
                address,
                { unsafe $1?.assumingMemoryBound(to: Set<UInt>.self).pointee.insert($0) },
                found
            )
        }
        return result == 0 ? found : nil
    }

    @Test(
        arguments: [
            ([0x48, 0x8B, 0x05, 0xF9, 0x1F, 0, 0], "mov 0x1ff9(%rip),%rax"),
            ([0x81, 0x3D, 0xF6, 0x1F, 0, 0, 0x78, 0x56, 0x34, 0x12], "cmpl $0x12345678,0x1ff6(%rip)"),
            ([0xC6, 0x05, 0xF9, 0x1F, 0, 0, 1], "movb $1,0x1ff9(%rip)"),
            ([0x66, 0xC7, 0x05, 0xF7, 0x1F, 0, 0, 0x34, 0x12], "movw $0x1234,0x1ff7(%rip)"),
            ([0x48, 0x8D, 0x3D, 0xF9, 0x1F, 0, 0], "lea 0x1ff9(%rip),%rdi"),
            ([0xE8, 0xFB, 0x1F, 0, 0], "call"), ([0xE9, 0xFB, 0x1F, 0, 0], "jmp"),
        ] as [([UInt8], String)]
    )
    func `data and functions of x86-64 are named by their distance from the next instruction`(
        code: [UInt8],
        instruction: String
    ) throws {
        let found = try #require(Self.references(62, code, at: 0x1000))
        #expect(found.contains(0x3000), "\(instruction)")
    }

    @Test func `data and functions of arm64 are named by their page and an offset in it, or by their distance`() throws
    {
        let code: [UInt8] = [
            0x88, 0x00, 0x00, 0xF0,  // adrp x8, 0x23000
            0x00, 0x29, 0x42, 0xF9,  // ldr x0, [x8, #1104]
            0x01, 0x0D, 0x40, 0x39,  // ldrb w1, [x8, #3]
            0x01, 0x09, 0xC0, 0x3D,  // ldr q1, [x8, #32]
            0x02, 0x09, 0x00, 0xB9,  // str w2, [x8, #8]
            0x09, 0x01, 0x1F, 0x91,  // add x9, x8, #1984
            0x83, 0x00, 0x00, 0x10,  // adr x3, #16
            0xF9, 0xFF, 0xFF, 0x97,  // bl 0x10000
            0x02, 0x00, 0x00, 0x14,  // b 0x10028
            0x24, 0x05, 0x40, 0xF9,  // ldr x4, [x9, #8]: of another register
        ]
        let found = Self.references(183, code, at: 0x10000)
        #expect(found == [0x23450, 0x23003, 0x23020, 0x23008, 0x237C0, 0x10028, 0x10000])
    }

    @Test func `code of other processors is not read`() {
        #expect(Self.references(8, [0, 0, 0, 0], at: 0) == nil)
    }
}
