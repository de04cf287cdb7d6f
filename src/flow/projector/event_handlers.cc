#include "flow/projector/event_handlers.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/log.h"
#include "flow/projector/project_checkout_session.h"
#include "flow/projector/project_customer.h"
#include "flow/projector/project_invoice.h"
#include "flow/projector/project_price.h"
#include "flow/projector/project_subscription.h"
#include "flow/projector/recent_reads.h"
#include "gateway/stripe/calls.h"
#include "store/catalog_store.h"
#include "store/checkout_session_store.h"
#include "store/customer_store.h"
#include "store/invoice_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {

namespace {

struct Hint {
    ProjectorContext const& context;
    stripe::Event const& event;
    Timestamp received_at;
    ReadObjects const& read_beside;

    std::string object() const { return event.object_id(); }
    std::string field(std::string_view path) const { return string_or(event.object, path); }
    std::string cause() const { return "event:" + event.id; }
    /// What needs no read, because another one tells as much.
    std::optional<EventWork> find_covered(std::string const& object_id) const {
        bool const is_beside = read_beside.contains(object_id);
        if (!is_beside && !context.recent_reads.covers(object_id, received_at)) return std::nullopt;
        return EventWork{.summary = object_id + " was read since", .rests_on_others = is_beside};
    }
};

using Handler = Result<EventWork> (*)(Hint const&);

EventWork ignored(std::string why) {
    return {std::move(why), true, {}};
}

template <class Look>
bool is_gone(Result<Look> const& look) {
    return !look && look.error().kind == ErrorKind::not_found;
}

/// Is there a row of ours about the object that the event names?
using IsKnown = Result<bool> (*)(store::Reader& reader, stripe::Event const& event, std::string const& id);

/// What strangers made and removed is no reason to retry. Stripe does not forget what we know, but with the key of
/// another account or mode it knows nothing of ours, and its events must not be lost to a mistaken key.
EventWork gone(Hint const& hint, std::string const& id, IsKnown is_known) {
    auto work = ignored(id + " is gone at Stripe");
    work.apply = [event = hint.event, id, is_known](store::Writer& writer) -> Status {
        if (!TRY(is_known(writer, event, id))) return {};
        return fail(unavailable("gone_at_stripe", "Stripe does not know " + id +
                                                      ", which is on record here. Is the API key that of the account "
                                                      "and mode whose events are received?"));
    };
    return work;
}

Result<bool> knows_subscription(store::Reader& reader, stripe::Event const& event, std::string const& id) {
    // The one piece of news that may come when it is gone, with the test clock or the account's test data.
    if (event.type == "customer.subscription.deleted") return false;
    return TRY(store::find_subscription_by_stripe_id(reader, id)).has_value();
}

Result<bool> knows_invoice(store::Reader& reader, stripe::Event const& event, std::string const& id) {
    auto const customer = TRY(store::find_customer_by_stripe_id(reader, string_or(event.object, "customer")));
    return customer && TRY(store::find_invoice(reader, customer->id, id)).has_value();
}

Result<bool> knows_checkout_session(store::Reader& reader, stripe::Event const&, std::string const& id) {
    return TRY(store::find_checkout_session_by_stripe_id(reader, id)).has_value();
}

Result<bool> knows_price(store::Reader& reader, stripe::Event const&, std::string const& id) {
    return !TRY(store::list_catalog_prices_of_stripe_price(reader, id)).empty();
}

void note_after_commit(store::Writer& writer, ProjectorContext const& context, std::string const& id, Timestamp began) {
    writer.after_commit([&reads = context.recent_reads, id, began] { reads.note(id, began); });
}

/// Closed now, the event would take along what may be the newest: the other's clock may be ahead of ours.
Status overtaken() {
    return fail(unavailable("overtaken", "Another look bears a later time; it is read again."));
}

Result<EventWork> read_subscription(Hint const& hint, std::string const& id) {
    if (id.empty()) return ignored("no subscription is named");
    if (auto covered = hint.find_covered(id)) return *covered;
    auto look = look_at_subscription(hint.context.stripe, hint.context.clock, id);
    if (is_gone(look)) return gone(hint, id, knows_subscription);
    // The read shows the newest invoice as well, and nothing is kept of an invoice that only its own read would tell.
    std::vector<std::string> reads{id};
    if (look && look->subscription.latest_invoice) reads.push_back(look->subscription.latest_invoice->id);
    return EventWork{
        id, false,
        [&context = hint.context, look = TRY(std::move(look)), cause = hint.cause()](store::Writer& writer) -> Status {
            if (auto const& invoice = look.subscription.latest_invoice) {
                auto const shown = TRY(project_invoice(writer, *invoice, look.time, {cause, {}}));
                if (shown == ProjectedInvoice::ask_again) return overtaken();
                note_after_commit(writer, context, invoice->id, look.time.began);
            }
            auto projected = TRY(project_subscription(writer, context, look, {cause, {}}));
            if (projected.effect == ProjectedSubscription::Effect::ask_again) return overtaken();
            if (projected.effect == ProjectedSubscription::Effect::not_ours)
                log(LogLevel::info, "a subscription that is not ours is ignored",
                    {{"stripe_subscription", look.subscription.id}, {"cause", cause}});
            note_after_commit(writer, context, look.subscription.id, look.time.began);
            return {};
        },
        std::move(reads)};
}

Result<EventWork> read_invoice(Hint const& hint, std::string const& id) {
    if (auto covered = hint.find_covered(id)) return *covered;
    LookTime time{hint.context.clock.now(), {}, false};
    auto invoice = stripe::retrieve_invoice(hint.context.stripe, id);
    if (is_gone(invoice)) return gone(hint, id, knows_invoice);
    return EventWork{id,
                     false,
                     [&context = hint.context, invoice = TRY(std::move(invoice)), time,
                      cause = hint.cause()](store::Writer& writer) -> Status {
                         auto const projected = TRY(project_invoice(writer, invoice, time, {cause, {}}));
                         if (projected == ProjectedInvoice::ask_again) return overtaken();
                         note_after_commit(writer, context, invoice.id, time.began);
                         return {};
                     },
                     {id}};
}

/// The first writes before the second, in one transaction.
EventWork both(EventWork first, EventWork second) {
    EventWork work{first.summary + " and " + second.summary,
                   first.is_ignored && second.is_ignored,
                   {},
                   std::move(first.reads),
                   first.rests_on_others || second.rests_on_others};
    work.reads.insert(work.reads.end(), second.reads.begin(), second.reads.end());
    if (first.apply && second.apply)
        work.apply = [one = std::move(first.apply), two = std::move(second.apply)](store::Writer& writer) -> Status {
            TRY_VOID(one(writer));
            return two(writer);
        };
    else
        work.apply = std::move(first.apply ? first.apply : second.apply);
    return work;
}

Result<EventWork> on_subscription(Hint const& hint) {
    return read_subscription(hint, hint.object());
}

Result<EventWork> on_schedule(Hint const& hint) {
    auto subject = hint.field("subscription");
    if (subject.empty()) subject = hint.field("released_subscription");
    return read_subscription(hint, subject);
}

/// A payment made, failed or given up moves the subscription too; whichever news comes first tells both.
Result<EventWork> on_payment(Hint const& hint) {
    auto const id = hint.object();
    auto subject = hint.field("parent.subscription_details.subscription");
    if (subject.empty()) subject = hint.field("subscription");
    if (subject.empty()) return read_invoice(hint, id);
    auto subscription = TRY(read_subscription(hint, subject));
    if (std::ranges::find(subscription.reads, id) != subscription.reads.end()) return subscription;
    return both(TRY(read_invoice(hint, id)), std::move(subscription));
}

Result<EventWork> on_invoice(Hint const& hint) {
    // Upcoming invoices have no id: they are news of a date, not of a change.
    if (hint.object().empty()) return ignored("an upcoming invoice changes nothing");
    if (auto covered = hint.find_covered(hint.object())) return *covered;
    return on_payment(hint);
}

Result<EventWork> on_checkout_session(Hint const& hint) {
    auto const id = hint.object();
    auto session = stripe::retrieve_checkout_session(hint.context.stripe, id);
    if (is_gone(session)) return gone(hint, id, knows_checkout_session);
    if (session && session->mode == "setup")
        return EventWork{id, false,
                         [&context = hint.context, session = TRY(std::move(session))](store::Writer& writer) {
                             return promise_payment_method(writer, context, session);
                         }};
    if (session && session->mode != "subscription") return ignored(id + " buys no subscription");
    auto const subject = session ? session->subscription_id : "";
    EventWork work{id, false,
                   [&context = hint.context, session = TRY(std::move(session)),
                    cause = hint.cause()](store::Writer& writer) -> Status {
                       TRY(project_checkout_session(writer, context, session, {cause, {}}));
                       return {};
                   }};
    if (subject.empty()) return work;
    return both(std::move(work), TRY(read_subscription(hint, subject)));
}

Result<EventWork> on_customer(Hint const& hint) {
    auto const id = hint.object();
    if (auto covered = hint.find_covered(id)) return *covered;
    auto const began = hint.context.clock.now();
    auto customer = stripe::retrieve_customer(hint.context.stripe, id);
    if (is_gone(customer)) return ignored(id + " is gone at Stripe");
    return EventWork{id,
                     false,
                     [&context = hint.context, customer = TRY(std::move(customer)), began,
                      cause = hint.cause()](store::Writer& writer) -> Status {
                         TRY(project_customer(writer, context, customer, {cause, {}}));
                         note_after_commit(writer, context, customer.id, began);
                         return {};
                     },
                     {id}};
}

Result<EventWork> on_price(Hint const& hint) {
    auto const id = hint.object();
    auto price = stripe::retrieve_price(hint.context.stripe, id);
    if (is_gone(price) && hint.event.type != "price.deleted") return gone(hint, id, knows_price);
    if (is_gone(price)) {
        price = stripe::Price{};
        price->id = id;
        price->is_deleted = true;
    }
    return EventWork{id, false,
                     [&context = hint.context, price = TRY(std::move(price))](store::Writer& writer) -> Status {
                         TRY(project_price(writer, context, price));
                         return {};
                     }};
}

Result<EventWork> on_product(Hint const&) {
    return ignored("names and features come from the catalog, not from products");
}

struct Route {
    std::string_view type;
    Handler handler;
};

constexpr std::array routes{
    Route{"checkout.session.completed", on_checkout_session},
    Route{"checkout.session.async_payment_succeeded", on_checkout_session},
    Route{"checkout.session.async_payment_failed", on_checkout_session},
    Route{"checkout.session.expired", on_checkout_session},
    Route{"customer.subscription.created", on_subscription},
    Route{"customer.subscription.updated", on_subscription},
    Route{"customer.subscription.deleted", on_subscription},
    Route{"customer.subscription.paused", on_subscription},
    Route{"customer.subscription.resumed", on_subscription},
    Route{"customer.subscription.pending_update_applied", on_subscription},
    Route{"customer.subscription.pending_update_expired", on_subscription},
    Route{"customer.subscription.trial_will_end", on_subscription},
    Route{"subscription_schedule.created", on_schedule},
    Route{"subscription_schedule.updated", on_schedule},
    Route{"subscription_schedule.released", on_schedule},
    Route{"subscription_schedule.completed", on_schedule},
    Route{"subscription_schedule.canceled", on_schedule},
    Route{"subscription_schedule.aborted", on_schedule},
    Route{"subscription_schedule.expiring", on_schedule},
    Route{"invoice.created", on_invoice},
    Route{"invoice.finalized", on_invoice},
    Route{"invoice.upcoming", on_invoice},
    Route{"invoice.paid", on_payment},
    Route{"invoice.payment_succeeded", on_payment},
    Route{"invoice.payment_failed", on_payment},
    Route{"invoice.payment_action_required", on_payment},
    Route{"invoice.voided", on_payment},
    Route{"invoice.marked_uncollectible", on_payment},
    Route{"customer.created", on_customer},
    Route{"customer.updated", on_customer},
    Route{"customer.deleted", on_customer},
    Route{"price.created", on_price},
    Route{"price.updated", on_price},
    Route{"price.deleted", on_price},
    Route{"product.created", on_product},
    Route{"product.updated", on_product},
    Route{"product.deleted", on_product},
};

Route const* find_route(std::string_view type) {
    auto found = std::ranges::find(routes, type, &Route::type);
    return found == routes.end() ? nullptr : &*found;
}

}  // namespace

Result<EventWork> prepare_event(ProjectorContext const& context, stripe::Event const& event, Timestamp received_at,
                                ReadObjects const& read_beside) {
    auto const* route = find_route(event.type);
    if (!route) return ignored("no handler for " + event.type);
    return route->handler({context, event, received_at, read_beside});
}

std::vector<std::string> handled_event_types() {
    std::vector<std::string> types;
    for (auto const& route : routes) types.emplace_back(route.type);
    return types;
}

bool is_handled_event_type(std::string_view type) {
    return find_route(type) != nullptr;
}

}  // namespace billhook::flow
