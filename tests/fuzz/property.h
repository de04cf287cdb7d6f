#pragma once
// What every fuzz target uses. A target is one function that takes any bytes and holds a property of the code that
// reads them; a property that does not hold ends the process with the sentence that says so, as libFuzzer expects it.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace billhook::fuzz {

/// The target, defined once in each program.
void try_input(std::string_view input);

inline void hold(bool holds, char const* property) {
    if (holds) return;
    std::fprintf(stderr, "property broken: %s\n", property);
    std::abort();
}

/// Takes bytes off the front, for targets that need more than one value.
inline std::uint8_t take_byte(std::string_view& input) {
    if (input.empty()) return 0;
    auto const byte = static_cast<std::uint8_t>(input.front());
    input.remove_prefix(1);
    return byte;
}

/// Up to the first line end, which is dropped.
inline std::string_view take_line(std::string_view& input) {
    auto const end = input.find('\n');
    auto const line = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    return line;
}

}  // namespace billhook::fuzz
