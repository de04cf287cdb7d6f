#pragma once
// Stopper: ends the process, so to say, at a boundary that chance chooses. Boundaries are the product's own named crash
// points, and every transport call and store commit on either side.

#include <string_view>

#include "base/random.h"
#include "store/store.h"
#include "tests/simulation/trace.h"

namespace billhook::simulation {

/// Thrown through the whole product. It is no std::exception, so that nothing there takes it for a failure to handle.
struct ProcessStopped {};

class Stopper {
  public:
    Stopper(RandomSource& random, Trace& trace);
    ~Stopper();
    Stopper(Stopper const&) = delete;

    void set_chance(int permille) { permille_ = permille; }
    /// Throws ProcessStopped where chance wants it.
    void pass(std::string_view boundary);

  private:
    RandomSource& random_;
    Trace& trace_;
    int permille_ = 0;
};

/// The store with a boundary before and after each commit.
class StoppingStore : public store::Store {
  public:
    StoppingStore(store::Store& inner, Stopper& stopper) : inner_(inner), stopper_(stopper) {}
    std::int64_t rerun_count() const override { return inner_.rerun_count(); }

  private:
    Status run_write(store::Scope const& scope, std::function<Status(store::Writer&)> const& work) override;
    Status run_turn(std::string_view turn, std::function<Status(store::Writer&)> const& work) override;
    Status run_submit(store::Scope scope, std::function<Status(store::Writer&)> work,
                      std::function<void(Status)> done) override;
    Status run_read(store::Scope const& scope, std::function<Status(store::Reader&)> const& work) override;

    store::Store& inner_;
    Stopper& stopper_;
};

}  // namespace billhook::simulation
