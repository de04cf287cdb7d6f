#include "flow/projector/project_subscription.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"
#include "flow/projector/duplicate.h"
#include "flow/projector/identify.h"
#include "flow/projector/settle.h"
#include "flow/projector/translate.h"
#include "store/invoice_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {

using subscription::Projection;
using subscription::Subscription;
using Effect = ProjectedSubscription::Effect;

char const* to_string(Effect effect) {
    switch (effect) {
        case Effect::written:
            return "written";
        case Effect::stale:
            return "stale";
        case Effect::ask_again:
            return "ask_again";
        case Effect::not_ours:
            return "not_ours";
        case Effect::duplicate:
            return "duplicate";
    }
    return "";
}

namespace {

constexpr int invoices_looked_at_max = 50;

Subscription const* find_by_stripe_id(std::vector<Subscription> const& records, std::string const& id) {
    auto found = std::ranges::find(records, id, &Subscription::stripe_subscription_id);
    return found == records.end() ? nullptr : &*found;
}

/// The id that our request gave it; one that Stripe made without us, or with a copied id, is named after Stripe's.
SubscriptionId new_id(stripe::Subscription const& from, std::vector<Subscription> const& records) {
    SubscriptionId id(stripe::metadata_or_empty(from.metadata, stripe::metadata_key::subscription));
    bool is_taken = std::ranges::find(records, id, &Subscription::id) != records.end();
    return id.empty() || is_taken ? SubscriptionId("bsub_" + from.id) : id;
}

/// Sets plan, interval, line and period of the observed record. False where nothing tells which line it is of.
bool resolve_plan(ProjectorContext const& context, stripe::Subscription const& from, Subscription const* current,
                  Subscription& observed) {
    auto catalog = context.catalog();
    observed.line = current ? current->line : stripe::metadata_or_empty(from.metadata, stripe::metadata_key::line);
    auto item = find_plan_item(*catalog, *context.prices(), from, observed.line);
    if (item) {
        observed.line = item->meaning.plan->line;
        observed.plan = item->meaning.plan->code;
        observed.interval = item->meaning.interval;
        observed.plan_item_id = item->item->id;
        observed.current_period.start = item->item->period.start;
    } else if (current) {
        // A price that nobody explained (changed at Stripe by hand, say): what was bought stays until somebody does.
        observed.plan = current->plan;
        observed.interval = current->interval;
        observed.plan_item_id = current->plan_item_id;
        observed.current_period.start = current->current_period.start;
        log(LogLevel::error, "no item of the subscription bears a price of its line",
            {{"subscription", current->id.str()}, {"line", current->line}, {"stripe_subscription", from.id}});
    }
    observed.current_period.end = from.earliest_period_end().value_or(observed.current_period.start);
    return !observed.line.empty() && !observed.plan.empty();
}

std::optional<Timestamp> owed_since(stripe::Subscription const& from) {
    // A void one is owed no more: that of a change whose payment never came, say, while a renewal is what is overdue.
    if (!from.latest_invoice ||
        (from.latest_invoice->status != "open" && from.latest_invoice->status != "uncollectible"))
        return std::nullopt;
    return from.latest_invoice->finalized_at;
}

/// Whether a recovery went by unread: what was owed before has been paid before what is owed now was drafted; from then
/// on the subscription's status hangs on the draft. Changes that Stripe holds until they are paid say nothing about it.
Result<bool> has_recovered_meanwhile(store::Reader& reader, Subscription const& current,
                                     stripe::Subscription const& from) {
    auto const owed = owed_since(from);
    if (!owed || !current.past_due_since || *owed <= *current.past_due_since) return false;
    for (auto const& invoice :
         TRY(store::list_invoices(reader, current.customer, std::nullopt, invoices_looked_at_max))) {
        bool const bills_a_period =
            invoice.billing_reason == "subscription_cycle" || invoice.billing_reason == "subscription_create";
        if (invoice.subscription != current.id || !bills_a_period) continue;
        if (invoice.created_at >= from.latest_invoice->created) continue;
        return invoice.paid_at && *invoice.paid_at < from.latest_invoice->created;
    }
    return false;
}

Status append_history(store::Writer& writer, ProjectorContext const& context, Projection const& projection,
                      SettledChange const& settled, std::optional<subscription::Intent> const& confirmed) {
    if (!projection.history) return {};
    auto entry = *projection.history;
    entry.id = "hist_" + context.random.alphanumeric(24);
    // The wish behind the change says more than the event that happened to bring the news.
    if (settled.done)
        entry.cause = "schedule:" + settled.done->stripe_schedule_id;
    else if (confirmed)
        entry.cause = confirmed->cause.starts_with("operator:") ? confirmed->cause : "intent:" + confirmed->id.str();
    return store::append_history(writer, entry);
}

/// Keeps the record and settles all that follows from it.
Result<ProjectedSubscription> write_down(store::Writer& writer, ProjectorContext const& context,
                                         SubscriptionLook const& look, Projection const& projection) {
    auto const& record = projection.record;
    ProjectedSubscription out{Effect::written, record.customer, record.id, record.line};
    if (projection.effect == Projection::Effect::stale) out.effect = Effect::stale;
    if (projection.effect == Projection::Effect::ask_again) out.effect = Effect::ask_again;
    if (out.effect != Effect::written) return out;

    auto saved = store::save_subscription(writer, record);
    if (!saved && saved.error().reason == "line_already_held") {
        TRY_VOID(promise_end_of_duplicate(writer, context, record));
        out.effect = Effect::duplicate;
        return out;
    }
    TRY_VOID(std::move(saved));
    auto const now = context.clock.now();
    auto settled = TRY(settle_scheduled_change(writer, context, look, record, now));
    auto confirmed = TRY(settle_intent(writer, look, record, settled, now));
    TRY_VOID(append_history(writer, context, projection, settled, confirmed));
    TRY_VOID(context.on_projected(writer, record.customer));
    return out;
}

}  // namespace

Result<ProjectedSubscription> project_subscription(store::Writer& writer, ProjectorContext const& context,
                                                   SubscriptionLook const& look, Origin const& origin) {
    auto const& from = look.subscription;
    auto customer = TRY(identify_customer(writer, from, origin));
    if (!customer) return ProjectedSubscription{};
    auto records = TRY(store::list_subscriptions(writer, *customer));
    auto const* current = find_by_stripe_id(records, from.id);
    auto observed = TRY(translate(from));
    if (!resolve_plan(context, from, current, observed)) return ProjectedSubscription{};
    observed.id = current ? current->id : new_id(from, records);
    observed.customer = *customer;

    auto known = current ? std::optional(*current) : std::nullopt;
    if (known && TRY(has_recovered_meanwhile(writer, *known, from))) known->past_due_since.reset();
    return write_down(writer, context, look,
                      subscription::project(known, observed, look.time, owed_since(from), origin.cause));
}

Result<ProjectedSubscription> project_gone_subscription(store::Writer& writer, ProjectorContext const& context,
                                                        std::string const& stripe_subscription_id, LookTime const& time,
                                                        Origin const& origin) {
    auto const known = TRY(store::find_subscription_by_stripe_id(writer, stripe_subscription_id));
    if (!known) return ProjectedSubscription{};
    auto observed = *known;
    if (!subscription::has_ended(observed.status)) {
        observed.status = subscription::Status::canceled;
        observed.ended_at = time.returned;
        observed.stripe_schedule_id.clear();
        observed.pending_update_expires_at.reset();
    }
    SubscriptionLook look;
    look.subscription.id = stripe_subscription_id;
    look.time = time;
    return write_down(writer, context, look, subscription::project(known, observed, time, std::nullopt, origin.cause));
}

}  // namespace billhook::flow
