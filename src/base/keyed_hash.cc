#include "base/keyed_hash.h"

#include <bit>
#include <cstring>

namespace billhook {
namespace {

static_assert(std::endian::native == std::endian::little, "SipHash reads words of little endian");

// Aumasson and Bernstein, "SipHash: a fast short-input PRF", with the 128-bit result of the reference implementation.
class SipState {
  public:
    explicit SipState(KeyedHash::Secret const& secret)
        : v0_(0x736f6d6570736575U ^ secret[0]),
          v1_(0x646f72616e646f6dU ^ secret[1] ^ 0xee),
          v2_(0x6c7967656e657261U ^ secret[0]),
          v3_(0x7465646279746573U ^ secret[1]) {}

    void take(std::uint64_t word) {
        v3_ ^= word;
        round();
        round();
        v0_ ^= word;
    }

    Hash128 finish() {
        v2_ ^= 0xee;
        std::uint64_t const low = four_rounds();
        v1_ ^= 0xdd;
        return {low, four_rounds()};
    }

  private:
    void round() {
        v0_ += v1_;
        v2_ += v3_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v1_;
        v0_ += v3_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ = std::rotl(v2_, 32);
    }
    std::uint64_t four_rounds() {
        for (int i = 0; i < 4; ++i) round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

    std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace

KeyedHash::KeyedHash() : secret_{SystemRandom().next(), SystemRandom().next()} {}

Hash128 KeyedHash::operator()(std::string_view text) const {
    SipState state(secret_);
    std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56;
    for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        state.take(word);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, text.data(), text.size());
    last |= rest;
    state.take(last);
    return state.finish();
}

}  // namespace billhook
