#pragma once
// Calls about subscriptions. Answers carry the latest invoice with its payments and confirmation secret, the default
// payment method, and all items.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/stripe/client.h"
#include "gateway/stripe/subscription.h"

namespace billhook::stripe {

/// One item of a create, an update or a preview. In an update name the item by its id: without it Stripe adds a second
/// one that is billed beside the first.
struct ItemWish {
    std::string item_id;   // empty: a new item
    std::string price_id;  // empty: as it is
    std::optional<std::int64_t> quantity;
    bool is_deleted = false;
};

enum class ProrationBehavior { create_prorations, always_invoice, none };
enum class PaymentBehavior { allow_incomplete, default_incomplete, error_if_incomplete, pending_if_incomplete };
enum class MissingPaymentMethod { create_invoice, pause, cancel };  // what a trial without one ends in
char const* to_string(ProrationBehavior behavior);
char const* to_string(PaymentBehavior behavior);
char const* to_string(MissingPaymentMethod end);

struct NewSubscription {
    std::string customer_id;
    std::vector<ItemWish> items;
    std::string currency;                // where the price has several
    std::optional<Timestamp> trial_end;  // whole seconds
    MissingPaymentMethod trial_without_payment_method = MissingPaymentMethod::cancel;
    PaymentBehavior payment_behavior = PaymentBehavior::default_incomplete;
    std::string default_payment_method_id;
    Metadata metadata;
};

/// What is absent stays as it is.
struct SubscriptionChange {
    std::vector<ItemWish> items;
    std::optional<ProrationBehavior> proration_behavior;
    // That of the preview that was shown. No anchor beside it: Stripe refuses the two together.
    std::optional<Timestamp> proration_date;
    std::optional<PaymentBehavior> payment_behavior;
    std::optional<bool> cancel_at_period_end;
    std::optional<Timestamp> trial_end;
    bool ends_trial_now = false;
    std::string cancellation_comment;
    std::string cancellation_feedback;  // one of Stripe's words
    Metadata metadata;                  // merged; an empty value deletes its key
};

struct CancelWish {
    bool prorates = false;      // credit for the time not used
    bool invoices_now = false;  // bill what is pending at once
    std::string comment;
    std::string feedback;
};

struct SubscriptionQuery {
    std::string customer_id;  // empty: of all customers
    bool includes_ended = true;
    std::string test_clock_id;  // Stripe hides a clock's objects unless asked by clock or customer
};

Result<Subscription> create_subscription(Client const& client, NewSubscription const& wish, IdempotencyKey const& key);
Result<Subscription> update_subscription(Client const& client, std::string const& id, SubscriptionChange const& change,
                                         IdempotencyKey const& key);
/// Repeatable without a key: once done, a second one changes nothing.
Result<Subscription> set_default_payment_method(Client const& client, std::string const& id,
                                                std::string const& payment_method_id);
/// Ends it at once. One that has ended already answers as it is.
Result<Subscription> cancel_subscription(Client const& client, std::string const& id, CancelWish const& wish);
/// From status `paused`: a new period begins now. Where that costs something it stays paused until the invoice is paid.
Result<Subscription> resume_subscription(Client const& client, std::string const& id, IdempotencyKey const& key);
Result<Subscription> retrieve_subscription(Client const& client, std::string const& id);
Status for_each_subscription(Client const& client, SubscriptionQuery const& query,
                             std::function<Result<Client::Walk>(Subscription const&)> const& visit);

}  // namespace billhook::stripe
