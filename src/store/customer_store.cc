#include "store/customer_store.h"

#include <utility>

#include "store/columns.h"
#include "store/query/customer.h"

namespace billhook::store {
namespace {

customer::Customer read_customer(Row const& row) {
    Columns columns(row);
    customer::Customer customer;
    customer.id = columns.id<CustomerId>();
    customer.name = columns.text();
    customer.email = columns.text();
    customer.currency = columns.text();
    customer.stripe_customer_id = columns.text();
    customer.has_payment_method = columns.boolean();
    customer.created_at = columns.time();
    customer.updated_at = columns.time();
    return customer;
}

EntitlementVersion read_entitlement_version(Row const& row) {
    Columns columns(row);
    auto customer = columns.id<CustomerId>();
    return {std::move(customer), columns.integer()};
}

}  // namespace

Result<std::optional<customer::Customer>> find_customer(Reader& reader, CustomerId const& id) {
    return first_of(TRY(reader.query(query::customer::find, {id})), read_customer);
}

Result<std::optional<customer::Customer>> find_customer_by_stripe_id(Reader& reader,
                                                                     std::string_view stripe_customer_id) {
    return first_of(TRY(reader.query(query::customer::find_by_stripe_id, {stripe_customer_id})), read_customer);
}

Status save_customer(Writer& writer, customer::Customer const& customer) {
    TRY(writer.execute(query::customer::save,
                       {customer.id, customer.name, customer.email, customer.currency, customer.stripe_customer_id,
                        customer.has_payment_method, customer.created_at, customer.updated_at}));
    return {};
}

Result<std::int64_t> find_entitlement_version(Reader& reader, CustomerId const& id) {
    Rows const rows = TRY(reader.query(query::customer::find_entitlement_version, {id}));
    return rows.empty() ? 0 : rows[0].integer(0);
}

Result<std::int64_t> raise_entitlement_version(Writer& writer, CustomerId const& id) {
    Rows const rows = TRY(writer.query(query::customer::raise_entitlement_version, {id}));
    if (rows.empty()) return fail(not_found("there is no customer '" + id.str() + "'", "unknown_customer"));
    return rows[0].integer(0);
}

Result<std::vector<EntitlementVersion>> list_entitlement_versions(Reader& reader, CustomerId const& after, int limit) {
    return all_of(TRY(reader.query(query::customer::list_entitlement_versions, {after, limit})),
                  read_entitlement_version);
}

Result<std::vector<customer::Customer>> list_customers(Reader& reader, std::optional<CustomerId> const& after,
                                                       int limit) {
    return all_of(TRY(reader.query(query::customer::list, {after.value_or(CustomerId()), limit})), read_customer);
}

}  // namespace billhook::store
