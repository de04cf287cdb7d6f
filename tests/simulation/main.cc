// billhook_simulate SEED… [--customers N] [--months M] [--faults PLAN] [--database postgres://…] [--catalog FILE]
// [--trace] [--log]: one run for each seed. A violation ends with the seed, what differs, and the command that shows it
// again.

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "base/log.h"
#include "tests/simulation/simulation.h"

namespace billhook::simulation {
namespace {

constexpr char const* catalog_path = "tests/simulation/catalog.yaml";  // all tests start in the project's root

struct Arguments {
    std::vector<std::uint64_t> seeds;
    int customers = 40;
    int months = 14;
    std::string faults = "all";
    std::string catalog = catalog_path;
    std::string database;
    bool has_trace = false;
    bool has_log = false;
};

void report_violation(Arguments const& arguments, std::uint64_t seed, Report const& report) {
    std::cout << "seed " << seed << ": VIOLATED after step " << report.steps << "\n";
    for (auto const& line : report.last_lines) std::cout << "    " << line << "\n";
    for (auto const& violation : report.violations) std::cout << "  violation: " << violation << "\n";
    std::cout << "  again: ./dev simulate " << seed << " --customers " << arguments.customers << " --months "
              << arguments.months << " --faults " << arguments.faults;
    if (arguments.catalog != catalog_path) std::cout << " --catalog " << arguments.catalog;
    if (!arguments.database.empty()) std::cout << " --database " << arguments.database;
    std::cout << "\n";
}

bool run_seed(Arguments const& arguments, FaultPlan const& faults, std::uint64_t seed) {
    auto const began = std::chrono::steady_clock::now();
    auto const report = Simulation({.seed = seed,
                                    .customers = arguments.customers,
                                    .months = arguments.months,
                                    .faults = faults,
                                    .catalog = arguments.catalog,
                                    .database = arguments.database,
                                    .trace = arguments.has_trace ? &std::cout : nullptr})
                            .run();
    auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    if (!report.violations.empty()) report_violation(arguments, seed, report);
    std::cout << "seed " << seed << ": " << (report.violations.empty() ? "holds" : "violated") << " digest "
              << report.digest.substr(0, 16) << " steps " << report.steps << " ms " << ms.count();
    for (auto const& [what, count] : report.counts) std::cout << ", " << what << " " << count;
    std::cout << std::endl;
    return report.violations.empty();
}

int run(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("runs server and sandbox in one process on a virtual clock, from a seed");
    app.add_option("seed", arguments.seeds, "the number that a failed run printed")->required();
    app.add_option("--customers", arguments.customers, "how many buy")->check(CLI::Range(1, 100'000));
    app.add_option("--months", arguments.months, "for how long")->check(CLI::Range(1, 1200));
    app.add_option("--faults", arguments.faults, "all, none, or none,lose=50,stop=10 in thousandths");
    app.add_option("--catalog", arguments.catalog, "the catalog file");
    app.add_option("--database", arguments.database, "an empty PostgreSQL database instead of SQLite");
    app.add_flag("--trace", arguments.has_trace, "print every step");
    app.add_flag("--log", arguments.has_log, "the engine's own log to standard error");
    CLI11_PARSE(app, argc, argv);
    auto const faults = FaultPlan::parse(arguments.faults);
    if (!faults) {
        std::cerr << faults.error().detail << "\n";
        return 2;
    }
    if (!arguments.has_log) std::freopen("/dev/null", "w", stderr);
    bool holds = true;
    for (auto const seed : arguments.seeds) holds = run_seed(arguments, *faults, seed) && holds;
    return holds ? 0 : 1;
}

}  // namespace
}  // namespace billhook::simulation

int main(int argc, char** argv) try {
    return billhook::simulation::run(argc, argv);
} catch (std::exception const& exception) {
    std::cout << "billhook_simulate: " << exception.what() << "\n";
    return 1;
}
