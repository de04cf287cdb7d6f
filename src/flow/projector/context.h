#pragma once
// What the projector may reach, wired once by server/. Everything here is thread-safe and outlives the projector.

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "domain/customer/customer.h"
#include "store/store.h"

namespace billhook::catalog {
struct Catalog;
}
namespace billhook::stripe {
class Client;
}

namespace billhook::flow {

class PriceBook;
class RecentReads;

struct ProjectorContext {
    stripe::Client const& stripe;
    Clock const& clock;
    RandomSource& random;
    RecentReads& recent_reads;
    std::function<std::shared_ptr<catalog::Catalog const>()> catalog;
    std::function<std::shared_ptr<PriceBook const>()> prices;
    /// Called in the transaction that changed what the customer holds: rebuilds the entitlement snapshot.
    std::function<Status(store::Writer&, CustomerId const&)> on_projected;
    /// Called after the commit that changed the table of prices: makes a new price book.
    std::function<void()> on_prices_changed;
};

}  // namespace billhook::flow
