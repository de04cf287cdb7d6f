#include "flow/command/customer_command.h"

#include <algorithm>

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/command/outbox_message.h"
#include "flow/command/standing.h"
#include "flow/command/step.h"
#include "flow/projector/project_customer.h"
#include "flow/projector/project_invoice.h"
#include "flow/projector/project_subscription.h"
#include "gateway/stripe/ask_anew.h"
#include "gateway/stripe/calls.h"
#include "store/customer_store.h"
#include "store/intent_store.h"
#include "store/outbox_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {

using customer::Customer;

namespace {

constexpr Duration recent = Duration::hours(25);
constexpr int updates_max = 3;  // to Stripe in one go, where the name changes meanwhile

struct Put {
    Customer record;
    std::optional<store::OutboxMessage> message;
};

Result<Put> write_customer(store::Writer& writer, CommandContext const& context, CustomerWish const& wish) {
    auto const now = context.projector.clock.now();
    auto known = TRY(store::find_customer(writer, wish.customer));
    Put put{known.value_or(Customer{.id = wish.customer, .created_at = now, .updated_at = now}), {}};
    auto& record = put.record;
    if (wish.name) record.name = *wish.name;
    if (wish.email) record.email = *wish.email;
    if (wish.currency && *wish.currency != record.currency) {
        if (!record.currency.empty() && !record.stripe_customer_id.empty())
            return fail(conflict("currency_fixed", "The customer's currency is '" + record.currency +
                                                       "' since its first purchase and cannot change."));
        record.currency = *wish.currency;
    }
    if (known && record == *known) return put;
    record.updated_at = now;
    TRY_VOID(store::save_customer(writer, record));
    bool const is_renamed = known && (record.name != known->name || record.email != known->email);
    if (is_renamed && !record.stripe_customer_id.empty())
        put.message = TRY(promise_update(writer, context.projector, record));
    return put;
}

/// Nobody waits for Stripe to learn of a new name: what fails here is sent again by the outbox.
void tell_stripe(CommandContext const& context, store::OutboxMessage const& message) {
    crash_point("customer.saved");
    if (!update_stripe_customer(context, message.customer)) return;
    crash_point("customer.told");
    auto finished = context.store.write(store::Scope::customer(message.customer), [&](store::Writer& writer) {
        return store::finish_message(writer, message, context.projector.clock.now());
    });
    crash_point("customer.message_finished");
    if (!finished) log(LogLevel::debug, "a message that was done will be done again", {{"message", message.id}});
}

}  // namespace

Result<Customer> put_customer(CommandContext const& context, CustomerWish const& wish,
                              AnswerKeeper<Customer> const& answers) {
    auto const scope = answers.scope(wish.customer);
    auto put = TRY(context.store.write_value(scope, [&](store::Writer& writer) -> Result<Put> {
        auto written = TRY(write_customer(writer, context, wish));
        TRY_VOID(answers.keep(writer, written.record));
        return written;
    }));
    crash_point("customer.put");
    if (put.message) tell_stripe(context, *put.message);
    return put.record;
}

Status update_stripe_customer(CommandContext const& context, CustomerId const& id) {
    auto const load = [&] {
        return context.store.read_value(store::Scope::customer(id),
                                        [&](store::Reader& reader) { return load_customer(reader, id); });
    };
    auto record = TRY(load());
    for (int turn = 1;; ++turn) {
        if (record.stripe_customer_id.empty()) return {};
        stripe::CustomerChange change;
        // Stripe refuses an empty address; one that was taken away here stays there.
        if (!record.name.empty()) change.name = record.name;
        if (!record.email.empty()) change.email = record.email;
        if (!change.name && !change.email) return {};
        auto const told = stripe::update_customer(context.projector.stripe, record.stripe_customer_id, change);
        // Whoever takes its place is told when it is made.
        if (!told && told.error().kind == ErrorKind::not_found) return refresh_customer(context, id);
        if (!told) return fail(told.error());
        // A newer name may have overtaken ours on the way: then ours arrived last, and must not stay.
        auto const present = TRY(load());
        if (present.name == record.name && present.email == record.email) return {};
        if (turn == updates_max)
            return fail(unavailable("customer_changes", "The customer is changed faster than Stripe can be told."));
        record = present;
    }
}

namespace {

/// One that bears our id already: made by us before a crash more than a day ago, or imported.
Result<std::optional<stripe::Customer>> find_by_metadata(CommandContext const& context, CustomerId const& id) {
    for (auto& found : TRY(stripe::search_customers(context.projector.stripe, id)))
        if (!found.is_deleted) return std::move(found);
    return std::nullopt;
}

/// What failed at Stripe may have been done all the same, and its search lags behind: what was made of late is listed.
Result<std::optional<stripe::Customer>> find_recent(stripe::Client const& stripe, CustomerId const& id) {
    std::optional<stripe::Customer> found;
    std::optional<Timestamp> newest;
    TRY_VOID(stripe::for_each_customer(stripe, [&](stripe::Customer const& each) -> Result<stripe::Client::Walk> {
        newest = newest.value_or(each.created);
        // Stripe forgets keys after a day: what was made before did not come from one that still fails.
        if (*newest - each.created > recent) return stripe::Client::Walk::stop;
        if (stripe::metadata_or_empty(each.metadata, stripe::metadata_key::customer) != id.str())
            return stripe::Client::Walk::on;
        found = each;
        return stripe::Client::Walk::stop;
    }));
    return found;
}

Result<stripe::Customer> create_or_find(stripe::Client const& stripe, stripe::NewCustomer const& wish,
                                        stripe::IdempotencyKey const& first) {
    std::optional<stripe::Customer> found;
    auto made = TRY(stripe::ask_anew(
        first, [&](auto const& key) { return stripe::create_customer(stripe, wish, key); },
        [&]() -> Result<bool> {
            found = TRY(find_recent(stripe, wish.customer));
            return found.has_value();
        }));
    return made ? std::move(*made) : std::move(*found);
}

Result<stripe::Customer> make_stripe_customer(CommandContext const& context, Customer const& record) {
    crash_point("stripe_customer.not_found");
    // Name and e-mail may differ between two callers at the same moment, and one key belongs to one body: they follow.
    stripe::NewCustomer wish;
    wish.customer = record.id;
    auto const& stripe = context.projector.stripe;
    auto const operation = "customer:" + record.id.str();
    std::string step = "create";
    for (;;) {
        auto made = TRY(create_or_find(stripe, wish, stripe::IdempotencyKey::of(operation, step)));
        // One that is not newer than what we know of the customer may be the answer to an earlier request: for a day
        // Stripe repeats it, though the customer that it speaks of was deleted since. Each such has an heir of its own.
        if (made.created.seconds() > record.updated_at.seconds()) return made;
        if (!TRY(stripe::retrieve_customer(stripe, made.id)).is_deleted) return made;
        step = "create_after_" + made.id;
    }
}

}  // namespace

Result<Customer> ensure_stripe_customer(CommandContext const& context, CustomerId const& id) {
    auto const scope = store::Scope::customer(id);
    auto record =
        TRY(context.store.read_value(scope, [&](store::Reader& reader) { return load_customer(reader, id); }));
    if (!record.stripe_customer_id.empty()) return record;
    crash_point("stripe_customer.missing");
    auto const found = TRY(find_by_metadata(context, id));
    auto const made = found ? *found : TRY(make_stripe_customer(context, record));
    crash_point("stripe_customer.made");
    auto put = TRY(context.store.write_value(scope, [&](store::Writer& writer) -> Result<Put> {
        auto message = TRY(project_customer(writer, context.projector, made, {"read", id}));
        return Put{TRY(load_customer(writer, id)), std::move(message)};
    }));
    crash_point("stripe_customer.projected");
    if (put.message) tell_stripe(context, *put.message);
    // One that Stripe had already may hold subscriptions there of which no news came.
    if (found) TRY_VOID(refresh_customer(context, id));
    return put.record;
}

namespace {

/// One that Stripe does not know was made with the key of another account or mode: it counts as deleted.
Result<stripe::Customer> find_payer(CommandContext const& context, std::string const& stripe_customer) {
    auto found = stripe::retrieve_customer(context.projector.stripe, stripe_customer);
    if (found || found.error().kind != ErrorKind::not_found) return found;
    stripe::Customer gone;
    gone.id = stripe_customer;
    gone.is_deleted = true;
    return gone;
}

constexpr int looks_max = 2;  // another may look at the same moment, and be written first

Error overtaken_look(std::string const& what) {
    return unavailable("overtaken", "What is known of " + what + " bears a later time; ask again shortly.");
}

/// As the list shows them: what a row keeps of an invoice stands there. Whether one of them was overtaken.
Result<bool> look_at_invoices(CommandContext const& context, Customer const& record) {
    auto const began = context.projector.clock.now();
    std::vector<stripe::Invoice> found;
    stripe::InvoiceQuery query;
    query.customer_id = record.stripe_customer_id;
    TRY_VOID(stripe::for_each_invoice(context.projector.stripe, query,
                                      [&](stripe::Invoice const& each) -> Result<stripe::Client::Walk> {
                                          found.push_back(each);
                                          return stripe::Client::Walk::on;
                                      }));
    return context.store.write_value(store::Scope::customer(record.id), [&](store::Writer& writer) -> Result<bool> {
        bool is_overtaken = false;
        for (auto const& invoice : found) {
            auto const projected = TRY(project_invoice(writer, invoice, {began, {}, false}, {"read", record.id}));
            is_overtaken |= projected == ProjectedInvoice::ask_again;
        }
        return is_overtaken;
    });
}

Status refresh_invoices(CommandContext const& context, Customer const& record) {
    for (int count = 1; count <= looks_max; ++count)
        if (!TRY(look_at_invoices(context, record))) return {};
    return fail(overtaken_look("an invoice"));
}

/// What Stripe said of it. Errors: unavailable "overtaken" where what is known bears a later time and differs:
/// somebody's clock is ahead.
Result<stripe::Subscription> refresh_subscription(CommandContext const& context, CustomerId const& id,
                                                  std::string const& stripe_id) {
    for (int count = 1; count <= looks_max; ++count) {
        auto look = TRY(look_at_subscription(context.projector.stripe, context.projector.clock, stripe_id));
        crash_point("refresh.read");
        auto const projected = TRY(context.store.write_value(store::Scope::customer(id), [&](store::Writer& writer) {
            return project_subscription(writer, context.projector, look, {"read", id});
        }));
        crash_point("refresh.projected");
        if (projected.effect != ProjectedSubscription::Effect::ask_again) return std::move(look.subscription);
    }
    return fail(overtaken_look("the subscription"));
}

Status refresh_subscriptions(CommandContext const& context, Customer const& record) {
    std::vector<std::string> found;
    stripe::SubscriptionQuery query;
    query.customer_id = record.stripe_customer_id;
    TRY_VOID(stripe::for_each_subscription(context.projector.stripe, query,
                                           [&](stripe::Subscription const& each) -> Result<stripe::Client::Walk> {
                                               found.push_back(each.id);
                                               return stripe::Client::Walk::on;
                                           }));
    // Oldest first: what has ended must leave its line before what came after it takes it.
    std::ranges::reverse(found);
    std::vector<std::string> owing;
    for (auto const& stripe_id : found)
        if (TRY(refresh_subscription(context, record.id, stripe_id)).status == "past_due") owing.push_back(stripe_id);
    TRY_VOID(refresh_invoices(context, record));
    // Since when they owe, the invoices tell.
    for (auto const& stripe_id : owing) TRY(refresh_subscription(context, record.id, stripe_id));
    return {};
}

/// Of a payer who is gone Stripe lists nothing: what we know of is read, one by one.
Status refresh_known_subscriptions(CommandContext const& context, CustomerId const& id) {
    auto const known = TRY(context.store.read_value(
        store::Scope::customer(id), [&](store::Reader& reader) { return store::list_subscriptions(reader, id); }));
    for (auto const& record : known) {
        if (subscription::has_ended(record.status)) continue;
        auto const read = refresh_subscription(context, id, record.stripe_subscription_id);
        // Stripe never forgets one of its own. With the key of another account it knows none of ours, and a mistaken
        // key must end nobody's plan.
        if (!read && read.error().kind != ErrorKind::not_found) return fail(read.error());
    }
    return {};
}

/// What is gone at Stripe ends when it is followed up.
Status refresh_intents(CommandContext const& context, CustomerId const& id) {
    auto const pending = TRY(context.store.read_value(
        store::Scope::customer(id), [&](store::Reader& reader) { return store::list_pending_intents(reader, id); }));
    for (auto const& intent : pending)
        if (auto const found = find_out(context, intent); !found && found.error().kind != ErrorKind::not_found)
            return fail(found.error());
    return {};
}

}  // namespace

bool is_stripe_customer_gone(Error const& error) {
    return error.reason == "resource_missing" && string_or(error.extra, "param") == "customer";
}

Status refresh_customer(CommandContext const& context, CustomerId const& id) {
    auto const scope = store::Scope::customer(id);
    auto record =
        TRY(context.store.read_value(scope, [&](store::Reader& reader) { return load_customer(reader, id); }));
    if (record.stripe_customer_id.empty()) return {};
    auto const payer = TRY(find_payer(context, record.stripe_customer_id));
    TRY_VOID(context.store.write(scope, [&](store::Writer& writer) -> Status {
        TRY(project_customer(writer, context.projector, payer, {"read", id}));
        return {};
    }));
    TRY_VOID(payer.is_deleted ? refresh_known_subscriptions(context, id) : refresh_subscriptions(context, record));
    return refresh_intents(context, id);
}

}  // namespace billhook::flow
