/* Functions of MicroPython that the linker wraps: those that calls.cmake names. */
#ifndef WEFT_WRAP_H
#define WEFT_WRAP_H

#include "port.h"

/* Declares the original and the wrapper. */
#define WEFT_WRAPPED(type_, name_, ...)                                                            \
    type_ __real_##name_(__VA_ARGS__);                                                             \
    type_ __wrap_##name_(__VA_ARGS__)

/* A wrapper that takes the interpreter's lock and nothing else. */
#define WEFT_LOCKED(type_, name_, parameters_, ...)                                                \
    type_ __real_##name_ parameters_;                                                              \
    type_ __wrap_##name_ parameters_;                                                              \
    type_ __wrap_##name_ parameters_ {                                                             \
        weft_c_enter();                                                                            \
        type_ result_ = __real_##name_(__VA_ARGS__);                                               \
        weft_c_leave();                                                                            \
        return result_;                                                                            \
    }

#define WEFT_LOCKED_VOID(name_, parameters_, ...)                                                  \
    void __real_##name_ parameters_;                                                               \
    void __wrap_##name_ parameters_;                                                               \
    void __wrap_##name_ parameters_ {                                                              \
        weft_c_enter();                                                                            \
        __real_##name_(__VA_ARGS__);                                                               \
        weft_c_leave();                                                                            \
    }

#endif
