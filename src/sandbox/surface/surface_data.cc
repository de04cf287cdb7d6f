#include "sandbox/surface/surface_data.h"

// BILLHOOK_SURFACE is the folder of the files, given by CMake. One follows the other, as if they were one.
asm(".section .rodata\n"
    ".global billhook_surface_begin\n"
    ".global billhook_surface_end\n"
    "billhook_surface_begin:\n"
    ".incbin \"" BILLHOOK_SURFACE
    "/stripe_2026_10_28.surface\"\n"
    ".incbin \"" BILLHOOK_SURFACE
    "/stripe_cli.surface\"\n"
    ".incbin \"" BILLHOOK_SURFACE
    "/older.surface\"\n"
    "billhook_surface_end:\n"
    ".previous\n");

extern "C" char const billhook_surface_begin[];
extern "C" char const billhook_surface_end[];

namespace billhook::sandbox {

std::string_view surface_data() {
    return {billhook_surface_begin, static_cast<std::size_t>(billhook_surface_end - billhook_surface_begin)};
}

}  // namespace billhook::sandbox
