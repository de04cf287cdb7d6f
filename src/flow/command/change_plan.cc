#include "flow/command/change_plan.h"

#include "base/crash_point.h"
#include "flow/command/offer.h"
#include "flow/command/run_intent.h"
#include "flow/command/standing.h"
#include "flow/command/weigh_change.h"
#include "store/change_preview_store.h"
#include "store/invoice_store.h"

namespace billhook::flow {

using subscription::Decision;
using subscription::Effective;
using subscription::Intent;
using subscription::IntentKind;
using subscription::Quote;
using subscription::Stamp;
using subscription::Standing;

namespace {

constexpr int quotes_max = 3;

/// A quote and the state that it was reckoned from.
struct Basis {
    Quote quote;
    std::string basis;
};

/// What is known before Stripe is asked for a quote.
struct Outlook {
    Weighed weighed;
    bool will_begin = false;
    std::optional<subscription::ChangePreview> preview;
};

Result<Outlook> look_ahead(CommandContext const& context, catalog::Catalog const& catalog, std::string const& line,
                           ChangeRequest const& request, subscription::Stamp const& stamp) {
    return context.store.read_value(
        store::Scope::customer(request.asker.customer), [&](store::Reader& reader) -> Result<Outlook> {
            auto standing = TRY(load_standing(reader, request.asker.customer, line));
            Outlook out{TRY(weigh(reader, catalog, request, std::move(standing))), false, {}};
            auto const decision = decide_change(catalog, out.weighed, request, stamp);
            out.will_begin =
                decision && (decision->kind == Decision::Kind::begin || decision->kind == Decision::Kind::undo_first);
            out.preview = TRY(store::find_change_preview(reader, request.asker.customer, line));
            return out;
        });
}

/// What the change will be held to: the quote that the customer has seen, where it still holds, else a new one.
/// nullopt: nothing is going to begin, so nothing is asked.
Result<std::optional<Basis>> quote_ahead(CommandContext const& context, catalog::Catalog const& catalog,
                                         std::string const& line, ChangeRequest const& request) {
    auto const stamp = new_stamp(context, request.asker);
    auto const ahead = TRY(look_ahead(context, catalog, line, request, stamp));
    if (!ahead.will_begin) return std::nullopt;
    auto const& weighed = ahead.weighed;
    auto const& held = *weighed.standing.held;
    auto const effective = weighed.effective(request);
    Basis out{{}, subscription::basis_of(held)};
    if (ahead.preview && subscription::still_holds(*ahead.preview, held, weighed.target, effective, stamp.now)) {
        out.quote = ahead.preview->quote;
        return out;
    }
    auto const price = TRY(find_new_price(context, catalog, weighed));
    out.quote = TRY(ask_for_quote(context, weighed, price, effective, stamp.now));
    crash_point("change_plan.quoted");
    return out;
}

/// What the steps will need, written with the intent so that every repetition sends the same.
Status complete(CommandContext const& context, catalog::Catalog const& catalog, Weighed const& weighed,
                Quote const& quote, Intent& intent) {
    auto const& held = *weighed.standing.held;
    auto const* item = subscription::find_plan_item(held);
    if (!item)
        return fail(conflict("plan_item_unknown",
                             "No item of the subscription at Stripe bears its plan; refresh it or ask the operator."));
    auto& parameters = intent.parameters;
    parameters["stripe_subscription"] = held.stripe_subscription_id;
    parameters["item"] = item->stripe_item_id;
    auto const price = TRY(find_new_price(context, catalog, weighed));
    if (!price.empty()) parameters["price"] = price;
    parameters["quote"] = to_parameter(quote);
    if (intent.kind == IntentKind::schedule_change) {
        parameters["old_price"] = item->stripe_price_id;
        parameters["effective_at"] = held.current_period.end.seconds();
        return {};
    }
    if (quote.proration_date) parameters["proration_date"] = quote.proration_date->seconds();
    return {};
}

/// What has been charged already is told from the invoice itself.
Status tell_charge(CommandContext const& context, SubscriptionView const& after, ChangeView& view) {
    if (!after.subscription || view.effective != Effective::now) return {};
    auto const& record = *after.subscription;
    auto invoice = TRY(context.store.read_value(store::Scope::customer(record.customer), [&](store::Reader& reader) {
        return store::find_invoice(reader, record.customer, record.latest_invoice_id);
    }));
    if (!invoice) return {};
    if (invoice->billing_reason == "subscription_update") view.amount_due_now = invoice->amount_due;
    view.effective_at = invoice->created_at;
    return {};
}

/// What comes next where nothing is due: of what is so already. Nothing hangs on it, so where Stripe does not answer it
/// stays untold.
void tell_renewal(CommandContext const& context, catalog::Catalog const& catalog, Weighed const& weighed,
                  ChangeView& view) {
    auto const price = find_new_price(context, catalog, weighed);
    if (!weighed.standing.held || !price) return;
    auto const now = context.projector.clock.now();
    if (auto const quote = ask_for_quote(context, weighed, *price, Effective::period_end, now)) tell(*quote, view);
}

/// Whether the wish is the last one once more: what was scheduled stays what it was told to be, what was done at once
/// has its price for the same click alone.
bool repeats(Intent const& last, Weighed const& weighed, Timestamp now) {
    if (subscription::target_of(last) != weighed.target || !last.ended_at) return false;
    return weighed.comparison.relation != subscription::Relation::same ||
           now - *last.ended_at < subscription::same_click_window;
}

/// Errors: as change_plan(), and conflict "quote_outdated" where the state has moved on since the quote.
Result<ChangeAnswer> change_as_quoted(CommandContext const& context, catalog::Catalog const& catalog,
                                      std::string const& line, ChangeRequest const& request) {
    auto const quoted = TRY(quote_ahead(context, catalog, line, request));
    ChangeAnswer answer;
    std::optional<Quote> told;
    std::optional<Weighed> met;
    auto decide = [&](store::Reader& reader, Standing const& standing, Stamp const& stamp) -> Result<Decision> {
        auto const weighed = TRY(weigh(reader, catalog, request, standing));
        auto decision = TRY(decide_change(catalog, weighed, request, stamp));
        met = weighed;
        answer.change = outline(context, catalog, weighed, request, stamp.now);
        if (decision.kind == Decision::Kind::begin) {
            if (!quoted || quoted->basis != subscription::basis_of(*standing.held))
                return fail(conflict(quote_outdated, "The subscription changed at this moment; try again."));
            TRY_VOID(complete(context, catalog, weighed, quoted->quote, decision.intent));
            told = quoted->quote;
        } else if (decision.kind == Decision::Kind::join) {
            told = quote_of(decision.intent);
        } else if (decision.kind == Decision::Kind::already && standing.last &&
                   repeats(*standing.last, weighed, stamp.now)) {
            told = quote_of(*standing.last);
        }
        return decision;
    };
    TRY(run_intent(context, request.asker, line, decide));
    answer.subscription =
        TRY(context.store.read_value(store::Scope::customer(request.asker.customer), [&](store::Reader& reader) {
            return view_line(reader, request.asker.customer, line);
        }));
    if (!told) {
        if (met) tell_renewal(context, catalog, *met, answer.change);
        return answer;
    }
    tell(*told, answer.change);
    TRY_VOID(tell_charge(context, answer.subscription, answer.change));
    return answer;
}

}  // namespace

Result<ChangeAnswer> change_plan(CommandContext const& context, ChangeRequest const& request) {
    auto catalog = context.projector.catalog();
    auto const* plan = TRY(require_plan(*catalog, request.target.plan));
    for (int attempt = 1;; ++attempt) {
        auto answer = change_as_quoted(context, *catalog, plan->line, request);
        bool const is_outdated = !answer && answer.error().reason == quote_outdated;
        if (!is_outdated || attempt == quotes_max) return answer;
    }
}

Result<SubscriptionView> withdraw_change(CommandContext const& context, Asker const& asker, std::string const& line) {
    auto decide = [&](store::Reader&, Standing const& standing, Stamp const& stamp) -> Result<Decision> {
        auto decision = TRY(subscription::request_withdraw(standing, stamp));
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
