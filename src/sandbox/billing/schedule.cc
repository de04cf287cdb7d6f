// The operations on subscription schedules, and the start of those that wait for their day.

#include <algorithm>

#include "sandbox/billing/billing_resources.h"
#include "sandbox/billing/cancellation.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/phase_reader.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_create.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view start_kind = "subscription_schedule.start";

Answer<JsonObject const*> need_schedule(Call& call) {
    auto const* schedule = TRY(call.need(object_type::subscription_schedule, call.path_id()));
    call.use_clock_of(*schedule);
    return schedule;
}

Answer<void> check_running(JsonObject const& schedule, std::string_view what) {
    auto const status = text_at(schedule, "status");
    if (status == "active" || status == "not_started") return {};
    return refuse(bad_request("You cannot " + std::string(what) +
                              " a subscription schedule that is currently in the `" + status +
                              "` status. A schedule must be in the `not_started` or `active` status."));
}

JsonObject default_settings() {
    return {{"billing_cycle_anchor", "automatic"},
            {"automatic_tax", {{"enabled", false}}},
            {"invoice_settings", {{"issuer", {{"type", "self"}}}}}};
}

void copy_defaults(JsonObject& schedule, JsonObject const& params) {
    if (auto const* defaults = find(params, "default_settings"); defaults && defaults->is_object())
        for (auto const& [key, value] : defaults->get_object())
            if (!value.is_object()) schedule["default_settings"].as_object()[key] = value;
    copy_given(schedule, params, {"end_behavior"});
}

void store_schedule(Call& call, std::string const& id, std::string const& customer, JsonArray phases,
                    JsonObject further) {
    JsonObject schedule{{"id", id},
                        {"billing_mode", {{"type", "flexible"}, {"flexible", {{"proration_discounts", "included"}}}}},
                        {"created", call.now()},
                        {"customer", customer},
                        {"default_settings", default_settings()},
                        {"end_behavior", "release"},
                        {"metadata", JsonObject{}},
                        {"pause_schedules", JsonArray{}},
                        {"phases", std::move(phases)},
                        {"status", "not_started"},
                        {"test_clock", call.find("customer", customer)->at("test_clock")}};
    for (auto& [key, value] : further) schedule[key] = std::move(value);
    call.create(object_type::subscription_schedule, std::move(schedule));
}

/// One phase that is what the subscription is now, until its period ends.
Answer<Json> create_from_subscription(Call& call, std::string const& from) {
    for (auto const& [key, value] : call.params)
        if (key != "from_subscription" && key != "metadata")
            return refuse(bad_request("You cannot set `" + std::string(key) + "` if `from_subscription` is set.",
                                      std::string(key)));
    auto const& subscription = *TRY(call.need("subscription", from, "from_subscription"));
    call.use_clock_of(subscription);
    if (is_terminal(text_at(subscription, "status")))
        return refuse(
            bad_request("You cannot migrate a subscription that is already canceled to a subscription "
                        "schedule.",
                        "from_subscription"));
    if (!text_at(subscription, "schedule").empty())
        return refuse(bad_request("You cannot migrate a subscription that is already attached to a schedule: `" +
                                      text_at(subscription, "schedule") + "`.",
                                  "from_subscription"));
    auto const id = call.new_id("sub_sched_");
    auto phase = phase_of_subscription(call, from);
    JsonObject current{{"start_date", phase.at("start_date")}, {"end_date", phase.at("end_date")}};
    bool const ends = time_at(subscription, "cancel_at").has_value();
    store_schedule(call, id, text_at(subscription, "customer"), JsonArray{Json(std::move(phase))},
                   {{"billing_mode", subscription.at("billing_mode")},
                    {"current_phase", std::move(current)},
                    {"end_behavior", ends ? "cancel" : "release"},
                    {"status", "active"},
                    {"subscription", from}});
    merge_metadata(call.edit(object_type::subscription_schedule, id), call.params);
    auto const before = call.view("subscription", from);
    call.edit("subscription", from)["schedule"] = id;
    call.emit_now("subscription_schedule.created", object_type::subscription_schedule, id);
    call.emit_change("customer.subscription.updated", "subscription", from, before);
    follow_up(call, from);
    return call.view(object_type::subscription_schedule, id);
}

void set_past_due(Call& call, std::string const& subscription) {
    auto const before = call.view("subscription", subscription);
    call.edit("subscription", subscription)["status"] = "past_due";
    call.emit_change("customer.subscription.updated", "subscription", subscription, before);
}

/// The day of a schedule has come: its first phase becomes a subscription.
Answer<void> start(Call& call, std::string const& id) {
    auto const* schedule = call.find(object_type::subscription_schedule, id);
    if (!schedule || text_at(*schedule, "status") != "not_started") return {};
    call.use_clock_of(*schedule);
    auto const phase = array_at(*schedule, "phases").front().as_object();
    auto params = subscription_parameters(*schedule, phase);
    // Nobody is there to give a card: without one the first invoice stays open, and the subscription lives on past due.
    if (default_payment_method(call, text_at(params, "default_payment_method"), text_at(*schedule, "customer")).empty())
        params["payment_behavior"] = "default_incomplete";
    if (auto const since = int_at(phase, "start_date"); since < call.now()) params["backdate_start_date"] = since;
    auto const subscription = TRY(create_subscription(call, params, Offer::agreed_before));
    if (text_at(*call.find("subscription", subscription), "status") == "incomplete") set_past_due(call, subscription);
    auto const before = call.view(object_type::subscription_schedule, id);
    auto& started = call.edit(object_type::subscription_schedule, id);
    started["status"] = "active";
    started["subscription"] = subscription;
    started["current_phase"] = {{"start_date", phase.at("start_date")}, {"end_date", phase.at("end_date")}};
    call.edit("subscription", subscription)["schedule"] = id;
    call.emit_change("subscription_schedule.updated", object_type::subscription_schedule, id, before);
    follow_up(call, subscription);
    return {};
}

Answer<Json> create_schedule(Call& call) {
    if (auto const from = call.text("from_subscription"); !from.empty()) return create_from_subscription(call, from);
    auto const customer = call.text("customer");
    if (customer.empty()) return refuse(missing_parameter("customer"));
    call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
    auto const starts = time_at(call.params, "start_date").value_or(call.now());
    auto phases = TRY(read_phases(call, call.params, {.start = starts, .customer = customer}));
    auto const id = call.new_id("sub_sched_");
    store_schedule(call, id, customer, std::move(phases), {});
    auto& schedule = call.edit(object_type::subscription_schedule, id);
    copy_defaults(schedule, call.params);
    merge_metadata(schedule, call.params);
    if (text_at(call.params, "billing_mode.type") == "classic")
        schedule["billing_mode"] = {{"type", "classic"}, {"flexible", nullptr}};
    call.emit_now("subscription_schedule.created", object_type::subscription_schedule, id);
    if (starts > call.now())
        call.schedule(start_kind, id, starts);
    else
        TRY_VOID(start(call, id));
    return call.view(object_type::subscription_schedule, id);
}

/// Makes the subscription what the phase that holds now says.
Answer<void> apply_current_phase(Call& call, std::string const& id, std::string const& subscription) {
    auto const& phases = array_at(*call.find(object_type::subscription_schedule, id), "phases");
    auto const at = std::ranges::find_if(phases, [&](Json const& phase) {
        return Span{int_at(phase.as_object(), "start_date"), int_at(phase.as_object(), "end_date")}.contains(
            call.now());
    });
    if (at == phases.end()) return refuse(bad_request("One of the phases must be the current one.", "phases"));
    auto const phase = at->as_object();
    call.edit(object_type::subscription_schedule, id)["current_phase"] = {{"start_date", phase.at("start_date")},
                                                                          {"end_date", phase.at("end_date")}};
    auto change = TRY(change_to_phase(call, subscription, phase));
    change.proration = read_proration_behavior(call.params);
    change.resets_anchor = false;  // it holds where a phase starts, and this one has started
    auto const before = call.view("subscription", subscription);
    apply_phase_settings(call, subscription, phase);
    call.emit_change("customer.subscription.updated", "subscription", subscription, before);
    return carry_out(call, subscription, change, {});
}

Answer<Json> update_schedule(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(need_schedule(call));
    TRY_VOID(check_running(present, "update"));
    auto const before = call.view(object_type::subscription_schedule, id);
    auto const subscription = text_at(present, "subscription");
    PhaseFrame frame{.start = int_at(array_at(present, "phases").front().as_object(), "start_date"),
                     .customer = text_at(present, "customer"),
                     .agreed = array_at(present, "phases")};
    if (!subscription.empty()) {
        frame.current_start = int_at(present, "current_phase.start_date");
        frame.subscription = subscription;
    }
    std::optional<JsonArray> phases;
    if (call.has("phases")) phases = TRY(read_phases(call, call.params, frame));
    auto& schedule = call.edit(object_type::subscription_schedule, id);
    copy_defaults(schedule, call.params);
    merge_metadata(schedule, call.params);
    if (phases) {
        schedule["phases"] = std::move(*phases);
        if (subscription.empty())
            call.schedule(start_kind, id, int_at(schedule["phases"].as_array().front().as_object(), "start_date"));
        else
            TRY_VOID(apply_current_phase(call, id, subscription));
    }
    if (!subscription.empty()) follow_up(call, subscription);
    call.emit_change("subscription_schedule.updated", object_type::subscription_schedule, id, before);
    return call.view(object_type::subscription_schedule, id);
}

Answer<Json> release(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(need_schedule(call));
    TRY_VOID(check_running(present, "release"));
    auto const subscription = text_at(present, "subscription");
    call.unschedule(start_kind, id);
    release_schedule(call, id);
    if (!subscription.empty()) follow_up(call, subscription);
    return call.view(object_type::subscription_schedule, id);
}

Answer<Json> cancel_schedule(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(need_schedule(call));
    TRY_VOID(check_running(present, "cancel"));
    call.unschedule(start_kind, id);
    auto const subscription = text_at(present, "subscription");
    if (!subscription.empty()) {
        auto const wants = [&](char const* name) {
            auto const* given = find(call.params, name);
            return !given || given->as_bool();
        };
        cancel_subscription(call, subscription, {.prorates = wants("prorate"), .invoices_now = wants("invoice_now")});
        return call.view(object_type::subscription_schedule, id);
    }
    auto& schedule = call.edit(object_type::subscription_schedule, id);
    schedule["status"] = "canceled";
    schedule["canceled_at"] = call.now();
    // Called off before it began: Stripe's CLI triggers `aborted` by this.
    call.emit_now("subscription_schedule.aborted", object_type::subscription_schedule, id);
    call.emit_now("subscription_schedule.canceled", object_type::subscription_schedule, id);
    return call.view(object_type::subscription_schedule, id);
}

Answer<Json> list_schedules(Call& call) {
    ListQuery query{.type = object_type::subscription_schedule};
    if (auto const customer = call.text("customer"); !customer.empty()) {
        query.index = "customer";
        query.key = customer;
    }
    query.keep = [&](JsonObject const& schedule) {
        return !bool_at(call.params, "scheduled") || text_at(schedule, "status") == "not_started";
    };
    return call.list(query);
}

}  // namespace

void add_subscription_schedules(World& world) {
    world.store.add_index(object_type::subscription_schedule, "customer");
    auto& registry = world.registry;
    registry.on("POST /v1/subscription_schedules", create_schedule);
    registry.on("POST /v1/subscription_schedules/{id}", update_schedule);
    registry.on("POST /v1/subscription_schedules/{id}/release", release);
    registry.on("POST /v1/subscription_schedules/{id}/cancel", cancel_schedule);
    registry.on("GET /v1/subscription_schedules/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::subscription_schedule, call.path_id()));
        return call.view(object_type::subscription_schedule, call.path_id());
    });
    registry.on("GET /v1/subscription_schedules", list_schedules);
    registry.on_due(start_kind, start);
}

}  // namespace billhook::sandbox
