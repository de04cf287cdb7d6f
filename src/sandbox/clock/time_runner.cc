#include "sandbox/clock/time_runner.h"

#include "base/log.h"
#include "sandbox/clock/test_clock.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {
namespace {

using Commit = std::function<void(Call&)>;

constexpr std::int64_t retry_seconds = 3600;  // after which what failed is tried again

void run(World& world, std::string_view clock, Due const& due, Commit const& commit) {
    Call call(world);
    call.use_clock(clock == root_clock ? std::string_view{} : clock);
    auto const start = call.mark();
    call.unschedule(due.kind, due.object_id);
    auto const done = (*world.registry.find_due(due.kind))(call, due.object_id);
    if (!done) {
        call.undo(start);
        call.schedule(due.kind, due.object_id, call.now() + retry_seconds);
        log(LogLevel::error, "due work failed",
            {{"kind", due.kind}, {"object", due.object_id}, {"message", done.error().message}});
    }
    commit(call);
}

bool run_root(World& world, std::function<void(Timestamp)> const& move_root, Commit const& commit) {
    auto const until = world.root_target.value_or(world.clock.now().seconds());
    auto const due = world.due.next(root_clock);
    if (due && due->at <= until) {
        if (world.root_target) move_root(Timestamp::from_seconds(due->at));
        world.root_instant = due->at;
        run(world, root_clock, *due, commit);
        world.root_instant.reset();
        return true;
    }
    if (!world.root_target) return false;
    move_root(Timestamp::from_seconds(*world.root_target));
    world.root_target.reset();
    return true;
}

bool run_test_clock(World& world, std::string const& id, Commit const& commit) {
    auto const target = advance_target(world, id);
    if (auto const due = world.due.next(id); due && due->at <= target) {
        set_frozen_time(world, id, due->at);
        run(world, id, *due, commit);
        return true;
    }
    Call call(world);
    finish_advance(call, id);
    commit(call);
    return true;
}

}  // namespace

bool run_next(World& world, std::function<void(Timestamp)> const& move_root, Commit const& commit) {
    if (run_root(world, move_root, commit)) return true;
    auto const& advancing = world.store.where("test_helpers.test_clock", "status", "advancing");
    if (advancing.empty()) return false;
    return run_test_clock(world, std::string(advancing.begin()->second->id), commit);
}

}  // namespace billhook::sandbox
