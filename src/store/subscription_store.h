#pragma once
// Subscriptions with all their items, and their append-only history.

#include <optional>
#include <string_view>
#include <vector>

#include "domain/subscription/subscription.h"
#include "store/cursor.h"
#include "store/customer_store.h"
#include "store/store.h"

namespace billhook::store {

using subscription::HistoryEntry;
using subscription::Subscription;

Result<std::optional<Subscription>> find_subscription(Reader& reader, CustomerId const& customer,
                                                      SubscriptionId const& id);
/// Across customers: under the system's scope only.
Result<std::optional<Subscription>> find_subscription_by_stripe_id(Reader& reader,
                                                                   std::string_view stripe_subscription_id);
/// The one of the line that has not ended; a unique index holds that there is at most one.
Result<std::optional<Subscription>> find_live_subscription(Reader& reader, CustomerId const& customer,
                                                           std::string_view line);
/// All of the customer's, ended ones too, by created_at.
Result<std::vector<Subscription>> list_subscriptions(Reader& reader, CustomerId const& customer);

/// Those that have not ended, without their items, in the order of the customers: what their entitlements follow from.
Result<std::vector<Subscription>> list_live_subscriptions_of(Reader& reader, CustomerRange const& customers);

struct SubscriptionCursor {
    CustomerId customer;
    SubscriptionId id;
};
/// Every customer's, by customer and id: under the system's scope only (reconciliation).
Result<std::vector<Subscription>> list_subscriptions_after(Reader& reader,
                                                           std::optional<SubscriptionCursor> const& after, int limit);

/// Inserts or replaces the subscription and its whole set of items. Conflict "line_already_held" where another
/// subscription of the line has not ended; the transaction stays usable.
Status save_subscription(Writer& writer, Subscription const& subscription);

Status append_history(Writer& writer, HistoryEntry const& entry);
/// Of one line, from the last appended to the first, whatever times they bear; of the cursor only the id counts.
Result<std::vector<HistoryEntry>> list_history(Reader& reader, CustomerId const& customer, std::string_view line,
                                               std::optional<Cursor> const& after, int limit);

}  // namespace billhook::store
