#include "store/subscription_store.h"

#include <map>
#include <utility>

#include "store/columns.h"
#include "store/query/subscription.h"
#include "store/query/subscription_history.h"
#include "store/query/subscription_item.h"

namespace billhook::store {
namespace {

using subscription::Item;

/// Without its items.
Subscription read_subscription(Row const& row) {
    Columns columns(row);
    Subscription subscription;
    subscription.customer = columns.id<CustomerId>();
    subscription.id = columns.id<SubscriptionId>();
    subscription.line = columns.text();
    subscription.plan = columns.text();
    subscription.interval = columns.interval();
    subscription.currency = columns.text();
    subscription.status = columns.word(subscription::parse_status);
    subscription.stripe_subscription_id = columns.text();
    subscription.stripe_schedule_id = columns.text();
    subscription.current_period = columns.period();
    subscription.trial_end = columns.optional_time();
    subscription.cancel_at_period_end = columns.boolean();
    subscription.cancel_at = columns.optional_time();
    subscription.canceled_at = columns.optional_time();
    subscription.ended_at = columns.optional_time();
    subscription.past_due_since = columns.optional_time();
    subscription.pending_update_expires_at = columns.optional_time();
    subscription.latest_invoice_id = columns.text();
    subscription.plan_item_id = columns.text();
    subscription.created_at = columns.time();
    subscription.observed_at = columns.time();
    return subscription;
}

HistoryEntry read_history_entry(Row const& row) {
    Columns columns(row);
    HistoryEntry entry;
    entry.customer = columns.id<CustomerId>();
    entry.id = columns.text();
    entry.subscription = columns.id<SubscriptionId>();
    entry.line = columns.text();
    entry.from_status = columns.text();
    entry.to_status = columns.text();
    entry.from_plan = columns.text();
    entry.to_plan = columns.text();
    entry.cause = columns.text();
    entry.at = columns.time();
    return entry;
}

/// Hands each item to the subscription that it belongs to.
void add_items(std::vector<Subscription>& subscriptions, Rows const& items) {
    std::map<std::pair<CustomerId, SubscriptionId>, Subscription*> owners;
    for (Subscription& subscription : subscriptions) owners[{subscription.customer, subscription.id}] = &subscription;
    for (Row const& row : items) {
        Columns columns(row);
        auto const customer = columns.id<CustomerId>();
        auto const owner = owners.find({customer, columns.id<SubscriptionId>()});
        if (owner == owners.end()) continue;
        Item item;
        item.stripe_item_id = columns.text();
        item.stripe_price_id = columns.text();
        item.lookup_key = columns.text();
        item.quantity = columns.integer();
        item.is_metered = columns.boolean();
        item.period = columns.period();
        owner->second->items.push_back(std::move(item));
    }
}

Result<std::optional<Subscription>> with_items(Reader& reader, Rows const& rows) {
    std::vector<Subscription> found = all_of(rows, read_subscription);
    if (found.empty()) return std::nullopt;
    add_items(found,
              TRY(reader.query(query::subscription_item::list_by_subscription, {found[0].customer, found[0].id})));
    return std::move(found[0]);
}

}  // namespace

Result<std::optional<Subscription>> find_subscription(Reader& reader, CustomerId const& customer,
                                                      SubscriptionId const& id) {
    return with_items(reader, TRY(reader.query(query::subscription::find, {customer, id})));
}

Result<std::optional<Subscription>> find_subscription_by_stripe_id(Reader& reader,
                                                                   std::string_view stripe_subscription_id) {
    return with_items(reader, TRY(reader.query(query::subscription::find_by_stripe_id, {stripe_subscription_id})));
}

Result<std::optional<Subscription>> find_live_subscription(Reader& reader, CustomerId const& customer,
                                                           std::string_view line) {
    return with_items(reader, TRY(reader.query(query::subscription::find_live, {customer, line})));
}

Result<std::vector<Subscription>> list_subscriptions(Reader& reader, CustomerId const& customer) {
    auto found = all_of(TRY(reader.query(query::subscription::list_by_customer, {customer})), read_subscription);
    if (!found.empty()) add_items(found, TRY(reader.query(query::subscription_item::list_by_customer, {customer})));
    return found;
}

Result<std::vector<Subscription>> list_live_subscriptions_of(Reader& reader, CustomerRange const& customers) {
    return all_of(TRY(reader.query(query::subscription::list_live_by_customers, {customers.after, customers.through})),
                  read_subscription);
}

Result<std::vector<Subscription>> list_subscriptions_after(Reader& reader,
                                                           std::optional<SubscriptionCursor> const& after, int limit) {
    SubscriptionCursor const cursor = after.value_or(SubscriptionCursor{});
    auto found = all_of(TRY(reader.query(query::subscription::list_after, {cursor.customer, cursor.id, limit})),
                        read_subscription);
    if (!found.empty())
        add_items(found,
                  TRY(reader.query(query::subscription_item::list_between, {found.front().customer, found.front().id,
                                                                            found.back().customer, found.back().id})));
    return found;
}

Status save_subscription(Writer& writer, Subscription const& subscription) {
    auto const saved = writer.execute(query::subscription::save, {subscription.customer,
                                                                  subscription.id,
                                                                  subscription.line,
                                                                  subscription.plan,
                                                                  to_string(subscription.interval),
                                                                  subscription.currency,
                                                                  to_string(subscription.status),
                                                                  subscription.stripe_subscription_id,
                                                                  subscription.stripe_schedule_id,
                                                                  subscription.current_period.start,
                                                                  subscription.current_period.end,
                                                                  subscription.trial_end,
                                                                  subscription.cancel_at_period_end,
                                                                  subscription.cancel_at,
                                                                  subscription.canceled_at,
                                                                  subscription.ended_at,
                                                                  subscription.past_due_since,
                                                                  subscription.pending_update_expires_at,
                                                                  subscription.latest_invoice_id,
                                                                  subscription.plan_item_id,
                                                                  subscription.created_at,
                                                                  subscription.observed_at});
    if (!saved)
        return fail(renamed(saved.error(), "subscription_live_line",
                            conflict("line_already_held", "The customer already holds a plan of this product line.")));
    TRY(writer.execute(query::subscription_item::remove_by_subscription, {subscription.customer, subscription.id}));
    for (Item const& item : subscription.items)
        TRY(writer.execute(query::subscription_item::insert,
                           {subscription.customer, subscription.id, item.stripe_item_id, item.stripe_price_id,
                            item.lookup_key, item.quantity, item.is_metered, item.period.start, item.period.end}));
    return {};
}

Status append_history(Writer& writer, HistoryEntry const& entry) {
    TRY(writer.execute(query::subscription_history::append,
                       {entry.customer, entry.id, entry.subscription, entry.line, entry.from_status, entry.to_status,
                        entry.from_plan, entry.to_plan, entry.cause, entry.at}));
    return {};
}

Result<std::vector<HistoryEntry>> list_history(Reader& reader, CustomerId const& customer, std::string_view line,
                                               std::optional<Cursor> const& after, int limit) {
    return all_of(after
                      ? TRY(reader.query(query::subscription_history::list_before, {customer, line, after->id, limit}))
                      : TRY(reader.query(query::subscription_history::list_newest, {customer, line, limit})),
                  read_history_entry);
}

}  // namespace billhook::store
