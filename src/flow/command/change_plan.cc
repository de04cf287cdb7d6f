#include "flow/command/change_plan.h"

#include "domain/catalog/catalog.h"
#include "flow/command/customer_command.h"
#include "flow/command/quote.h"
#include "flow/command/run_intent.h"
#include "flow/command/standing.h"
#include "store/intent_store.h"
#include "store/invoice_store.h"

namespace billhook::flow {

using subscription::Decision;
using subscription::Effective;
using subscription::Intent;
using subscription::IntentKind;
using subscription::Relation;
using subscription::Standing;

namespace {

/// Everything that one transaction sees of a change that is asked for.
struct Weighed {
    Standing standing;
    customer::Customer customer;
    subscription::Target target;
    subscription::Comparison comparison;
    std::string currency;
};

Result<Weighed> weigh(store::Reader& reader, catalog::Catalog const& catalog, ChangeRequest const& request,
                      Standing standing) {
    Weighed out{std::move(standing), TRY(load_customer(reader, request.asker.customer)), request.target, {}, {}};
    if (out.target.quantity == 0)
        out.target.quantity = out.standing.held ? subscription::plan_quantity(*out.standing.held) : 1;
    auto const use = TRY(load_use(reader, request.asker.customer));
    out.comparison = TRY(subscription::compare(catalog, out.standing.held, out.target, use));
    out.currency = out.standing.held               ? out.standing.held->currency
                   : out.customer.currency.empty() ? catalog.default_currency
                                                   : out.customer.currency;
    return out;
}

subscription::ChangeWish wish_of(ChangeRequest const& request, subscription::Target const& target) {
    subscription::ChangeWish wish;
    wish.target = target;
    wish.at = request.at;
    wish.direction = request.direction;
    wish.is_by_operator = request.asker.is_operator;
    wish.proration_date = request.proration_date;
    return wish;
}

std::string price_to_ask(CommandContext const& context, catalog::Catalog const& catalog,
                         subscription::Target const& target, std::string const& currency) {
    auto const* plan = catalog.find_plan(target.plan);
    auto const* price = plan ? plan->find_price(target.interval) : nullptr;
    if (price && price->stripe_price_id) return *price->stripe_price_id;
    auto prices = context.projector.prices();
    auto const* offer = prices->find_offer(target.plan, target.interval, currency);
    return offer ? offer->stripe_price_id : "";
}

PlanQuote quote_plan(CommandContext const& context, catalog::Catalog const& catalog, std::string const& code,
                     IntervalUnit interval, std::string const& currency) {
    PlanQuote quote{.code = code, .name = code, .interval = interval, .currency = currency};
    if (auto const* plan = catalog.find_plan(code)) {
        quote.name = plan->name;
        quote.line = plan->line;
        quote.rank = plan->rank;
    }
    auto prices = context.projector.prices();
    if (auto const* offer = prices->find_offer(code, interval, currency)) quote.amount = offer->amount;
    return quote;
}

/// All of the view that needs no call: what, when, and what is gained and lost.
ChangeView outline(CommandContext const& context, catalog::Catalog const& catalog, Weighed const& weighed,
                   ChangeRequest const& request) {
    ChangeView view;
    auto const now = context.projector.clock.now();
    auto const& held = weighed.standing.held;
    view.relation = weighed.comparison.relation;
    if (held) view.current = quote_plan(context, catalog, held->plan, held->interval, weighed.currency);
    view.target = quote_plan(context, catalog, weighed.target.plan, weighed.target.interval, weighed.currency);
    view.quantity = weighed.target.quantity;
    view.effective = request.at.value_or(weighed.comparison.effective);
    view.effective_at = held && view.effective == Effective::period_end ? held->current_period.end : now;
    view.currency = weighed.currency;
    view.gains = weighed.comparison.gains;
    view.losses = weighed.comparison.losses;
    view.exceeds = weighed.comparison.exceeds;
    return view;
}

QuoteWish quote_wish(CommandContext const& context, catalog::Catalog const& catalog, Weighed const& weighed,
                     Timestamp proration_date) {
    return {*weighed.standing.held,
            weighed.target,
            weighed.customer.stripe_customer_id,
            price_to_ask(context, catalog, weighed.target, weighed.currency),
            proration_date,
            context.projector.clock.now()};
}

/// A first purchase costs the plan's amount at once, or nothing until its trial ends.
void quote_purchase(catalog::Plan const& plan, Weighed const& weighed, Timestamp now, ChangeView& view) {
    if (!view.target.amount) return;
    auto const amount = *view.target.amount * view.quantity;
    bool has_trial = plan.trial_days > 0 && !weighed.standing.had_subscription;
    if (!has_trial) view.amount_due_now = amount;
    auto const at =
        has_trial ? now + Duration::days(plan.trial_days) : add_intervals(now, {weighed.target.interval, 1}, 1);
    view.next_invoice = NextInvoice{amount, at};
}

std::optional<Blocked> find_block(CommandContext const& context, catalog::Catalog const& catalog,
                                  Weighed const& weighed, ChangeRequest const& request) {
    auto const stamp = new_stamp(context, request.asker);
    if (weighed.standing.held) {
        auto decision = subscription::request_change_plan(catalog, weighed.standing, wish_of(request, weighed.target),
                                                          weighed.comparison, stamp);
        if (decision) return std::nullopt;
        return Blocked{decision.error().reason, decision.error().detail};
    }
    subscription::PurchaseWish wish;
    wish.target = weighed.target;
    wish.currency = weighed.currency;
    auto decision = subscription::request_purchase(catalog, weighed.standing, wish, stamp);
    if (decision) return std::nullopt;
    return Blocked{decision.error().reason, decision.error().detail};
}

Timestamp whole_second(Timestamp time) {
    return Timestamp::from_seconds(time.seconds());
}

}  // namespace

Result<ChangeView> preview_change(CommandContext const& context, ChangeRequest const& request) {
    auto catalog = context.projector.catalog();
    auto const* plan = catalog->find_plan(request.target.plan);
    if (!plan)
        return fail(
            not_found("There is no plan '" + request.target.plan + "'; the pricing page lists them.", "unknown_plan"));
    auto const weighed = TRY(context.store.read_value(
        store::Scope::customer(request.asker.customer), [&](store::Reader& reader) -> Result<Weighed> {
            return weigh(reader, *catalog, request, TRY(load_standing(reader, request.asker.customer, plan->line)));
        }));
    auto view = outline(context, *catalog, weighed, request);
    view.blocked = find_block(context, *catalog, weighed, request);
    auto const now = context.projector.clock.now();
    if (!weighed.standing.held) {
        quote_purchase(*plan, weighed, now, view);
        return view;
    }
    auto const wish = quote_wish(context, *catalog, weighed, request.proration_date.value_or(whole_second(now)));
    // What is refused anyway is not asked of Stripe; what is sold by people has no price to ask for.
    if (wish.price.empty() || (view.blocked && view.relation != Relation::same)) return view;
    if (view.effective == Effective::now)
        TRY_VOID(quote_now(context.projector.stripe, wish, view));
    else
        TRY_VOID(quote_at_period_end(context.projector.stripe, wish, view));
    return view;
}

namespace {

/// What the steps will need, written with the intent so that every repetition sends the same.
Status complete(CommandContext const& context, catalog::Catalog const& catalog, Weighed const& weighed,
                Intent& intent) {
    auto const& held = *weighed.standing.held;
    auto const price = price_to_ask(context, catalog, weighed.target, weighed.currency);
    if (price.empty())
        return fail(unavailable(
            "catalog_not_applied",
            "The price of '" + weighed.target.plan + "' is not known to Stripe yet; run `billhook catalog apply`."));
    auto const* item = subscription::find_plan_item(held);
    if (!item)
        return fail(conflict("plan_item_unknown",
                             "No item of the subscription at Stripe bears its plan; refresh it or ask the operator."));
    auto& parameters = intent.parameters;
    parameters["stripe_subscription"] = held.stripe_subscription_id;
    parameters["item"] = item->stripe_item_id;
    parameters["price"] = price;
    if (intent.kind == IntentKind::schedule_change) {
        parameters["old_price"] = item->stripe_price_id;
        parameters["effective_at"] = held.current_period.end.seconds();
        parameters.erase("proration_date");
        return {};
    }
    if (held.status == subscription::Status::trialing)
        parameters.erase("proration_date");
    else if (!parameters.contains("proration_date"))
        parameters["proration_date"] = intent.created_at.seconds();
    if (begins_new_period(held, weighed.target)) parameters["anchor_now"] = true;
    return {};
}

/// The amounts of a change that has happened are those of the invoice it caused.
Status tell_amounts(CommandContext const& context, SubscriptionView const& after, ChangeView& view) {
    if (!after.subscription || view.effective != Effective::now) return {};
    auto const& record = *after.subscription;
    auto invoice = TRY(context.store.read_value(store::Scope::customer(record.customer), [&](store::Reader& reader) {
        return store::find_invoice(reader, record.customer, record.latest_invoice_id);
    }));
    if (invoice && invoice->billing_reason == "subscription_update") view.amount_due_now = invoice->amount_due;
    view.effective_at = invoice ? invoice->created_at : view.effective_at;
    return {};
}

}  // namespace

Result<ChangeAnswer> change_plan(CommandContext const& context, ChangeRequest const& request) {
    auto catalog = context.projector.catalog();
    auto const* plan = catalog->find_plan(request.target.plan);
    if (!plan)
        return fail(
            not_found("There is no plan '" + request.target.plan + "'; the pricing page lists them.", "unknown_plan"));
    auto const scope = store::Scope::customer(request.asker.customer);
    std::optional<ChangeView> change;
    auto decide = [&](store::Reader& reader, Standing const& standing) -> Result<Decision> {
        auto const weighed = TRY(weigh(reader, *catalog, request, standing));
        auto decision = TRY(subscription::request_change_plan(*catalog, standing, wish_of(request, weighed.target),
                                                              weighed.comparison, new_stamp(context, request.asker)));
        if (decision.kind == Decision::Kind::begin) TRY_VOID(complete(context, *catalog, weighed, decision.intent));
        change = outline(context, *catalog, weighed, request);
        return decision;
    };
    TRY(run_intent(context, request.asker, plan->line, decide));
    ChangeAnswer answer;
    answer.subscription = TRY(context.store.read_value(
        scope, [&](store::Reader& reader) { return view_line(reader, request.asker.customer, plan->line); }));
    answer.change = std::move(*change);
    TRY_VOID(tell_amounts(context, answer.subscription, answer.change));
    return answer;
}

Result<SubscriptionView> withdraw_change(CommandContext const& context, Asker const& asker, std::string const& line) {
    auto decide = [&](store::Reader&, Standing const& standing) -> Result<Decision> {
        auto decision = TRY(subscription::request_withdraw(standing, new_stamp(context, asker)));
        if (decision.kind == Decision::Kind::begin) {
            decision.intent.parameters["stripe_subscription"] = standing.held->stripe_subscription_id;
            decision.intent.parameters["schedule"] = standing.scheduled->stripe_schedule_id;
        }
        return decision;
    };
    TRY(run_intent(context, asker, line, decide));
    return context.store.read_value(store::Scope::customer(asker.customer),
                                    [&](store::Reader& reader) { return view_line(reader, asker.customer, line); });
}

}  // namespace billhook::flow
