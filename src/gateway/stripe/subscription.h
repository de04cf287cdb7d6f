#pragma once
// Subscription as Stripe describes it, in the shapes of every API version from before 2024-09-30.acacia to
// 2026-10-28.endive: all items, each with its own period, wherever that version keeps it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/period.h"
#include "gateway/stripe/customer.h"
#include "gateway/stripe/invoice.h"
#include "gateway/stripe/metadata.h"
#include "gateway/stripe/product.h"

namespace billhook::stripe {

struct SubscriptionItem {
    std::string id;
    Price price;
    std::optional<std::int64_t> quantity;  // absent for metered prices
    Period period;
    Metadata metadata;
    Timestamp created;
    bool is_metered() const { return price.is_metered; }
    bool operator==(SubscriptionItem const&) const = default;
};

/// A change that Stripe holds until its invoice is paid (pending_if_incomplete).
struct PendingUpdate {
    Timestamp expires_at;
    std::optional<Timestamp> trial_end;
    std::vector<SubscriptionItem> items;
    bool operator==(PendingUpdate const&) const = default;
};

struct Subscription {
    std::string id;
    std::string customer_id;
    std::optional<Customer> customer;  // where it was expanded
    std::string status;                // one of Stripe's eight words, or a newer one
    std::string currency;
    std::string collection_method;
    std::string billing_mode;  // classic, flexible
    std::string description;
    std::vector<SubscriptionItem> items;  // all that the object carried, in its order
    bool has_more_items = false;          // the object carries only the first page
    Timestamp billing_cycle_anchor;
    std::optional<Timestamp> trial_start;
    std::optional<Timestamp> trial_end;
    bool cancel_at_period_end = false;
    std::optional<Timestamp> cancel_at;
    std::optional<Timestamp> canceled_at;
    std::optional<Timestamp> ended_at;
    std::string cancellation_reason;   // cancellation_requested, payment_failed, payment_disputed, …
    std::string cancellation_comment;  // of whoever cancelled it
    bool is_collection_paused = false;
    std::string schedule_id;  // empty where no schedule is attached
    std::string latest_invoice_id;
    std::optional<Invoice> latest_invoice;         // where it was expanded
    std::string default_payment_method_id;         // of the subscription itself, not of its customer
    std::optional<PaymentMethod> default_payment;  // where it was expanded
    std::string pending_setup_intent_id;
    std::optional<PendingUpdate> pending_update;
    std::vector<Discount> discounts;
    std::string test_clock_id;
    Metadata metadata;
    Timestamp start_date;
    Timestamp created;

    bool operator==(Subscription const&) const = default;

    SubscriptionItem const* find_item(std::string_view item_id) const;
    /// The earliest end of any item's period: when it next renews. Null where no item has a period.
    std::optional<Timestamp> earliest_period_end() const;
};

Result<Subscription> parse_subscription(Json const& tree);
/// `fallback` is the subscription's own period, where versions before 2025-03-31.basil keep it.
Result<SubscriptionItem> parse_subscription_item(Json const& tree, Period fallback = {});

}  // namespace billhook::stripe
