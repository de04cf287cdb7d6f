#include "store/gauge_store.h"

#include <algorithm>

#include "store/columns.h"
#include "store/query/gauge.h"
#include "store/query/gauge_allocation.h"

namespace billhook::store {
namespace {

/// Stands for "unlimited", so that the comparison is the same and no sum overflows.
constexpr std::int64_t quantity_max = std::int64_t{1} << 61;
std::int64_t bound_of(GaugeLimit limit) {
    return std::min(limit.value_or(quantity_max), quantity_max);
}

Gauge read_gauge(Row const& row) {
    Columns columns(row);
    Gauge gauge;
    gauge.customer = columns.id<CustomerId>();
    gauge.feature = columns.text();
    gauge.used = columns.integer();
    gauge.updated_at = columns.time();
    gauge.version = columns.integer();
    return gauge;
}

GaugeAllocation read_allocation(Row const& row) {
    Columns columns(row);
    GaugeAllocation allocation;
    allocation.customer = columns.id<CustomerId>();
    allocation.feature = columns.text();
    allocation.allocation_id = columns.text();
    allocation.amount = columns.integer();
    allocation.created_at = columns.time();
    return allocation;
}

Error limit_reached(Gauge const& gauge, GaugeLimit limit) {
    Error error{ErrorKind::limit_reached, "limit_reached", "The limit of " + gauge.feature + " is reached."};
    error.extra["limit"] = limit ? boost::json::value(*limit) : boost::json::value(nullptr);
    error.extra["used"] = gauge.used;
    return error;
}

Status check_quantity(std::string field, std::int64_t quantity, std::int64_t minimum) {
    if (quantity >= minimum && quantity <= quantity_max) return {};
    return fail(invalid(std::move(field), "Expected a whole number from " + std::to_string(minimum) + "."));
}

}  // namespace

Result<Gauge> allocate_gauge(Writer& writer, GaugeAllocation const& allocation, GaugeLimit limit) {
    TRY_VOID(check_quantity("amount", allocation.amount, 1));
    if (!allocation.allocation_id.empty()) {
        auto const known =
            first_of(TRY(writer.query(query::gauge_allocation::find,
                                      {allocation.customer, allocation.feature, allocation.allocation_id})),
                     read_allocation);
        if (known && known->amount != allocation.amount)
            return fail(conflict("allocation_differs", "This id is allocated with another amount. Release it first."));
        if (known) return find_gauge(writer, allocation.customer, allocation.feature);
    }
    TRY(writer.execute(query::gauge::ensure, {allocation.customer, allocation.feature, allocation.created_at}));
    auto const moved =
        first_of(TRY(writer.query(query::gauge::allocate, {allocation.customer, allocation.feature, allocation.amount,
                                                           bound_of(limit), allocation.created_at})),
                 read_gauge);
    if (!moved) {
        auto const full = TRY(find_gauge(writer, allocation.customer, allocation.feature));
        return fail(limit_reached(full, limit));
    }
    if (!allocation.allocation_id.empty())
        TRY(writer.execute(query::gauge_allocation::insert,
                           {allocation.customer, allocation.feature, allocation.allocation_id, allocation.amount,
                            allocation.created_at}));
    return *moved;
}

Result<Gauge> release_gauge(Writer& writer, CustomerId const& customer, std::string_view feature,
                            std::string_view allocation_id, Timestamp now) {
    Rows const removed = TRY(writer.query(query::gauge_allocation::remove, {customer, feature, allocation_id}));
    if (removed.empty()) return find_gauge(writer, customer, feature);
    return release_gauge_amount(writer, customer, feature, removed[0].integer(0), now);
}

Result<Gauge> release_gauge_amount(Writer& writer, CustomerId const& customer, std::string_view feature,
                                   std::int64_t amount, Timestamp now) {
    TRY_VOID(check_quantity("amount", amount, 1));
    auto const moved = first_of(TRY(writer.query(query::gauge::release, {customer, feature, amount, now})), read_gauge);
    if (!moved) return find_gauge(writer, customer, feature);
    return *moved;
}

Result<Gauge> set_gauge(Writer& writer, CustomerId const& customer, std::string_view feature, std::int64_t used,
                        GaugeLimit limit, Timestamp now) {
    TRY_VOID(check_quantity("used", used, 0));
    TRY(writer.execute(query::gauge::ensure, {customer, feature, now}));
    auto const moved = first_of(
        TRY(writer.query(query::gauge::set_used, {customer, feature, used, bound_of(limit), now})), read_gauge);
    if (moved) return *moved;
    auto const full = TRY(find_gauge(writer, customer, feature));
    return fail(limit_reached(full, limit));
}

Result<Gauge> find_gauge(Reader& reader, CustomerId const& customer, std::string_view feature) {
    auto const found = first_of(TRY(reader.query(query::gauge::find, {customer, feature})), read_gauge);
    return found.value_or(Gauge{customer, std::string(feature), 0, {}, 0});
}

Result<std::vector<Gauge>> list_gauges(Reader& reader, CustomerId const& customer) {
    return all_of(TRY(reader.query(query::gauge::list_by_customer, {customer})), read_gauge);
}

Result<std::vector<Gauge>> list_gauges_of(Reader& reader, CustomerRange const& customers) {
    return all_of(TRY(reader.query(query::gauge::list_by_customers, {customers.after, customers.through})), read_gauge);
}

Result<std::vector<GaugeAllocation>> list_gauge_allocations(Reader& reader, CustomerId const& customer,
                                                            std::string_view feature, int limit) {
    return all_of(TRY(reader.query(query::gauge_allocation::list_by_feature, {customer, feature, limit})),
                  read_allocation);
}

}  // namespace billhook::store
