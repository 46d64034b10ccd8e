#include "tests/e2e/program.h"
