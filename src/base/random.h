#pragma once
// Where ids, secrets and jitter come from. Injected, so that a whole run repeats from its seed. Thread-safe.

#include <cstdint>
#include <mutex>
#include <string>

namespace billhook {

class RandomSource {
  public:
    virtual ~RandomSource() = default;
    virtual std::uint64_t next() = 0;

    /// `length` characters of [A-Za-z0-9].
    std::string alphanumeric(int length);
    /// 0 ≤ result < bound; bound > 0.
    std::uint64_t below(std::uint64_t bound);
};

/// Cryptographically secure (OpenSSL RAND_bytes). For keys, secrets and ids in production.
class SystemRandom : public RandomSource {
  public:
    std::uint64_t next() override;
};

/// SplitMix64: the same seed gives the same sequence. Never for secrets that must hold.
class SeededRandom : public RandomSource {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() override;

  private:
    std::mutex mutex_;
    std::uint64_t state_;
};

}  // namespace billhook
