#include "flow/projector/project_customer.h"

#include "base/log.h"
#include "flow/projector/identify.h"
#include "store/customer_store.h"

namespace billhook::flow {

Result<bool> project_customer(store::Writer& writer, ProjectorContext const& context, stripe::Customer const& from,
                              Origin const& origin) {
    auto id = TRY(identify_customer(writer, from.metadata, from.id, origin));
    if (!id) return false;
    auto record = TRY(store::find_customer(writer, *id));
    if (!record) return false;
    if (!record->stripe_customer_id.empty() && record->stripe_customer_id != from.id) {
        // Ours has one Stripe customer; another that bears its id was made by hand, or is an old one that was deleted.
        log(LogLevel::warn, "another Stripe customer bears the id of one of ours; it is left alone",
            {{"customer", id->str()}, {"known", record->stripe_customer_id}, {"seen", from.id}});
        return false;
    }
    auto const before = *record;
    record->stripe_customer_id = from.is_deleted ? "" : from.id;
    record->has_payment_method = !from.is_deleted && from.has_default_payment();
    if (record->currency.empty()) record->currency = from.currency;
    if (*record == before) return true;
    record->updated_at = context.clock.now();
    TRY_VOID(store::save_customer(writer, *record));
    return true;
}

}  // namespace billhook::flow
