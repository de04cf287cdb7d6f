#include "tests/simulation/stopper.h"

#include "base/crash_point.h"

namespace billhook::simulation {
namespace {

// Of the simulation's one thread; the store's own thread passes no boundary.
thread_local Stopper* present = nullptr;

}  // namespace

Stopper::Stopper(RandomSource& random, Trace& trace) : random_(random), trace_(trace) {
    present = this;
}

Stopper::~Stopper() {
    present = nullptr;
}

void Stopper::pass(std::string_view boundary) {
    if (permille_ == 0 || random_.below(1000) >= static_cast<std::uint64_t>(permille_)) return;
    trace_.count("stops");
    trace_.line("the process stops at " + std::string(boundary));
    throw ProcessStopped{};
}

Status StoppingStore::run_write(store::Scope const& scope, std::function<Status(store::Writer&)> const& work) {
    stopper_.pass("a commit that is to come");
    auto status = inner_.write(scope, work);
    stopper_.pass("a commit that was made");
    return status;
}

Status StoppingStore::run_turn(std::string_view turn, std::function<Status(store::Writer&)> const& work) {
    stopper_.pass("a turn that is to come");
    auto const taken = inner_.take_turn(turn, [&](store::Writer& writer) -> Result<bool> {
        TRY_VOID(work(writer));
        return true;
    });
    stopper_.pass("a turn that was taken");
    return taken ? Status{} : Status(fail(taken.error()));
}

Status StoppingStore::run_submit(store::Scope scope, std::function<Status(store::Writer&)> work,
                                 std::function<void(Status)> done) {
    return inner_.submit(std::move(scope), std::move(work), std::move(done));
}

Status StoppingStore::run_read(store::Scope const& scope, std::function<Status(store::Reader&)> const& work) {
    return inner_.read(scope, work);
}

}  // namespace billhook::simulation

namespace billhook {

/// Linked before the product's own, which does nothing.
void crash_point(std::string_view name) {
    if (simulation::present) simulation::present->pass(name);
}

}  // namespace billhook
