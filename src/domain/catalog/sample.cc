#include "domain/catalog/sample.h"

// BILLHOOK_SAMPLE_CATALOG is the file's path, given by CMake.
asm(".section .rodata\n"
    ".global billhook_sample_catalog_begin\n"
    ".global billhook_sample_catalog_end\n"
    "billhook_sample_catalog_begin:\n"
    ".incbin \"" BILLHOOK_SAMPLE_CATALOG
    "\"\n"
    "billhook_sample_catalog_end:\n"
    ".previous\n");

extern "C" char const billhook_sample_catalog_begin[];
extern "C" char const billhook_sample_catalog_end[];

namespace billhook::catalog {

Source sample_source() {
    return {"sample.yaml (built in)", std::string(billhook_sample_catalog_begin, billhook_sample_catalog_end)};
}

}  // namespace billhook::catalog
