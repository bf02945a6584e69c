// See include/CLinux.h. Not a disassembler: it looks for the few forms in which compilers name a place of the same program.
#include "CLinux.h"

#include <elf.h>
#include <string.h>

static int32_t signed32(const uint8_t *bytes) {
    int32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

// A place is named by its distance from the next instruction: after a ModRM byte that says so (mod 00, rm 101), with up to four
// bytes of an immediate behind it, or after the opcode of a call or jump. Instructions have no fixed length here, so every byte
// is tried; what is found by chance names places where nothing is.
static void find_x86(const uint8_t *code, size_t size, uintptr_t address, heddle_reference_visitor visit, void *context) {
    static const int immediates[] = {0, 1, 2, 4};
    for (size_t i = 1; i + 4 <= size; i++) {
        uintptr_t next = address + i + 4;
        uintptr_t distance = (uintptr_t)(intptr_t)signed32(code + i);
        if ((code[i - 1] & 0xC7) == 0x05) {
            for (size_t k = 0; k < sizeof immediates / sizeof *immediates; k++) {
                visit(next + (uintptr_t)immediates[k] + distance, context);
            }
        } else if (code[i - 1] == 0xE8 || code[i - 1] == 0xE9) {
            visit(next + distance, context);
        }
    }
}

static int64_t extended(uint64_t value, int bits) {
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

// How far behind an ADRP its page is looked for in other instructions' operands.
enum { PAGE_WINDOW = 16 };

// The low twelve bits of an address whose page stands in `base`: ADD (immediate), or a load or store with an offset.
// Returns -1 for other instructions.
static int64_t page_offset(uint32_t instruction, uint32_t base) {
    if (((instruction >> 5) & 31) != base) return -1;
    uint32_t immediate = (instruction >> 10) & 0xFFF;
    if ((instruction & 0xFFC00000) == 0x91000000) return immediate;
    if ((instruction & 0x3B000000) != 0x39000000) return -1;
    uint32_t scale = instruction >> 30;
    // Sixteen bytes of a vector register.
    if (scale == 0 && (instruction & 0x04800000) == 0x04800000) scale = 4;
    return (int64_t)immediate << scale;
}

static void find_arm(const uint8_t *code, size_t size, uintptr_t address, heddle_reference_visitor visit, void *context) {
    for (size_t i = 0; i + 4 <= size; i += 4) {
        uint32_t instruction = (uint32_t)signed32(code + i);
        if ((instruction & 0x7C000000) == 0x14000000) {
            visit(address + i + (uintptr_t)(extended(instruction & 0x03FFFFFF, 26) * 4), context);
        } else if ((instruction & 0x9F000000) == 0x10000000) {
            uint64_t low = (instruction >> 29) & 3, high = (instruction >> 5) & 0x7FFFF;
            visit(address + i + (uintptr_t)extended(high << 2 | low, 21), context);
        } else if ((instruction & 0x9F000000) == 0x90000000) {
            uint64_t low = (instruction >> 29) & 3, high = (instruction >> 5) & 0x7FFFF;
            uintptr_t page = ((address + i) & ~(uintptr_t)0xFFF) + (uintptr_t)(extended(high << 2 | low, 21) * 4096);
            for (size_t k = i + 4; k + 4 <= size && k <= i + 4 * PAGE_WINDOW; k += 4) {
                int64_t offset = page_offset((uint32_t)signed32(code + k), instruction & 31);
                if (offset >= 0) visit(page + (uintptr_t)offset, context);
            }
        }
    }
}

int heddle_find_references(int machine, const void *code, size_t size, uintptr_t address, heddle_reference_visitor visit,
                           void *context) {
    switch (machine) {
        case EM_X86_64: find_x86(code, size, address, visit, context); return 0;
        case EM_AARCH64: find_arm(code, size, address, visit, context); return 0;
        default: return -1;
    }
}
