#pragma once
// Checkout sessions: payment pages of Stripe that a customer was sent to. At most one is open per customer and line.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/subscription/intent.h"
#include "store/store.h"

namespace billhook::store {

enum class CheckoutSessionStatus { open, complete, expired };
char const* to_string(CheckoutSessionStatus status);
std::optional<CheckoutSessionStatus> parse_checkout_session_status(std::string_view word);

struct CheckoutSession {
    std::string id;  // ours, "chk_…"
    CustomerId customer;
    std::string line;
    std::string stripe_session_id;
    IntentId intent;
    std::string url;
    CheckoutSessionStatus status = CheckoutSessionStatus::open;
    Timestamp created_at;
    Timestamp expires_at;
    auto operator<=>(CheckoutSession const&) const = default;
};

/// Inserts or replaces. Conflict "checkout_already_open" where another one of the line is open; the transaction stays
/// usable.
Status save_checkout_session(Writer& writer, CheckoutSession const& session);
Result<std::optional<CheckoutSession>> find_open_checkout_session(Reader& reader, CustomerId const& customer,
                                                                  std::string_view line);
Result<std::optional<CheckoutSession>> find_checkout_session(Reader& reader, CustomerId const& customer,
                                                             std::string_view id);
/// Across customers: under the system's scope only.
Result<std::optional<CheckoutSession>> find_checkout_session_by_stripe_id(Reader& reader,
                                                                          std::string_view stripe_session_id);
/// Every customer's open ones that should have ended, oldest first: under the system's scope only.
Result<std::vector<CheckoutSession>> list_checkout_sessions_expiring_before(Reader& reader, Timestamp before,
                                                                            int limit);
/// Deletes up to `limit` that have ended and would have expired by `before`, the oldest first; how many. Under the
/// system's scope only.
Result<std::int64_t> purge_ended_checkout_sessions(Writer& writer, Timestamp before, int limit);

}  // namespace billhook::store
