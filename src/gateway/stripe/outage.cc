#include "gateway/stripe/outage.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace billhook::stripe {
namespace {

// A time-out and a 500 are not among them: they may be about the one object, and while they meet all, the circuit
// opens.
constexpr std::array<std::string_view, 4> reasons{"stripe_circuit_open", "stripe_unreachable", "stripe_rate_limited",
                                                  "stripe_key_refused"};

}  // namespace

bool is_outage(Error const& error) {
    return std::ranges::find(reasons, error.reason) != reasons.end();
}

}  // namespace billhook::stripe
