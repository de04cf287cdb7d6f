#include "flow/projector/project_invoice.h"

#include "domain/invoice/project.h"
#include "flow/projector/identify.h"
#include "flow/projector/translate.h"
#include "store/invoice_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {

namespace {

Result<SubscriptionId> find_billed_subscription(store::Reader& reader, CustomerId const& customer,
                                                stripe::Invoice const& from) {
    if (from.subscription_id.empty()) return SubscriptionId{};
    for (auto const& record : TRY(store::list_subscriptions(reader, customer)))
        if (record.stripe_subscription_id == from.subscription_id) return record.id;
    // The invoice's news may come before the subscription's.
    return SubscriptionId(stripe::metadata_or_empty(from.subscription_metadata, stripe::metadata_key::subscription));
}

}  // namespace

Result<ProjectedInvoice> project_invoice(store::Writer& writer, stripe::Invoice const& from, LookTime const& time,
                                         Origin const& origin) {
    if (from.id.empty() || from.is_deleted) return ProjectedInvoice::not_ours;
    auto customer = TRY(identify_customer(writer, from.subscription_metadata, from.customer_id, origin));
    if (!customer) return ProjectedInvoice::not_ours;
    auto known = TRY(store::find_invoice(writer, *customer, from.id));
    auto record = TRY(translate(from));
    record.customer = *customer;
    record.subscription = TRY(find_billed_subscription(writer, *customer, from));
    record.observed_at = time.stamp();
    switch (invoice::project(known, record, time)) {
        case invoice::Effect::stale:
            return ProjectedInvoice::stale;
        case invoice::Effect::ask_again:
            return ProjectedInvoice::ask_again;
        case invoice::Effect::fresh:
            break;
    }
    TRY_VOID(store::save_invoice(writer, record));
    return ProjectedInvoice::written;
}

}  // namespace billhook::flow
