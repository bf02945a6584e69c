#include "text.h"

void add(struct text *text, const char *more) {
    for (; *more != '\0'; more++) {
        if (text->length + 1 >= text->size) {
            text->is_cut = true;
            break;
        }
        text->bytes[text->length++] = *more;
    }
    text->bytes[text->length] = '\0';
}

void add_number(struct text *text, unsigned long long number) {
    char digits[24];
    size_t first = sizeof digits - 1;
    digits[first] = '\0';
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    add(text, digits + first);
}

void add_process_path(struct text *text, long long process, const char *rest) {
    add(text, "/proc/");
    add_number(text, (unsigned long long)process);
    add(text, rest);
}

size_t length_of(const char *text) {
    size_t length = 0;
    while (text[length] != '\0') length++;
    return length;
}

bool are_equal(const char *one, const char *other) {
    while (*one != '\0' && *one == *other) one++, other++;
    return *one == *other;
}

bool begins_with(const char *text, const char *start) {
    while (*start != '\0' && *text == *start) text++, start++;
    return *start == '\0';
}

const char *find(const char *text, const char *part) {
    for (; *text != '\0'; text++) {
        if (begins_with(text, part)) return text;
    }
    return NULL;
}

bool read_number(const char *text, unsigned long long limit, unsigned long long *number, const char **rest) {
    if (*text < '0' || *text > '9') return false;
    *number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        unsigned digit = (unsigned)(*text - '0');
        if (*number > (limit - digit) / 10) return false;
        *number = *number * 10 + digit;
    }
    *rest = text;
    return true;
}
