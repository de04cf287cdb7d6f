#include "http/openapi_text.h"

// BILLHOOK_OPENAPI_FILE is the file's path, given by CMake.
asm(".section .rodata\n"
    ".global billhook_openapi_begin\n"
    ".global billhook_openapi_end\n"
    "billhook_openapi_begin:\n"
    ".incbin \"" BILLHOOK_OPENAPI_FILE
    "\"\n"
    "billhook_openapi_end:\n"
    ".previous\n");

extern "C" char const billhook_openapi_begin[];
extern "C" char const billhook_openapi_end[];

namespace billhook::http {

std::string_view openapi_text() {
    return {billhook_openapi_begin, static_cast<std::size_t>(billhook_openapi_end - billhook_openapi_begin)};
}

}  // namespace billhook::http
