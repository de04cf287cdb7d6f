#include "flow/projector/identify.h"

#include "store/customer_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {

Result<std::optional<CustomerId>> identify_customer(store::Reader& reader, stripe::Metadata const& metadata,
                                                    std::string const& stripe_customer_id, Origin const& origin) {
    if (origin.customer) return origin.customer;
    CustomerId named(stripe::metadata_or_empty(metadata, stripe::metadata_key::customer));
    // Another Billhook may share the Stripe account: an id that we never heard of is not ours.
    if (!named.empty() && TRY(store::find_customer(reader, named))) return named;
    if (stripe_customer_id.empty()) return std::nullopt;
    auto found = TRY(store::find_customer_by_stripe_id(reader, stripe_customer_id));
    return found ? std::optional(found->id) : std::nullopt;
}

Result<std::optional<CustomerId>> identify_customer(store::Reader& reader, stripe::Subscription const& from,
                                                    Origin const& origin) {
    if (origin.customer) return origin.customer;
    if (auto known = TRY(store::find_subscription_by_stripe_id(reader, from.id))) return known->customer;
    return identify_customer(reader, from.metadata, from.customer_id, origin);
}

}  // namespace billhook::flow
