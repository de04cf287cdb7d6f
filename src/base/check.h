#pragma once
// CHECK stops the process before a wrong row is written: a broken invariant is a bug, not an error.

namespace billhook {
[[noreturn]] void check_failed(char const* expression, char const* file, int line);
}

#define CHECK(condition) ((condition) ? void(0) : ::billhook::check_failed(#condition, __FILE__, __LINE__))
