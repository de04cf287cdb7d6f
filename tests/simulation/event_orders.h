#pragma once
// EventOrders: one customer's life, step by step. After each step the events that it caused are brought to the engine
// in many orders, each time from the same state of the store; every order must end in the sandbox's state.

#include <functional>
#include <string>
#include <vector>

#include "tests/oracle/judgement.h"
#include "tests/simulation/rewindable_store.h"
#include "tests/simulation/world.h"

namespace billhook::simulation {

struct OrdersOptions {
    std::uint64_t seed = 1;
    int window = 7;         // so many events at a time, in every order; 0: none
    int random_orders = 0;  // after each step: shuffled, with losses and duplicates, then the reconciling read
    std::string catalog;
};

struct OrdersReport {
    std::int64_t steps = 0, events = 0, orders = 0, random_orders = 0;
    std::vector<std::string> violations;  // of the first order that had any
    std::string order;                    // which events it was
};

class EventOrders {
  public:
    explicit EventOrders(OrdersOptions options);
    OrdersReport run();

  private:
    struct Step {
        char const* name;
        std::function<void()> act;
    };
    std::vector<Step> life();
    using Events = std::vector<net::HttpRequest>;

    void try_orders(Events const& events);
    /// `order` has been handed over; all orders of `window` follow, each with what came `after` behind it.
    void try_window(Events& order, Events const& window, Events const& after);
    void try_random(Events const& events);
    /// False where the engine does not end in the sandbox's state.
    bool ends_well(Events const& order);
    void hand_over(Events const& events);

    World::Answer ask(std::string const& method, std::string const& path, JsonObject body = {});
    std::string stripe_customer();
    void pay_page(std::string const& url);
    void put_card(std::string const& token);
    void pass(Duration by);

    void go_back(RewindableStore::Mark mark);

    OrdersOptions const options_;
    RewindableStore* store_ = nullptr;  // the world's
    World world_;
    oracle::CatalogReading catalog_;
    oracle::StripeReading stripe_;  // as it is while the orders of one step are tried
    OrdersReport report_;
};

}  // namespace billhook::simulation
