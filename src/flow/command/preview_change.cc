// What a change would mean, and the memory of what was shown.

#include "base/crash_point.h"
#include "flow/command/offer.h"
#include "flow/command/standing.h"
#include "flow/command/weigh_change.h"
#include "store/change_preview_store.h"

namespace billhook::flow {

using subscription::Relation;

namespace {

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

std::optional<Blocked> find_block(catalog::Catalog const& catalog, Weighed const& weighed, ChangeRequest const& request,
                                  subscription::Stamp const& stamp) {
    if (weighed.standing.held) {
        if (weighed.comparison.relation == Relation::same)
            return Blocked{"same_plan", "'" + weighed.target.plan + "' is the plan that is held already."};
        auto decision = decide_change(catalog, weighed, request, stamp);
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

Status keep_preview(CommandContext const& context, Weighed const& weighed, ChangeView const& view,
                    subscription::Quote const& quote, Timestamp now) {
    auto const& held = *weighed.standing.held;
    subscription::ChangePreview const preview{.customer = held.customer,
                                              .line = held.line,
                                              .target = weighed.target,
                                              .effective = view.effective,
                                              .basis = subscription::basis_of(held),
                                              .quote = quote,
                                              .created_at = now,
                                              .expires_at = now + subscription::preview_validity};
    return context.store.write(store::Scope::customer(held.customer),
                               [&](store::Writer& writer) { return store::save_change_preview(writer, preview); });
}

Result<ChangeView> preview_once(CommandContext const& context, catalog::Catalog const& catalog,
                                catalog::Plan const& plan, ChangeRequest const& request) {
    auto const weighed = TRY(context.store.read_value(
        store::Scope::customer(request.asker.customer), [&](store::Reader& reader) -> Result<Weighed> {
            return weigh(reader, catalog, request, TRY(load_standing(reader, request.asker.customer, plan.line)));
        }));
    auto const stamp = new_stamp(context, request.asker);
    auto view = outline(context, catalog, weighed, request, stamp.now);
    view.blocked = find_block(catalog, weighed, request, stamp);
    if (!weighed.standing.held) {
        quote_purchase(plan, weighed, stamp.now, view);
        return view;
    }
    // What is refused anyway is not asked of Stripe; what is sold by people has no price to ask for.
    auto const price = find_new_price(context, catalog, weighed);
    if (!price || (view.blocked && view.relation != Relation::same)) return view;
    // What is held already costs nothing now: what comes next is told.
    auto const when = view.relation == Relation::same ? subscription::Effective::period_end : view.effective;
    auto const quote = TRY(ask_for_quote(context, weighed, *price, when, stamp.now));
    crash_point("preview_change.quoted");
    tell(quote, view);
    if (!view.blocked) TRY_VOID(keep_preview(context, weighed, view, quote, stamp.now));
    return view;
}

}  // namespace

Result<ChangeView> preview_change(CommandContext const& context, ChangeRequest const& request) {
    auto catalog = context.projector.catalog();
    auto const* plan = TRY(require_plan(*catalog, request.target.plan));
    auto view = preview_once(context, *catalog, *plan, request);
    bool const is_outdated = !view && view.error().reason == quote_outdated;
    return is_outdated ? preview_once(context, *catalog, *plan, request) : view;
}

}  // namespace billhook::flow
