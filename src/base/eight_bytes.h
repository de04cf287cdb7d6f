#pragma once
// Eight characters looked at as one word, for texts that hold what is looked for hardly ever.

#include <cstdint>

namespace billhook {

constexpr std::uint64_t in_each_byte(unsigned char c) {
    return 0x0101'0101'0101'0101U * c;
}

/// Of a word, the high bit of the lowest byte that is below `bound`; of higher bytes it may be set without reason.
constexpr std::uint64_t bytes_below(std::uint64_t word, unsigned char bound) {
    return (word - in_each_byte(bound)) & ~word & in_each_byte(0x80);
}

}  // namespace billhook
