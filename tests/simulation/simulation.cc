#include "tests/simulation/simulation.h"

#include <stdexcept>

#include "tests/simulation/rewindable_store.h"

namespace billhook::simulation {
namespace {

constexpr Duration day = Duration::hours(24);
constexpr int acts_a_month = 5;  // of each buyer
constexpr int drain_rounds_max = 20'000;
constexpr int lives_min = 400;  // months of buyers in which everything happens that can

// Every seed begins on another day, so that month ends and leap days are met.
Timestamp start_of(std::uint64_t seed) {
    auto const first = *parse_rfc3339("2023-12-20T09:00:00Z");
    return first + Duration::days(static_cast<std::int64_t>(seed * 37 % 400)) +
           Duration::minutes(static_cast<std::int64_t>(seed * 101 % 1440));
}

/// On a file of the run's own nobody reads beside it, so one open transaction will do; what stops is the process, not
/// the database.
Result<std::unique_ptr<store::Store>> open_store(std::string const& database) {
    if (database.starts_with("postgres")) return store::open_store(database);
    return RewindableStore::open(database);
}

oracle::CatalogReading read(std::string const& path) {
    auto catalog = oracle::read_catalog(path);
    if (!catalog) throw std::runtime_error(catalog.error().detail);
    return std::move(*catalog);
}

}  // namespace

Simulation::Simulation(SimulationOptions options)
    : options_(std::move(options)),
      world_({.seed = options_.seed,
              .start = start_of(options_.seed),
              .faults = options_.faults,
              .catalog = options_.catalog,
              .database = options_.database,
              .open_store = open_store,
              .trace = options_.trace}),
      catalog_(read(options_.catalog)) {
    for (int i = 1; i <= options_.customers; ++i)
        buyers_.push_back(std::make_unique<Buyer>(world_, "c" + std::to_string(i)));
}

Report Simulation::run() {
    choose_settings();
    for (int month = 0; month < options_.months && report_.violations.empty(); ++month) live_month(month);
    if (report_.violations.empty()) expect_every_kind_granted();
    report_.digest = world_.trace().digest();
    report_.steps = world_.trace().steps();
    report_.counts = world_.trace().counts();
    report_.last_lines.assign(world_.trace().last_lines().begin(), world_.trace().last_lines().end());
    return report_;
}

/// What an account sets in Stripe's dashboard differs from account to account.
void Simulation::choose_settings() {
    static constexpr char const* ends[] = {"cancel", "mark_unpaid", "leave_past_due"};
    world_.control(
        "/_sandbox/settings",
        {{"after_last_retry", ends[options_.seed % 3]}, {"webhook_retry_factor", 4}, {"webhook_retries_max", 12}});
}

/// A month of a buyer's life is 30 days here; a quiet point ends it. In every other month no event is lost for good, so
/// that the events alone must bring the engine up to date.
void Simulation::live_month(int month) {
    bool const events_get_lost = options_.faults.lose > 0 && month % 2 == 1;
    for (int i = 0; i < 30; ++i) live_day(world_.now() + day, events_get_lost);
    become_quiet(events_get_lost);
    judge();
}

void Simulation::live_day(Timestamp end, bool events_get_lost) {
    auto& random = world_.random();
    auto plan = options_.faults;
    if (!events_get_lost) plan.lose = 0;
    bool const is_late = random.below(1000) < static_cast<std::uint64_t>(plan.delay);
    world_.set_faults(plan, is_late ? Duration::minutes(static_cast<std::int64_t>(random.below(1200))) : Duration{});
    auto const acts = options_.customers * acts_a_month / 30 + 1;
    for (int i = 0; i < acts; ++i) {
        buyers_[random.below(buyers_.size())]->act();
        if (random.below(100) < 60) world_.deliver();
        for (auto times = random.below(4); times > 0; --times) world_.work();
        auto const left = end - world_.now();
        if (left.ms > 0) world_.advance_to(world_.now() + Duration{left.ms / (acts - i)});
    }
    world_.advance_to(end);
    judge_paid_time();
    world_.deliver();
    // Mostly the queues are kept short; now and then they grow.
    if (random.below(100) < 80)
        for (int i = 0; i < 500 && world_.work(); ++i) {
        }
}

void Simulation::become_quiet(bool events_were_lost) {
    world_.set_faults(FaultPlan::none());
    replay_dead_events();
    drain();
    if (!events_were_lost) return;
    for (auto const& buyer : buyers_)
        world_.ask({.method = "POST", .path = "/api/v1/customers/" + buyer->id() + "/refresh"});
    drain();
}

/// As an operator does once what hindered them is over.
void Simulation::replay_dead_events() {
    for (auto const& row : world_.rows("SELECT id FROM inbox_event WHERE status = 'dead' ORDER BY id", "t"))
        world_.ask({.method = "POST",
                    .path = "/api/v1/events/" + std::string(as_view(row[0].get_string())) + "/replay",
                    .is_by_operator = true});
}

void Simulation::drain() {
    for (int round = 0; round < drain_rounds_max; ++round) {
        bool const has_delivered = world_.deliver() > 0;
        if (world_.work() || has_delivered) continue;
        auto next = next_in_queues();
        if (auto const delivery = world_.next_delivery(); delivery && (!next || *delivery < *next)) next = delivery;
        if (!next) return;
        world_.advance_to(*next + Duration::seconds(1));
    }
    report_.violations.push_back("the queues do not come to rest");
}

/// When the first of what waits in inbox and outbox is due again. What is due already waits for something else: for the
/// lease of its subject, which is among them.
std::optional<Timestamp> Simulation::next_in_queues() {
    auto const rows = world_.rows(
        "SELECT next_retry_at FROM inbox_event WHERE status <> 'done' AND status <> 'dead' "
        "UNION ALL SELECT next_retry_at FROM outbox_message WHERE status <> 'done' AND status <> 'dead'",
        "i");
    std::optional<Timestamp> next;
    for (auto const& row : rows) {
        Timestamp const due{row[0].as_int64()};
        if (due > world_.now() && (!next || due < *next)) next = due;
    }
    if (!next && !rows.empty()) next = world_.now();
    return next;
}

oracle::Doors Simulation::doors() {
    return {
        .stripe = [this](std::string const& target) { return world_.stripe("GET", target); },
        .engine = [this](std::string const& path, std::string const& customer) { return world_.read(path, customer); },
        .rows = [this](std::string_view sql, std::string_view types) { return world_.rows(sql, types); },
        .now = [this] { return world_.now(); }};
}

void Simulation::judge_paid_time() {
    for (auto& violation : oracle::judge_paid_time(doors(), catalog_))
        report_.violations.push_back(std::move(violation));
}

void Simulation::judge() {
    std::vector<std::string> entered;
    for (auto const& buyer : buyers_)
        if (buyer->has_entered()) entered.push_back(buyer->id());
    for (auto& violation : oracle::judge(doors(), catalog_, entered))
        report_.violations.push_back(std::move(violation));
    world_.trace().count("quiet points");
    world_.trace().line("quiet: " + std::to_string(report_.violations.size()) + " violations");
}

void Simulation::expect_every_kind_granted() {
    if (options_.customers * options_.months < lives_min) return;
    std::set<std::string> granted;
    for (auto const& row : world_.rows("SELECT DISTINCT kind FROM intent WHERE status = 'confirmed'", "t"))
        granted.insert(std::string(as_view(row[0].get_string())));
    for (auto const* kind : {"purchase", "start_trial", "upgrade", "change_interval", "change_quantity",
                             "schedule_change", "cancel_schedule", "cancel", "resume"})
        if (!granted.contains(kind)) report_.violations.push_back(std::string("no ") + kind + " was ever granted");
    // Superseded ones are rare; what should be and is not still waits when its time has passed.
    for (auto const* status : {"done", "canceled"})
        if (world_.rows("SELECT id FROM scheduled_change WHERE status = '" + std::string(status) + "' LIMIT 1", "t")
                .empty())
            report_.violations.push_back("no scheduled change was ever " + std::string(status));
}

}  // namespace billhook::simulation
