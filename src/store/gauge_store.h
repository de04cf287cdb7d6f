#pragma once
// Gauges: how many of a limited thing exist. Exact under any concurrency: the limit is compared in the statement that
// moves the number. What is in use may be counted by id (an allocation) or by number alone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/customer/customer.h"
#include "store/customer_store.h"
#include "store/store.h"

namespace billhook::store {

struct Gauge {
    CustomerId customer;
    std::string feature;
    std::int64_t used = 0;
    Timestamp updated_at;
    std::int64_t version = 0;  // rises with every change of the row
    auto operator<=>(Gauge const&) const = default;
};

struct GaugeAllocation {
    CustomerId customer;
    std::string feature;
    std::string allocation_id;  // the application's id of the thing; empty: counted by number alone
    std::int64_t amount = 1;    // > 0
    Timestamp created_at;
    auto operator<=>(GaugeAllocation const&) const = default;
};

using GaugeLimit = std::optional<std::int64_t>;  // nullopt: unlimited

/// The gauge as it stands now. An id that is already allocated with the same amount changes nothing; with another
/// amount: conflict "allocation_differs". Full: limit_reached "limit_reached" with `limit` and `used` in extra, and
/// nothing is changed.
Result<Gauge> allocate_gauge(Writer& writer, GaugeAllocation const& allocation, GaugeLimit limit);
/// Gives back what the id holds; an id that holds nothing changes nothing. Never below zero.
Result<Gauge> release_gauge(Writer& writer, CustomerId const& customer, std::string_view feature,
                            std::string_view allocation_id, Timestamp now);
/// Gives back a number, never below zero.
Result<Gauge> release_gauge_amount(Writer& writer, CustomerId const& customer, std::string_view feature,
                                   std::int64_t amount, Timestamp now);
/// Sets the number; it may exceed the limit only where it does not grow. Allocations by id stay known.
Result<Gauge> set_gauge(Writer& writer, CustomerId const& customer, std::string_view feature, std::int64_t used,
                        GaugeLimit limit, Timestamp now);

/// used = 0 where nothing was ever allocated.
Result<Gauge> find_gauge(Reader& reader, CustomerId const& customer, std::string_view feature);
Result<std::vector<Gauge>> list_gauges(Reader& reader, CustomerId const& customer);
/// In the order of the customers.
Result<std::vector<Gauge>> list_gauges_of(Reader& reader, CustomerRange const& customers);
Result<std::vector<GaugeAllocation>> list_gauge_allocations(Reader& reader, CustomerId const& customer,
                                                            std::string_view feature, int limit);

}  // namespace billhook::store
