/* What AddressSanitizer and ThreadSanitizer are told, in a build with one of them. Each race that
 * is not reported has its reason; what is read without a lock is C11's atomics elsewhere.
 */
#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);

/* The collector finds references on the threads' own stacks; what is left at the end is the
 * system's.
 */
const char *__asan_default_options(void) {
    return "detect_stack_use_after_return=0:detect_leaks=0";
}
#endif

#if defined(__SANITIZE_THREAD__)
const char *__tsan_default_options(void);
const char *__tsan_default_suppressions(void);

const char *__tsan_default_options(void) {
    return "halt_on_error=1:exitcode=66:report_signal_unsafe=0:history_size=4";
}

const char *__tsan_default_suppressions(void) {
    return "";
}
#endif

extern const int weft_sanitize_unused; /* a file is never empty */
