#include "base/random.h"

#include <openssl/rand.h>

#include "base/check.h"

namespace billhook {

std::string RandomSource::alphanumeric(int length) {
    constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text;
    text.reserve(length);
    for (int i = 0; i < length; ++i) text += alphabet[below(62)];
    return text;
}

std::uint64_t RandomSource::below(std::uint64_t bound) {
    CHECK(bound > 0);
    std::uint64_t const limit = UINT64_MAX - UINT64_MAX % bound;  // rejection keeps every value equally likely
    std::uint64_t value = next();
    while (value >= limit) value = next();
    return value % bound;
}

std::uint64_t SystemRandom::next() {
    std::uint64_t value = 0;
    CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) == 1);
    return value;
}

std::uint64_t SeededRandom::next() {
    std::lock_guard const lock(mutex_);
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

}  // namespace billhook
