/* Cases: what random programs do not meet, or cannot look at closely. */
#ifndef WEFT_TESTS_CASES_H
#define WEFT_TESTS_CASES_H

typedef struct {
    const char *name;
    void (*run)(void);
    const char *panic; /* with which it has to stop, or NULL */
} test_case;

/* Each ends with one without a name. */
extern const test_case cases[];
extern const test_case failing_cases[]; /* which the simulator has to find wrong */

#endif
