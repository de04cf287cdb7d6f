#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace billhook {

void check_failed(char const* expression, char const* file, int line) {
    std::fprintf(stderr, "CHECK failed: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace billhook
