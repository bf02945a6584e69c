// Every process below the supervisor. It is a subreaper, so whatever leaves its session or loses its parent ends up
// among its children: nothing can leave the tree while the supervisor lives.
#include "supervisor.h"

bool has_children(void) {
    return CALL5(waitid, P_ALL, 0, NULL, WEXITED | WNOHANG | WNOWAIT, NULL) == 0;
}

static long read_text(const char *path, char *bytes, size_t size) {
    int file = open_file(path, O_RDONLY, 0);
    if (file < 0) return file;
    long count = read_file(file, bytes, size - 1);
    close_file(file);
    bytes[count > 0 ? count : 0] = '\0';
    return count;
}

// Behind so many words of a line, each with one space before it.
static const char *skip(const char *text, int words) {
    while (words > 0 && *text != '\0') {
        if (*++text == ' ') words--;
    }
    return text;
}

unsigned long long process_start(process_id process, process_id *parent) {
    char path_bytes[64], bytes[1024];
    struct text path = TEXT_IN(path_bytes);
    unsigned long long ppid = 0, start = 0;
    const char *fields = NULL, *rest;
    add_process_path(&path, process, "/stat");
    if (read_text(path_bytes, bytes, sizeof bytes) <= 0) return 0;
    // The name stands in parentheses and may contain anything, also parentheses: the last one ends it.
    for (const char *c = bytes; *c != '\0'; c++) {
        if (*c == ')') fields = c + 1;
    }
    if (fields == NULL) return 0;
    // Fields 4 and 22 of proc(5); a space precedes field 3.
    fields = skip(fields, 1);
    if (*fields == '\0' || !read_number(fields + 1, INT32_MAX, &ppid, &rest)) return 0;
    fields = skip(fields, 18);
    if (*fields == '\0' || !read_number(fields + 1, UINT64_MAX, &start, &rest)) return 0;
    if (parent != NULL) *parent = (process_id)ppid;
    return start;
}

static bool handles(process_id process, int signal) {
    char path_bytes[64], bytes[4096];
    struct text path = TEXT_IN(path_bytes);
    add_process_path(&path, process, "/status");
    if (read_text(path_bytes, bytes, sizeof bytes) <= 0) return false;
    const char *caught = find(bytes, "\nSigCgt:\t");
    if (caught == NULL) return false;
    signal_set set = 0;
    for (const char *c = caught + 9; (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'f'); c++) {
        set = set * 16 + (signal_set)(*c <= '9' ? *c - '0' : *c - 'a' + 10);
    }
    return (set & set_of(signal)) != 0;
}

// Between reading a process's number and signalling it, the process can end and its number be given to a stranger.
// The pidfd holds whoever has the number now; it is ours only if its parent is the one we saw.
static void signal_child(process_id process, process_id parent, int signal) {
    process_id found = 0;
    if (signal == SIGQUIT && !handles(process, signal)) return;
    int descriptor = (int)CALL2(pidfd_open, process, 0);
    if (descriptor < 0) {
        // Only a kernel older than 5.3 answers so; a child of ours keeps its number until we reap it.
        if (descriptor == -ENOSYS && parent == own_process()) CALL2(kill, process, signal);
        return;
    }
    if (process_start(process, &found) != 0 && found == parent) {
        CALL4(pidfd_send_signal, descriptor, signal, NULL, 0);
    }
    close_file(descriptor);
}

struct member {
    process_id process, parent;
};

struct processes {
    struct member *items;
    size_t count, size;
};

static bool append(struct processes *list, process_id process, process_id parent) {
    if ((list->count + 1) * sizeof *list->items > list->size) {
        size_t size = list->size == 0 ? 4096 : list->size * 2;
        long address = list->size == 0
            ? CALL6(mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            : CALL4(mremap, list->items, list->size, size, MREMAP_MAYMOVE);
        if (address < 0 && address > -4096) return false;
        list->items = (struct member *)address;
        list->size = size;
    }
    list->items[list->count++] = (struct member){process, parent};
    return true;
}

// Numbers with spaces between them, however many.
static void append_numbers(struct processes *list, int file, process_id parent) {
    char bytes[1024];
    long count;
    process_id number = 0;
    while ((count = read_file(file, bytes, sizeof bytes)) > 0) {
        for (long i = 0; i < count; i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
                number = number * 10 + (bytes[i] - '0');
                continue;
            }
            if (number > 0 && !append(list, number, parent)) return;
            number = 0;
        }
    }
    if (number > 0) append(list, number, parent);
}

struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char kind;
    char name[];
};

// Calls `visit` with each name in a folder of /proc that is a number.
static void for_each_number(
    const char *path, struct processes *list, process_id process, void (*visit)(struct processes *, process_id, process_id)
) {
    _Alignas(struct entry) char bytes[4096];
    long count;
    int folder = open_file(path, O_RDONLY | O_DIRECTORY, 0);
    if (folder < 0) return;
    while ((count = CALL3(getdents64, folder, bytes, sizeof bytes)) > 0) {
        for (long i = 0; i < count;) {
            const struct entry *entry = (const struct entry *)(bytes + i);
            unsigned long long number;
            const char *rest;
            if (read_number(entry->name, INT32_MAX, &number, &rest)) visit(list, process, (process_id)number);
            i += entry->length;
        }
    }
    close_file(folder);
}

// The children of one thread, from a file that the kernel keeps for it.
static void append_thread_children(struct processes *list, process_id process, process_id thread) {
    char bytes[96];
    struct text path = TEXT_IN(bytes);
    add_process_path(&path, process, "/task/");
    add_number(&path, (unsigned)thread);
    add(&path, "/children");
    int file = open_file(bytes, O_RDONLY, 0);
    if (file < 0) return;
    append_numbers(list, file, process);
    close_file(file);
}

static void append_children(struct processes *list, process_id process) {
    char bytes[64];
    struct text path = TEXT_IN(bytes);
    add_process_path(&path, process, "/task");
    for_each_number(bytes, list, process, append_thread_children);
}

static void append_if_child(struct processes *list, process_id process, process_id candidate) {
    process_id parent = 0;
    if (process_start(candidate, &parent) != 0 && parent == process) append(list, candidate, process);
}

// A kernel without CONFIG_PROC_CHILDREN: ask every process of the machine for its parent.
static void append_children_by_parent(struct processes *list, process_id process) {
    for_each_number("/proc", list, process, append_if_child);
}

void signal_descendants(int signal) {
    static bool has_lists = true;
    struct processes list = {0};
    char bytes[64];
    struct text path = TEXT_IN(bytes);
    add_process_path(&path, own_process(), "/task/");
    add_number(&path, (unsigned)own_process());
    add(&path, "/children");
    has_lists = has_lists && can_read(bytes);
    void (*append_all)(struct processes *, process_id) = has_lists ? append_children : append_children_by_parent;
    append_all(&list, own_process());
    // The list grows while it is walked: children first, then theirs.
    for (size_t i = 0; i < list.count; i++) {
        append_all(&list, list.items[i].process);
        signal_child(list.items[i].process, list.items[i].parent, signal);
    }
    if (list.size > 0) CALL2(munmap, list.items, list.size);
}
