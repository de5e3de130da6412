/* Cases: see cases.h. */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"

const test_case cases[] = {
    {NULL, NULL, NULL},
};
