#pragma once
// World: one engine and one sandbox in one process, on one thread and one clock that stands still until it is moved.
// The engine can stop at any boundary; it is then thrown away whole and built anew on the same store.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "server/engine.h"
#include "store/open_store.h"
#include "tests/simulation/stripe_link.h"

namespace billhook::simulation {

struct WorldOptions {
    std::uint64_t seed = 1;
    Timestamp start;
    FaultPlan faults;
    std::string catalog;   // path of the catalog file
    std::string database;  // postgres://…, empty: a SQLite file of this run's own
    /// The product's own, or one that can do more, on the database that it is given.
    std::function<Result<std::unique_ptr<store::Store>>(std::string const& database)> open_store =
        [](std::string const& database) { return store::open_store(database); };
    std::ostream* trace = nullptr;  // every line of the trace as well
};

/// Waits by moving the clock.
struct VirtualSleeper : stripe::Sleeper {
    explicit VirtualSleeper(ManualClock& clock) : clock(clock) {}
    bool sleep(Duration duration) override {
        clock.set(clock.now() + duration);
        return true;
    }
    ManualClock& clock;
};

class World {
  public:
    struct Answer {
        int status = 0;  // 0: the process stopped before it answered
        Json body;
        bool is_success() const { return status >= 200 && status < 300; }
    };
    struct Wish {
        std::string method;
        std::string path;
        JsonObject body;
        std::string customer;
        std::string idempotency_key;
        bool is_by_operator = false;
    };
    struct PageAnswer {
        int status = 0;
        std::string location;
        std::string text;
    };

    explicit World(WorldOptions options);
    ~World();

    // The engine.
    /// Starts the process again first where it has stopped.
    Answer ask(Wish const& wish);
    /// As ask(), kept out of the trace: for whoever only looks.
    Json read(std::string const& path, std::string const& customer);
    /// Each worker once that does not rest. True where one was busy.
    bool work();
    void ensure_running();
    /// What it has in memory is gone; ensure_running() starts it on what is in its store.
    void stop_process();

    // The sandbox.
    /// As somebody does it at Stripe, past the engine. Null where Stripe refuses.
    Json stripe(std::string const& method, std::string const& target, JsonObject const& fields = {});
    PageAnswer page(std::string const& url, JsonObject const& fields);
    /// The sandbox's own API.
    void control(std::string const& path, JsonObject const& body);
    int deliver();
    void advance_to(Timestamp target);

    // Events by hand, for whoever tries orders.
    /// From now on events wait here instead of reaching the engine.
    void hold_events() { holds_events_ = true; }
    /// All that were caused since, in the order of their happening.
    std::vector<net::HttpRequest> take_held();
    void hand_over(net::HttpRequest const& event);

    /// Calls fail, events go astray and the process stops from now on, or nothing of it. Lost events can be left out,
    /// so that a stretch of time needs no reconciling read.
    void set_faults(FaultPlan const& plan, Duration event_delay = {});

    Timestamp now() const { return clock_.now(); }
    std::optional<Timestamp> next_delivery() const { return sandbox_->next_delivery(); }
    RandomSource& random() { return random_; }
    Trace& trace() { return trace_; }
    /// Rows by somebody else's SQL, read-only; `types` has a letter for each column: t text, i integer.
    std::vector<std::vector<Json>> rows(std::string_view sql, std::string_view types);

  private:
    void open_sandbox();
    void start_process();
    template <class Work>
    auto run_guarded(Work work) -> std::optional<decltype(work())>;
    std::optional<net::HttpResponse> take_event(net::HttpRequest const& event);

    WorldOptions const options_;
    ManualClock clock_;
    SeededRandom random_;
    Trace trace_;
    Stopper stopper_;
    std::filesystem::path folder_;
    std::string address_;
    cli::Configuration configuration_;
    // The store stays open over the ends of the process, as a PostgreSQL does; tests/crash opens it after real ones.
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<StoppingStore> stopping_store_;

    WebhookLink webhooks_;
    std::unique_ptr<sandbox::Sandbox> sandbox_;
    std::unique_ptr<StripeLink> link_;
    VirtualSleeper sleeper_;

    // One life of the process.
    std::uint64_t lives_ = 0;
    std::unique_ptr<SeededRandom> engine_random_;
    std::unique_ptr<server::Engine> engine_;
    struct RestingWorker {
        server::Engine::Worker worker;
        Timestamp rests_until;
    };
    std::vector<RestingWorker> workers_;

    bool holds_events_ = false;
    std::vector<net::HttpRequest> held_;
    std::string operator_key_;
    std::string application_key_;
};

}  // namespace billhook::simulation
