// billhook_event_orders [--window N] [--random N] [--seed S]: one customer's life, its events in every order N at a
// time and in random orders with losses and duplicates.

#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/simulation/event_orders.h"

namespace {

int run(int argc, char** argv) {
    billhook::simulation::OrdersOptions options{.catalog = "tests/simulation/catalog.yaml"};
    CLI::App app("brings the events of one life to the engine in many orders");
    app.add_option("--seed", options.seed, "of the random orders");
    app.add_option("--window", options.window, "events at a time, in every order; 0: none")->check(CLI::Range(0, 8));
    app.add_option("--random", options.random_orders, "random orders after each step");
    CLI11_PARSE(app, argc, argv);
    std::freopen("/dev/null", "w", stderr);
    auto const report = billhook::simulation::EventOrders(options).run();
    for (auto const& violation : report.violations) std::cout << "  violation: " << violation << "\n";
    if (!report.violations.empty())
        std::cout << "  in" << report.order << "\n  again: billhook_event_orders --seed " << options.seed
                  << " --window " << options.window << " --random " << options.random_orders << "\n";
    std::cout << (report.violations.empty() ? "holds" : "violated") << ": steps " << report.steps << ", events "
              << report.events << ", orders " << report.orders << ", random orders " << report.random_orders
              << std::endl;
    return report.violations.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (std::exception const& exception) {
    std::cout << "billhook_event_orders: " << exception.what() << "\n";
    return 1;
}
