// Text in memory that is there already: what does not fit is cut off.
#ifndef HEDDLE_TEXT_H
#define HEDDLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes;
    size_t size, length;
    bool is_cut;
};

// A text that lies in an array, which is always ended by a zero byte.
#define TEXT_IN(array) ((struct text){(array), sizeof(array), 0, false})

void add(struct text *text, const char *more);
void add_number(struct text *text, unsigned long long number);
// "/proc/<process>" and the rest.
void add_process_path(struct text *text, long long process, const char *rest);

size_t length_of(const char *text);
bool are_equal(const char *one, const char *other);
bool begins_with(const char *text, const char *start);
// The first place of `part`, or NULL.
const char *find(const char *text, const char *part);
// Digits only, no more than `limit`; `rest` is what follows. False if there are none.
bool read_number(const char *text, unsigned long long limit, unsigned long long *number, const char **rest);

#endif
