#pragma once
// SHA-256, HMAC-SHA256, hex, base64url and comparison in constant time, over OpenSSL EVP. Thread-safe.

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace billhook {

using Sha256 = std::array<unsigned char, 32>;

/// Any eight bytes of a digest are as good as a hash.
struct DigestHash {
    std::size_t operator()(Sha256 const& digest) const {
        std::size_t hash;
        std::memcpy(&hash, digest.data(), sizeof hash);
        return hash;
    }
};

Sha256 sha256(std::string_view data);
Sha256 hmac_sha256(std::string_view key, std::string_view data);
/// Of the parts, one behind the other.
Sha256 hmac_sha256(std::string_view key, std::span<std::string_view const> parts);

std::string to_hex(std::string_view bytes);
inline std::string to_hex(Sha256 const& digest) {
    return to_hex(std::string_view(reinterpret_cast<char const*>(digest.data()), digest.size()));
}
/// Empty input gives empty output; anything but pairs of hex digits is an error.
Result<std::string> from_hex(std::string_view hex);

std::string to_base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);
std::string to_base64url(std::string_view bytes);  // RFC 4648 section 5, without padding
Result<std::string> from_base64url(std::string_view text);

/// Takes the same time wherever the first difference is. Different lengths compare unequal at once.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace billhook
