#pragma once
// The ways in which a signed webhook is spoilt: on the wire by an accident, or by someone who has seen good ones but
// does not have the secret. Each makes a request that Stripe did not send, so each must be refused.

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/timestamp.h"

namespace billhook::mutated {

struct SignedEvent {
    std::string body;
    std::string header;
    bool operator==(SignedEvent const&) const = default;
};

/// As Stripe signs: t=…,v1=….
SignedEvent sign_event(std::string body, std::string_view secret, Timestamp at);

struct Mutation {
    char const* name;
    /// What is given was signed with `secret` at `now`. Differs from it.
    SignedEvent (*spoil)(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random);
};

std::vector<Mutation> const& mutations();

}  // namespace billhook::mutated
