// Linux calls that Swift cannot make directly: variadic functions, system calls without a C wrapper, and calls whose
// effect must stay on one thread. Every function returns -1 and sets errno when it fails, unless it says otherwise.
#ifndef HEDDLE_CLINUX_H
#define HEDDLE_CLINUX_H

#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A descriptor that becomes readable when the process ends; works for any process, not only children.
int heddle_pidfd_open(pid_t process);

// Sends a signal to exactly the process that the descriptor was opened for, however often its number was reused.
int heddle_pidfd_send_signal(int process, int signal);

// Reaps the child behind a pidfd without waiting.
// Returns 1 when it has ended and sets *code and *is_signal, 0 when it runs, -1 with ECHILD when it is no child.
int heddle_pidfd_reap(int process, int *code, int *is_signal);

// Starts a program in a session of its own, with default signals, no signal blocked, standard input and error at
// /dev/null, standard output at `output` and no other descriptor. Does not copy the caller's memory.
// Returns 0, or the error's number.
int heddle_spawn(pid_t *process, const char *path, char *const arguments[], char *const environment[], int output);

// Opens a path below `directory`. `beneath` refuses every way out of it (.., absolute paths and links, EXDEV);
// `no_links` refuses symbolic links anywhere in the path (ELOOP).
int heddle_open_beneath(int directory, const char *path, int flags, mode_t mode, int beneath, int no_links);

// Whether a path below `directory` leads, through all its links, to a place below `directory`: 0 if it does or leads
// nowhere, EXDEV if it leads out, ENOSYS if the kernel (before 5.6) cannot say, or another error's number.
int heddle_check_beneath(int directory, const char *path);

// Copies up to `size` bytes between two files inside the kernel, at and after their current positions.
// Returns how many were copied, 0 at the end. EXDEV, EINVAL and ENOSYS mean: copy them yourself.
ssize_t heddle_copy_range(int from, int to, size_t size);

// Has the disk begin to write a part of a file, without waiting for it and without a promise: fsync(2) gives that.
int heddle_begin_writing(int descriptor, int64_t offset, int64_t size);

// Gives memory that was freed back to the system, also from between pieces that are in use. Takes some milliseconds.
void heddle_trim_memory(void);

// In how many places threads allocate memory side by side; each keeps what was freed in it. To be called early: places that
// there are stay.
void heddle_limit_memory_places(int count);

// Bytes of memory that this process has for itself: resident and not shared with files. 0 if the kernel does not say.
int64_t heddle_private_memory(void);

// Opens a file with the rights of another user. Only this thread's file system identity changes, and only for the
// call. Needs root unless the user is the caller's own; aborts if the own identity cannot be taken back.
int heddle_open_as(uid_t user, gid_t group, const gid_t *groups, size_t group_count, const char *path, int flags);

// The groups of a user, by the system's own database and never through a shell.
// Returns how many there are, also when `capacity` is too small to hold them.
int heddle_group_list(const char *user, gid_t group, gid_t *groups, int capacity);

// A pipe; both ends close on exec.
int heddle_pipe(int *read_end, int *write_end);

// epoll, which glibc's Swift module leaves out. Events carry the token they were added with.
int heddle_event_queue(void);
int heddle_event_queue_add(int queue, int descriptor, uint64_t token);
int heddle_event_queue_remove(int queue, int descriptor);
// Waits until something is readable and returns how many tokens it stored.
int heddle_event_queue_wait(int queue, uint64_t *tokens, int capacity);
// A descriptor that becomes readable when it is signalled.
int heddle_event(void);
int heddle_event_signal(int event);

// Where `needle` first stands in `hay`, or NULL.
const void *heddle_find(const void *hay, size_t hay_size, const void *needle, size_t needle_size);

// CRC-32C of bytes, going on from that of the bytes before them (0 at the start).
uint32_t heddle_crc32c(uint32_t crc, const void *bytes, size_t size);
// The same without the processor's instruction for it.
uint32_t heddle_crc32c_by_tables(uint32_t crc, const void *bytes, size_t size);

// open(2) and openat(2) with a mode.
int heddle_open(const char *path, int flags, mode_t mode);
int heddle_openat(int directory, const char *path, int flags, mode_t mode);

// Where the running program was loaded to and where it ends: its own code and data, without shared libraries.
// Returns 0 and sets both, or -1 when the loader does not say.
int heddle_program_range(uintptr_t *start, uintptr_t *end);

// An object of Swift's with the given metadata and `size` bytes, header included, which nobody will free.
// Returns NULL where Swift's runtime cannot be reached or the size is not that of an object.
void *heddle_make_context(uintptr_t metadata, size_t size);

// How a type conforms to a protocol, in the form that Swift's generic code is handed; 0 if it does not.
uintptr_t heddle_swift_conformance(uintptr_t type, uintptr_t protocol);

// The metadata of `any P`, where `protocol` describes P; 0 where Swift's runtime cannot be reached.
uintptr_t heddle_swift_existential(uintptr_t protocol);

// Calls a visitor with addresses that machine code names: data it reads or writes, functions it calls. It may be called with
// some more that the code does not name. `machine` is ELF's number for the processor; returns -1 for one that is not known.
typedef void (*heddle_reference_visitor)(uintptr_t address, void *context);
int heddle_find_references(int machine, const void *code, size_t size, uintptr_t address, heddle_reference_visitor visit,
                           void *context);

// How many variables the program's main module has whose value is what was stored there last: those of a main.swift, and others
// that are not computed when they are first read. None where the program's symbols were stripped, or its build is not SwiftPM's.
size_t heddle_variable_count(void);
// Whether such a variable has another value than when the program was loaded.
int heddle_variable_was_set(size_t index);
// Its mangled name.
const char *heddle_variable_name(size_t index);
// Writes a one for each variable that the function at an address, or one of the module's that it calls, reads or writes, else a
// zero. What is called through a protocol or a function value is not followed. Returns -1 where there is no memory.
int heddle_variables_read_by(uintptr_t code, uint8_t *reads);

// What a mangled name of Swift's says, to be freed; NULL where Swift's runtime cannot be reached.
char *heddle_demangled(const char *name);

// From now on a signal that says that the program itself failed (SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV) is noted
// on standard error, with the task of the thread that it came to, before it ends the process as it would have. Done once,
// however often it is called.
int heddle_note_traps(void);

// Which task the calling thread runs, until heddle_clear_task.
void heddle_set_task(int64_t task);

// The same, in words for people. `name` is what its stage does, and stays where it is until heddle_clear_task.
void heddle_set_local_task(int64_t partition, int64_t stage, const char *name);

// The calling thread runs no task.
void heddle_clear_task(void);

// Calls `action` with the exit code when the process ends by exit() or the end of its main.
int heddle_on_exit(void (*action)(int code));

// Has a process that is spawned begin in a folder (posix_spawn_file_actions_addchdir_np, which Swift does not see).
int heddle_spawn_in(posix_spawn_file_actions_t *actions, const char *folder);

// A new file in a folder, open for reading and writing, that has no name: it goes when nobody has it open. -1 with errno.
int heddle_open_unnamed(const char *folder);

// A new file in a folder, for its user only, open for reading and writing, that has no name until heddle_name gives it one. -1
// with errno where the file system, or this process, cannot have it.
int heddle_open_nameable(int folder);

// Gives such a file a name in the folder. -1 with EEXIST where something has it.
int heddle_name(int file, int folder, const char *name);

#endif
