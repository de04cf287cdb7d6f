#pragma once
// Customers as rows.

#include <optional>
#include <string_view>
#include <vector>

#include "domain/customer/customer.h"
#include "store/store.h"

namespace billhook::store {

Result<std::optional<customer::Customer>> find_customer(Reader& reader, CustomerId const& id);
/// Across customers: under the system's scope only.
Result<std::optional<customer::Customer>> find_customer_by_stripe_id(Reader& reader,
                                                                     std::string_view stripe_customer_id);
/// Inserts or replaces; created_at keeps its first value.
Status save_customer(Writer& writer, customer::Customer const& customer);
/// Rises with every change of what the customer may do, so that late news never overwrites newer. 0 where the customer
/// is unknown.
Result<std::int64_t> find_entitlement_version(Reader& reader, CustomerId const& id);
/// The new version. not_found "unknown_customer".
Result<std::int64_t> raise_entitlement_version(Writer& writer, CustomerId const& id);
/// Those behind `after`, up to and with `through`, in the database's order.
struct CustomerRange {
    CustomerId after, through;
};
struct EntitlementVersion {
    CustomerId customer;
    std::int64_t version = 0;
    auto operator<=>(EntitlementVersion const&) const = default;
};
/// By rising id, those after `after`; every customer has one.
Result<std::vector<EntitlementVersion>> list_entitlement_versions(Reader& reader, CustomerId const& after, int limit);
/// By rising id, those after `after`.
Result<std::vector<customer::Customer>> list_customers(Reader& reader, std::optional<CustomerId> const& after,
                                                       int limit);

}  // namespace billhook::store
