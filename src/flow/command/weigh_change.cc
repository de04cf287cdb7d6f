#include "flow/command/weigh_change.h"

#include "domain/catalog/catalog.h"
#include "flow/command/customer_command.h"
#include "flow/command/offer.h"
#include "flow/command/standing.h"
#include "flow/price_book.h"

namespace billhook::flow {

using subscription::Effective;
using subscription::Relation;

namespace {

bool keeps_price(Weighed const& weighed) {
    auto const relation = weighed.comparison.relation;
    return relation == Relation::quantity || relation == Relation::same;
}

}  // namespace

Result<std::string> find_new_price(CommandContext const& context, catalog::Catalog const& catalog,
                                   Weighed const& weighed) {
    if (keeps_price(weighed)) return std::string();
    return find_price(context, catalog, weighed.target, weighed.currency);
}

Result<Weighed> weigh(store::Reader& reader, catalog::Catalog const& catalog, ChangeRequest const& request,
                      subscription::Standing standing) {
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

Result<subscription::Decision> decide_change(catalog::Catalog const& catalog, Weighed const& weighed,
                                             ChangeRequest const& request, subscription::Stamp const& stamp) {
    subscription::ChangeWish wish;
    wish.target = weighed.target;
    wish.at = request.at;
    wish.direction = request.direction;
    wish.is_by_operator = request.asker.is_operator;
    return subscription::request_change_plan(catalog, weighed.standing, wish, weighed.comparison, stamp);
}

namespace {

PlanQuote quote_plan(CommandContext const& context, catalog::Catalog const& catalog, std::string const& code,
                     IntervalUnit interval, std::string const& currency) {
    PlanQuote quote{.code = code, .name = code, .interval = interval, .currency = currency};
    if (auto const* plan = catalog.find_plan(code)) {
        quote.name = plan->name;
        quote.line = plan->line;
        quote.rank = plan->rank;
    }
    auto const prices = context.projector.prices();
    if (auto const* offer = prices->find_offer(code, interval, currency)) quote.amount = offer->amount;
    return quote;
}

/// What is held costs what was bought, on sale or not.
PlanQuote quote_held(CommandContext const& context, catalog::Catalog const& catalog,
                     subscription::Subscription const& held) {
    auto quote = quote_plan(context, catalog, held.plan, held.interval, held.currency);
    auto const prices = context.projector.prices();
    auto const* item = subscription::find_plan_item(held);
    auto const* bought = item ? prices->find(item->stripe_price_id) : nullptr;
    if (!bought) return quote;
    if (auto const amount = bought->amounts.find(held.currency); amount != bought->amounts.end())
        quote.amount = amount->second;
    return quote;
}

Timestamp whole_second(Timestamp time) {
    return Timestamp::from_seconds(time.seconds());
}

}  // namespace

ChangeView outline(CommandContext const& context, catalog::Catalog const& catalog, Weighed const& weighed,
                   ChangeRequest const& request, Timestamp now) {
    ChangeView view;
    auto const& held = weighed.standing.held;
    view.relation = weighed.comparison.relation;
    if (held) view.current = quote_held(context, catalog, *held);
    view.target = view.current && keeps_price(weighed)
                      ? *view.current
                      : quote_plan(context, catalog, weighed.target.plan, weighed.target.interval, weighed.currency);
    view.quantity = weighed.target.quantity;
    view.effective = weighed.effective(request);
    view.effective_at = held && view.effective == Effective::period_end ? held->current_period.end : now;
    view.currency = weighed.currency;
    view.gains = weighed.comparison.gains;
    view.losses = weighed.comparison.losses;
    view.exceeds = weighed.comparison.exceeds;
    return view;
}

void tell(subscription::Quote const& quote, ChangeView& view) {
    view.amount_due_now = quote.amount_due_now;
    view.credit = quote.credit;
    view.next_invoice = NextInvoice{quote.next_amount, quote.next_at};
    view.proration_date = quote.proration_date;
}

Result<subscription::Quote> ask_for_quote(CommandContext const& context, Weighed const& weighed,
                                          std::string const& price, Effective effective, Timestamp now) {
    auto const& held = *weighed.standing.held;
    auto quote = quote_change(context.projector.stripe, {.held = held,
                                                         .target = weighed.target,
                                                         .effective = effective,
                                                         .stripe_customer_id = weighed.customer.stripe_customer_id,
                                                         .price = price,
                                                         .proration_date = whole_second(now)});
    if (quote || quote.error().kind == ErrorKind::unavailable) return quote;
    TRY_VOID(refresh_customer(context, held.customer));
    return fail(conflict(quote_outdated, "Stripe cannot reckon this change. " + quote.error().detail));
}

}  // namespace billhook::flow
