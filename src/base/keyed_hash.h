#pragma once
// KeyedHash: SipHash-2-4 with 128 bits of result, under a secret that this process drew. Made for finding again in
// memory what was proven before (a key, a token): who does not know the secret can aim at no collision, and it costs a
// tenth of SHA-256 on texts that short. Its results mean nothing outside of the process.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace billhook {

struct Hash128 {
    std::uint64_t low = 0, high = 0;
};
/// Takes the same time wherever the first difference is.
inline bool operator==(Hash128 const& a, Hash128 const& b) {
    return ((a.low ^ b.low) | (a.high ^ b.high)) == 0;
}
struct Hash128Hash {
    std::size_t operator()(Hash128 const& hash) const { return hash.low; }
};

class KeyedHash {
  public:
    using Secret = std::array<std::uint64_t, 2>;

    explicit KeyedHash(Secret const& secret) : secret_(secret) {}
    explicit KeyedHash(RandomSource& random) : secret_{random.next(), random.next()} {}
    /// By SystemRandom: what is found by it does not depend on the secret.
    KeyedHash();

    Hash128 operator()(std::string_view text) const;

  private:
    Secret const secret_;
};

}  // namespace billhook
