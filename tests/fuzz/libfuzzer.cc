// The door that libFuzzer knocks on. Built with clang only, by the preset `fuzz`.

#include "tests/fuzz/property.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    billhook::fuzz::try_input({reinterpret_cast<char const*>(data), size});
    return 0;
}
