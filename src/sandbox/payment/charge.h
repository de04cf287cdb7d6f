#pragma once
// Charges: one attempt on a card each, successful or not.

#include <string>

#include "sandbox/core/call.h"
#include "sandbox/payment/test_card.h"

namespace billhook::sandbox {

/// An amount on a card: of a payment intent, or of a charge that was asked for without one.
struct Attempt {
    std::int64_t amount = 0;
    std::string currency;
    Json customer = nullptr;
    Json description = nullptr;
    JsonObject metadata = {};
    Json payment_intent = nullptr;
    bool is_captured = true;  // else only authorized
};
Attempt attempt_of(JsonObject const& payment_intent);

/// Makes the attempt and emits charge.succeeded or charge.failed. The charge's id.
std::string create_charge(Call& call, Attempt const& attempt, std::string const& method, ApiError const* failure,
                          bool was_challenged);
/// Takes so much of what a charge has authorized; the rest is let go.
void capture_charge(Call& call, std::string const& charge, std::int64_t amount);
/// Lets go all of what it has authorized.
void release_charge(Call& call, std::string const& charge);

void add_charges(World& world);

}  // namespace billhook::sandbox
