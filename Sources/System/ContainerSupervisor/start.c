// Where the kernel enters, and the functions that a compiler calls of its own accord.
#include "supervisor.h"

#ifdef HEDDLE_HOSTED
// Linked with a C library, which starts it: a sanitizer's build.
int main(int count, char **arguments, char **environment) {
    return supervise(count, arguments, environment);
}
#else

// The kernel puts on the stack: how many arguments, the arguments, a null, the environment, a null.
__attribute__((used)) static _Noreturn void start(char **stack) {
    int count = (int)(intptr_t)stack[0];
    end_process(supervise(count, stack + 1, stack + count + 2));
}

#if defined(__x86_64__)
__asm__(".globl _start\n"
        "_start:\n"
        "    xorl %ebp, %ebp\n"
        "    movq %rsp, %rdi\n"
        "    andq $-16, %rsp\n"
        "    call start\n");
#else
__asm__(".globl _start\n"
        "_start:\n"
        "    mov x29, #0\n"
        "    mov x30, #0\n"
        "    mov x0, sp\n"
        "    b start\n");
#endif

void *memset(void *target, int value, size_t size) {
    for (size_t i = 0; i < size; i++) ((char *)target)[i] = (char)value;
    return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t size) {
    for (size_t i = 0; i < size; i++) ((char *)target)[i] = ((const char *)source)[i];
    return target;
}

#endif
