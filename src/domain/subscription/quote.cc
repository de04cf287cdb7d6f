#include "domain/subscription/quote.h"

namespace billhook::subscription {

std::string basis_of(Subscription const& held) {
    std::string basis = held.stripe_subscription_id;
    if (auto const* item = find_plan_item(held))
        basis += "|" + item->stripe_item_id + "|" + item->stripe_price_id + "|" + std::to_string(item->quantity) + "|" +
                 std::to_string(item->period.start.ms) + "|" + std::to_string(item->period.end.ms);
    return basis + "|" + held.latest_invoice_id;
}

bool still_holds(ChangePreview const& preview, Subscription const& held, Target const& target, Effective effective,
                 Timestamp now) {
    return preview.target == target && preview.effective == effective && preview.basis == basis_of(held) &&
           now < preview.expires_at;
}

}  // namespace billhook::subscription
