#include "sandbox/surface/surface_data.h"

// BILLHOOK_SURFACE_FILE is the file's path, given by CMake.
asm(".section .rodata\n"
    ".global billhook_surface_begin\n"
    ".global billhook_surface_end\n"
    "billhook_surface_begin:\n"
    ".incbin \"" BILLHOOK_SURFACE_FILE
    "\"\n"
    "billhook_surface_end:\n"
    ".previous\n");

extern "C" char const billhook_surface_begin[];
extern "C" char const billhook_surface_end[];

namespace billhook::sandbox {

std::string_view surface_data() {
    return {billhook_surface_begin, static_cast<std::size_t>(billhook_surface_end - billhook_surface_begin)};
}

}  // namespace billhook::sandbox
