// See include/CLinux.h. What is known of the program's variables and functions comes from the symbol table of its own file.
#define _GNU_SOURCE
#include "CLinux.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct variable {
    char *name;
    uintptr_t start;
    size_t size;
    // What stood there when the program was loaded; NULL for zeros.
    uint8_t *initial;
};

// A function that is followed where it is called.
struct function {
    uintptr_t start;
    size_t size;
    // Code between functions that the symbol table does not name: where the compiler found functions of the same instructions, it
    // keeps one of them, without a name, and all others call it.
    int is_nameless;
};

static struct {
    int machine;
    struct variable *variables;
    size_t variable_count;
    struct function *functions;
    size_t function_count;
} program;

// The program's file while it is read.
struct image {
    const uint8_t *bytes;
    size_t size;
    const Elf64_Shdr *sections;
    size_t section_count;
    const Elf64_Sym *symbols;
    size_t symbol_count;
    const char *names;
    size_t names_size;
    // Names that say that a variable is computed when it is first read.
    const char **tokens;
    size_t token_count;
    uintptr_t base;
};

static const void *part(const struct image *image, uint64_t offset, uint64_t size) {
    if (offset > image->size || size > image->size - offset) return NULL;
    return image->bytes + offset;
}

static int find_symbols(struct image *image) {
    const Elf64_Ehdr *header = part(image, 0, sizeof(Elf64_Ehdr));
    if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64) return -1;
    if (header->e_shentsize != sizeof(Elf64_Shdr)) return -1;
    program.machine = header->e_machine;
    image->section_count = header->e_shnum;
    image->sections = part(image, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr));
    if (image->sections == NULL) return -1;
    for (size_t i = 0; i < image->section_count; i++) {
        const Elf64_Shdr *section = &image->sections[i];
        if (section->sh_type != SHT_SYMTAB || section->sh_link >= image->section_count) continue;
        const Elf64_Shdr *names = &image->sections[section->sh_link];
        image->symbols = part(image, section->sh_offset, section->sh_size);
        image->symbol_count = section->sh_size / sizeof(Elf64_Sym);
        image->names = part(image, names->sh_offset, names->sh_size);
        image->names_size = names->sh_size;
        if (image->symbols == NULL || image->names == NULL || image->names_size == 0) return -1;
        return image->names[image->names_size - 1] == 0 ? 0 : -1;
    }
    return -1;
}

static const char *name_of(const struct image *image, const Elf64_Sym *symbol) {
    return symbol->st_name < image->names_size ? image->names + symbol->st_name : "";
}

static int ends_with(const char *text, const char *end) {
    size_t count = strlen(text), end_count = strlen(end);
    return count >= end_count && memcmp(text + count - end_count, end, end_count) == 0;
}

// Writes how names of the main module begin: `$s4Main`. SwiftPM calls the main function of a module `Main_main`.
static int find_module(const struct image *image, char *prefix, size_t capacity) {
    const Elf64_Sym *start = NULL;
    for (size_t i = 0; i < image->symbol_count && start == NULL; i++) {
        if (strcmp(name_of(image, &image->symbols[i]), "main") == 0 && image->symbols[i].st_shndx != SHN_UNDEF) {
            start = &image->symbols[i];
        }
    }
    if (start == NULL) return -1;
    for (size_t i = 0; i < image->symbol_count; i++) {
        const Elf64_Sym *symbol = &image->symbols[i];
        const char *name = name_of(image, symbol);
        if (symbol->st_value != start->st_value || !ends_with(name, "_main") || name[0] == '_') continue;
        int count = (int)(strlen(name) - strlen("_main"));
        int written = snprintf(prefix, capacity, "$s%d%.*s", count, count, name);
        return written > 0 && (size_t)written < capacity ? 0 : -1;
    }
    return -1;
}

// Variables that are computed when they are first read have a token, `$s4Main5other_Wz` beside `$s4Main5otherSivp`: every process
// computes them.
static int is_lazy(const struct image *image, const char *name) {
    for (size_t i = 0; i < image->token_count; i++) {
        if (strncmp(name, image->tokens[i], strlen(image->tokens[i]) - strlen("_Wz")) == 0) return 1;
    }
    return 0;
}

static int find_tokens(struct image *image, const char *prefix) {
    image->tokens = malloc(image->symbol_count * sizeof *image->tokens);
    if (image->tokens == NULL) return -1;
    for (size_t i = 0; i < image->symbol_count; i++) {
        const char *name = name_of(image, &image->symbols[i]);
        if (strncmp(name, prefix, strlen(prefix)) == 0 && ends_with(name, "_Wz")) image->tokens[image->token_count++] = name;
    }
    return 0;
}

// Whether a symbol is a variable of the module whose value is the program's doing while it runs. Locks and atomics are made to
// change, and every process has its own.
static int is_variable(const struct image *image, const Elf64_Sym *symbol, const char *name, const char *prefix) {
    if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_size == 0) return 0;
    if (strncmp(name, prefix, strlen(prefix)) != 0 || !(ends_with(name, "vp") || ends_with(name, "vpZ"))) return 0;
    if (symbol->st_shndx >= image->section_count) return 0;
    uint64_t flags = image->sections[symbol->st_shndx].sh_flags;
    if (!(flags & SHF_WRITE) || (flags & SHF_TLS)) return 0;
    return strstr(name, "15Synchronization") == NULL && !is_lazy(image, name);
}

// Addresses that the loader writes into `variable`. Returns -1 where it writes what is not known here.
static int relocate(const struct image *image, const struct variable *variable) {
    uintptr_t from = variable->start - image->base;
    for (size_t i = 0; i < image->section_count; i++) {
        const Elf64_Shdr *section = &image->sections[i];
        if (section->sh_type == SHT_RELR) return -1;
        if (section->sh_type != SHT_RELA) continue;
        const Elf64_Rela *entries = part(image, section->sh_offset, section->sh_size);
        for (size_t k = 0; entries != NULL && k < section->sh_size / sizeof *entries; k++) {
            const Elf64_Rela *entry = &entries[k];
            if (entry->r_offset < from || entry->r_offset + 8 > from + variable->size) continue;
            uint64_t type = ELF64_R_TYPE(entry->r_info);
            if (type != R_X86_64_RELATIVE && type != R_AARCH64_RELATIVE) return -1;
            uintptr_t value = image->base + (uintptr_t)entry->r_addend;
            memcpy(variable->initial + (entry->r_offset - from), &value, sizeof value);
        }
    }
    return 0;
}

static int add_variable(const struct image *image, const Elf64_Sym *symbol, const char *name) {
    struct variable variable = {.start = image->base + symbol->st_value, .size = symbol->st_size};
    const Elf64_Shdr *section = &image->sections[symbol->st_shndx];
    if (section->sh_type != SHT_NOBITS) {
        const void *bytes = part(image, section->sh_offset + (symbol->st_value - section->sh_addr), symbol->st_size);
        variable.initial = bytes == NULL ? NULL : malloc(symbol->st_size);
        if (variable.initial == NULL) return 0;
        memcpy(variable.initial, bytes, symbol->st_size);
        if (relocate(image, &variable) != 0) {
            free(variable.initial);
            return 0;
        }
    }
    struct variable *all = realloc(program.variables, (program.variable_count + 1) * sizeof *all);
    variable.name = strdup(name);
    if (all == NULL || variable.name == NULL) return -1;
    program.variables = all;
    program.variables[program.variable_count++] = variable;
    return 0;
}

// Any function of the symbol table's.
struct named {
    uintptr_t start, end;
    uint16_t section;
    int is_own;
};

static int by_start(const void *first, const void *second) {
    uintptr_t a = ((const struct named *)first)->start, b = ((const struct named *)second)->start;
    return a < b ? -1 : a > b;
}

// Padding between functions is shorter than this.
enum { GAP_MINIMUM = 16, GAP_MAXIMUM = 1 << 20 };

// Of all functions in order keeps those that are followed, and the nameless code between functions.
static int keep_functions(const struct named *all, size_t count) {
    program.functions = malloc((2 * count + 1) * sizeof *program.functions);
    if (program.functions == NULL) return -1;
    for (size_t i = 0; i < count; i++) {
        struct function *next = &program.functions[program.function_count];
        if (all[i].is_own) {
            *next++ = (struct function){.start = all[i].start, .size = all[i].end - all[i].start};
            program.function_count++;
        }
        if (i + 1 == count || all[i + 1].section != all[i].section) continue;
        if (all[i + 1].start < all[i].end + GAP_MINIMUM || all[i + 1].start > all[i].end + GAP_MAXIMUM) continue;
        *next = (struct function){.start = all[i].end, .size = all[i + 1].start - all[i].end, .is_nameless = 1};
        program.function_count++;
    }
    struct function *fitting = realloc(program.functions, (program.function_count + 1) * sizeof *fitting);
    if (fitting != NULL) program.functions = fitting;
    return 0;
}

// Keeps what is asked for later, so that the file need not stay in memory. Only functions whose names have to do with the module
// are followed: its own, and those of other modules that the compiler made anew for a closure of it.
static int collect(const struct image *image, const char *prefix) {
    struct named *all = malloc((image->symbol_count + 1) * sizeof *all);
    size_t count = 0;
    if (all == NULL) return -1;
    int result = 0;
    for (size_t i = 0; i < image->symbol_count && result == 0; i++) {
        const Elf64_Sym *symbol = &image->symbols[i];
        const char *name = name_of(image, symbol);
        if (is_variable(image, symbol, name, prefix)) result = add_variable(image, symbol, name);
        if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_size == 0 || symbol->st_shndx == SHN_UNDEF) continue;
        uintptr_t start = image->base + symbol->st_value;
        all[count++] = (struct named){.start = start,
                                      .end = start + symbol->st_size,
                                      .section = symbol->st_shndx,
                                      .is_own = strstr(name, prefix) != NULL};
    }
    if (result == 0 && program.variable_count > 0) {
        qsort(all, count, sizeof *all, by_start);
        result = keep_functions(all, count);
    }
    free(all);
    return result;
}

static void read_program(void) {
    struct image image = {.size = 0};
    uintptr_t end;
    char prefix[256];
    int descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0) return;
    void *bytes = MAP_FAILED;
    if (fstat(descriptor, &status) == 0 && status.st_size > 0) {
        image.size = (size_t)status.st_size;
        bytes = mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    }
    close(descriptor);
    if (bytes == MAP_FAILED) return;
    image.bytes = bytes;
    if (heddle_program_range(&image.base, &end) != 0 || find_symbols(&image) != 0 ||
        find_module(&image, prefix, sizeof prefix) != 0 || find_tokens(&image, prefix) != 0 || collect(&image, prefix) != 0) {
        // What is not known is not checked.
        program.variable_count = 0;
        program.function_count = 0;
    }
    free(image.tokens);
    munmap(bytes, image.size);
}

size_t heddle_variable_count(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_program);
    return program.variable_count;
}

int heddle_variable_was_set(size_t index) {
    const struct variable *variable = &program.variables[index];
    const uint8_t *now = (const uint8_t *)variable->start;
    for (size_t i = 0; i < variable->size; i++) {
        if (now[i] != (variable->initial == NULL ? 0 : variable->initial[i])) return 1;
    }
    return 0;
}

const char *heddle_variable_name(size_t index) {
    return program.variables[index].name;
}

// A search through functions that call each other.
struct search {
    // Those that were met, and how many of them were read.
    struct function *met;
    size_t met_count;
    size_t read_count;
    size_t capacity;
    uint8_t *reads;
};

// The function that `address` lies in, or NULL.
static const struct function *function_at(uintptr_t address) {
    size_t low = 0, high = program.function_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (program.functions[middle].start <= address) low = middle + 1;
        else high = middle;
    }
    // Two names of one function stand side by side.
    const struct function *found = low == 0 ? NULL : &program.functions[low - 1];
    return found != NULL && address - found->start < found->size ? found : NULL;
}

// Where the nameless function that begins somewhere in a gap ends: on x86-64 behind a return that padding follows, since the
// next begins at a multiple of sixteen. It is better to read on than to stop too early.
static size_t nameless_size(const uint8_t *code, size_t maximum) {
    if (program.machine != EM_X86_64) return maximum;
    for (size_t i = 0; i + 1 < maximum; i++) {
        if (code[i] != 0xC3) continue;
        size_t next = i + 1;
        if (((uintptr_t)(code + next) & 15) == 0) return next;
        while (next + 1 < maximum && (code[next] == 0x66 || code[next] == 0x2E)) next++;
        if (code[next] == 0x90 || code[next] == 0xCC || (code[next] == 0x0F && code[next + 1] == 0x1F)) return i + 1;
    }
    return maximum;
}

static void meet(struct search *search, uintptr_t start, size_t size) {
    for (size_t i = 0; i < search->met_count; i++) {
        if (search->met[i].start == start) return;
    }
    if (search->met_count < search->capacity) {
        search->met[search->met_count++] = (struct function){.start = start, .size = size};
    }
}

// The function that begins at `address`, if one does.
static void meet_at(struct search *search, uintptr_t address) {
    const struct function *function = function_at(address);
    if (function == NULL) return;
    if (!function->is_nameless) {
        if (function->start == address) meet(search, address, function->size);
    } else if ((address & (program.machine == EM_X86_64 ? 15 : 3)) == 0) {
        meet(search, address, nameless_size((const uint8_t *)address, function->start + function->size - address));
    }
}

static void see(uintptr_t address, void *context) {
    struct search *search = context;
    for (size_t i = 0; i < program.variable_count; i++) {
        if (address - program.variables[i].start < program.variables[i].size) search->reads[i] = 1;
    }
    meet_at(search, address);
}

int heddle_variables_read_by(uintptr_t code, uint8_t *reads) {
    memset(reads, 0, heddle_variable_count());
    struct search search = {.reads = reads, .capacity = program.function_count + 64};
    search.met = malloc(search.capacity * sizeof *search.met);
    if (search.met == NULL) return -1;
    meet_at(&search, code);
    int result = 0;
    while (result == 0 && search.read_count < search.met_count) {
        const struct function function = search.met[search.read_count++];
        result = heddle_find_references(program.machine, (const void *)function.start, function.size, function.start, see,
                                        &search);
    }
    free(search.met);
    return result;
}

// Swift's runtime, which every program with Swift code has.
extern char *swift_demangle(const char *name, size_t size, char *output, size_t *output_size, uint32_t flags)
    __attribute__((weak));

char *heddle_demangled(const char *name) {
    return swift_demangle == NULL ? NULL : swift_demangle(name, strlen(name), NULL, NULL, 0);
}
