#pragma once
// Metadata: Stripe's free key-value pairs, and the keys under which our own ids lie in it. These ids identify things;
// an e-mail address or a position in a list never does.

#include <map>
#include <string>
#include <string_view>

namespace billhook::stripe {

using Metadata = std::map<std::string, std::string>;

namespace metadata_key {
inline constexpr std::string_view customer = "billhook_customer";          // on customers, sessions, subscriptions
inline constexpr std::string_view subscription = "billhook_subscription";  // on subscriptions and sessions
inline constexpr std::string_view intent = "billhook_intent";              // on what an intent made or last changed
inline constexpr std::string_view refund = "billhook_refund";              // on refunds: for which operation
inline constexpr std::string_view line = "billhook_line";                  // on subscriptions, sessions and products
inline constexpr std::string_view plan = "billhook_plan";                  // on products and prices
inline constexpr std::string_view endpoint = "billhook_endpoint";          // on webhook endpoints of our making
}  // namespace metadata_key

/// The value, or an empty string.
std::string metadata_or_empty(Metadata const& metadata, std::string_view key);

}  // namespace billhook::stripe
