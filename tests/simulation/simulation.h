#pragma once
// Simulation: many buyers over many months, with faults; at every quiet point the oracle compares. The same options
// give the same run, byte for byte.

#include <memory>
#include <string>
#include <vector>

#include "tests/oracle/judgement.h"
#include "tests/simulation/buyer.h"

namespace billhook::simulation {

struct SimulationOptions {
    std::uint64_t seed = 1;
    int customers = 40;
    int months = 14;
    FaultPlan faults;
    std::string catalog;
    std::string database;
    std::ostream* trace = nullptr;
};

struct Report {
    std::string digest;
    std::int64_t steps = 0;
    std::map<std::string, std::int64_t> counts;
    std::vector<std::string> violations;  // of the first quiet point that had any
    std::vector<std::string> last_lines;
};

class Simulation {
  public:
    explicit Simulation(SimulationOptions options);
    /// Ends at the first quiet point at which something is wrong.
    Report run();

  private:
    void live_month(int month);
    void live_day(Timestamp end, bool events_get_lost);
    void choose_settings();
    /// Faults off, queues drained, lost events made good.
    void become_quiet(bool events_were_lost);
    void replay_dead_events();
    void drain();
    std::optional<Timestamp> next_in_queues();
    void judge();
    void judge_paid_time();
    oracle::Doors doors();
    /// A run in which nothing of a kind ever succeeded has proven nothing of it.
    void expect_every_kind_granted();

    SimulationOptions const options_;
    World world_;
    oracle::CatalogReading catalog_;
    std::vector<std::unique_ptr<Buyer>> buyers_;
    Report report_;
};

}  // namespace billhook::simulation
