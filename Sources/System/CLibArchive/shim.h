// libarchive, loaded when the first archive is to be unpacked: most commands and daemons never see one.
#ifndef HEDDLE_CLIBARCHIVE_H
#define HEDDLE_CLIBARCHIVE_H
#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <stddef.h>

// The functions that are used, each by its name in the library.
struct heddle_archive {
    struct archive *(*read_new)(void);
    int (*read_free)(struct archive *archive);
    int (*read_support_format_zip_seekable)(struct archive *archive);
    int (*read_support_format_tar)(struct archive *archive);
    int (*read_support_format_empty)(struct archive *archive);
    int (*read_support_filter_gzip)(struct archive *archive);
    int (*read_open_fd)(struct archive *archive, int descriptor, size_t block_size);
    int (*read_next_header)(struct archive *archive, struct archive_entry **entry);
    int (*read_data_block)(struct archive *archive, const void **block, size_t *size, la_int64_t *offset);
    const char *(*error_string)(struct archive *archive);
    const char *(*entry_pathname)(struct archive_entry *entry);
    const char *(*entry_pathname_utf8)(struct archive_entry *entry);
    const char *(*entry_hardlink)(struct archive_entry *entry);
    const char *(*entry_hardlink_utf8)(struct archive_entry *entry);
    const char *(*entry_symlink)(struct archive_entry *entry);
    const char *(*entry_symlink_utf8)(struct archive_entry *entry);
    __LA_MODE_T (*entry_filetype)(struct archive_entry *entry);
};

// Loads the library. Returns NULL, or what is missing.
static inline const char *heddle_archive_load(struct heddle_archive *functions) {
    static const char *const names[] = {
        "archive_read_new", "archive_read_free", "archive_read_support_format_zip_seekable",
        "archive_read_support_format_tar", "archive_read_support_format_empty", "archive_read_support_filter_gzip",
        "archive_read_open_fd", "archive_read_next_header", "archive_read_data_block", "archive_error_string",
        "archive_entry_pathname", "archive_entry_pathname_utf8", "archive_entry_hardlink",
        "archive_entry_hardlink_utf8", "archive_entry_symlink", "archive_entry_symlink_utf8",
        "archive_entry_filetype",
    };
    // The names stand in the order of the structure's members.
    _Static_assert(sizeof names / sizeof *names == sizeof *functions / sizeof(void *), "one name for each function");
    void *library = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return dlerror();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *found = dlsym(library, names[i]);
        if (found == NULL) return dlerror();
        ((void **)functions)[i] = found;
    }
    return NULL;
}
#endif
