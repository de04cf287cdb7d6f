#include "sandbox/clock/test_clock.h"

#include "sandbox/core/call.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"
#include "sandbox/surface/shape.h"

namespace billhook::sandbox {
namespace {

constexpr std::int64_t kept_seconds = 30 * 86'400;
constexpr std::string_view deletion = "test_clock.delete";

JsonObject root_view(World& world) {
    auto const now = world.clock.now().seconds();
    JsonObject status_details;
    if (world.root_target) status_details["advancing"] = {{"target_frozen_time", *world.root_target}};
    return complete(world.surface, object_type::test_helpers_test_clock,
                    {{"id", root_clock},
                     {"created", now},
                     {"deletes_after", now + kept_seconds},
                     {"frozen_time", now},
                     {"name", "The sandbox's own time"},
                     {"status", world.root_target ? "advancing" : "ready"},
                     {"status_details", status_details}});
}

/// A customer whose life has begun on another clock stays there.
Answer<void> check_free(Call& call, std::string const& id) {
    auto const* customer = TRY(call.need("customer", id, "customer"));
    if (!customer->at("test_clock").is_null())
        return refuse(bad_request("The customer is already attached to a test clock.", "customer"));
    if (!call.store().where("subscription", "customer", id).empty())
        return refuse(bad_request("The sandbox attaches only customers without subscriptions.", "customer"));
    return {};
}

Answer<Json> create(Call& call) {
    auto const frozen_time = call.params.at("frozen_time").as_int64();
    auto const id = call.new_id("clock_");
    auto const customer = call.text("customer");
    if (!customer.empty()) TRY_VOID(check_free(call, customer));
    call.create(object_type::test_helpers_test_clock,
                {{"id", id},
                 {"created", call.now()},
                 {"deletes_after", call.now() + kept_seconds},
                 {"frozen_time", frozen_time},
                 {"name", find(call.params, "name") ? call.params.at("name") : Json(nullptr)},
                 {"status", "ready"},
                 {"status_details", JsonObject{}}});
    call.schedule(deletion, id, call.now() + kept_seconds);
    if (!customer.empty()) call.edit("customer", customer)["test_clock"] = id;
    call.emit_now("test_helpers.test_clock.created", object_type::test_helpers_test_clock, id);
    return call.view(object_type::test_helpers_test_clock, id);
}

Answer<Json> advance_root(Call& call, std::int64_t to) {
    auto& world = call.world();
    if (!world.can_move_root)
        return refuse(bad_request("This sandbox runs on a clock that cannot be moved.", "frozen_time"));
    if (world.root_target)
        return refuse(bad_request("The clock is already advancing.", "frozen_time", "test_clock_advancing"));
    if (to <= call.now())
        return refuse(bad_request("You cannot advance the clock to a time before its present time.", "frozen_time"));
    world.root_target = to;
    return root_view(world);
}

Answer<Json> advance(Call& call) {
    auto const& id = call.path_id();
    auto const to = call.params.at("frozen_time").as_int64();
    if (id == root_clock) return advance_root(call, to);
    auto const* clock = TRY(call.need(object_type::test_helpers_test_clock, id));
    if (clock->at("status") != Json("ready"))
        return refuse(bad_request("Test clock advancement already underway.", "", "test_clock_advancing"));
    auto const from = clock->at("frozen_time").as_int64();
    if (to <= from)
        return refuse(bad_request("You cannot advance the clock to a time before its present time.", "frozen_time"));
    auto const& limit = call.world().advance_limit;
    auto const latest = limit ? limit(id, from) : from + 2 * 366 * 86'400LL;
    if (to > latest)
        return refuse(
            bad_request("You cannot advance the clock further than two intervals of the shortest "
                        "subscription on it at a time.",
                        "frozen_time"));
    auto& changed = call.edit(object_type::test_helpers_test_clock, id);
    changed["status"] = "advancing";
    changed["status_details"] = {{"advancing", {{"target_frozen_time", to}}}};
    call.use_clock(id);
    call.emit_now("test_helpers.test_clock.advancing", object_type::test_helpers_test_clock, id);
    return call.view(object_type::test_helpers_test_clock, id);
}

/// By request, or at deletes_after.
void delete_clock(Call& call, std::string const& id) {
    call.unschedule(deletion, id);
    call.use_clock(id);
    // Its customers go with it; what was still to happen to them does not happen.
    std::vector<std::string> customers;
    for (auto const& [sequence, customer] : call.store().where("customer", "test_clock", id))
        customers.push_back(customer->id);
    for (auto const& customer : customers) {
        if (call.world().end_subscriptions) call.world().end_subscriptions(call, customer);
        auto const last = call.view("customer", customer);
        call.remove("customer", customer);
        call.emit("customer.deleted", last);
    }
    call.world().due.clear(id);
    auto const last = call.view(object_type::test_helpers_test_clock, id);
    call.edit(object_type::test_helpers_test_clock, id)["status"] = "ready";  // it advances no further
    call.remove(object_type::test_helpers_test_clock, id);
    call.emit("test_helpers.test_clock.deleted", last);
}

Answer<Json> remove(Call& call) {
    auto const& id = call.path_id();
    if (id == root_clock) return refuse(bad_request("The sandbox's own clock cannot be deleted."));
    TRY(call.need(object_type::test_helpers_test_clock, id));
    delete_clock(call, id);
    return call.view(object_type::test_helpers_test_clock, id);
}

}  // namespace

std::int64_t advance_target(World& world, std::string const& clock) {
    return int_or(*world.store.find(object_type::test_helpers_test_clock, clock),
                  "status_details.advancing.target_frozen_time");
}

void set_frozen_time(World& world, std::string const& clock, std::int64_t time) {
    auto& frozen = world.store.edit(object_type::test_helpers_test_clock, clock)["frozen_time"];
    if (time > frozen.as_int64()) frozen = time;
}

void finish_advance(Call& call, std::string const& clock) {
    set_frozen_time(call.world(), clock, advance_target(call.world(), clock));
    auto& ready = call.edit(object_type::test_helpers_test_clock, clock);
    ready["status"] = "ready";
    ready["status_details"] = JsonObject{};
    call.use_clock(clock);
    call.emit_now("test_helpers.test_clock.ready", object_type::test_helpers_test_clock, clock);
}

void add_test_clocks(World& world) {
    world.store.add_index(object_type::test_helpers_test_clock, "status");
    auto& registry = world.registry;
    registry.on_due(deletion, [](Call& call, std::string const& id) -> Answer<void> {
        if (call.find(object_type::test_helpers_test_clock, id)) delete_clock(call, id);
        return {};
    });
    registry.on("POST /v1/test_helpers/test_clocks", create);
    registry.on("POST /v1/test_helpers/test_clocks/{id}/advance", advance);
    registry.on("DELETE /v1/test_helpers/test_clocks/{id}", remove);
    registry.on("GET /v1/test_helpers/test_clocks/{id}", [](Call& call) -> Answer<Json> {
        if (call.path_id() == root_clock) return root_view(call.world());
        TRY(call.need(object_type::test_helpers_test_clock, call.path_id()));
        return call.view(object_type::test_helpers_test_clock, call.path_id());
    });
    registry.on("GET /v1/test_helpers/test_clocks",
                [](Call& call) { return call.list({.type = object_type::test_helpers_test_clock}); });
}

}  // namespace billhook::sandbox
