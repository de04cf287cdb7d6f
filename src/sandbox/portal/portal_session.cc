// Portal sessions: a short-lived address for one customer. Five minutes to open it, an hour of use (SEMANTICS 13 [A]).

#include "sandbox/portal/portal_session.h"

#include "sandbox/core/object_type.h"
#include "sandbox/portal/portal_resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view configuration_type = "billing_portal.configuration";

Answer<std::string> configuration_for(Call& call) {
    if (auto named = call.text("configuration"); !named.empty()) {
        TRY(call.need(configuration_type, named, "configuration"));
        return named;
    }
    for (auto const& [sequence, stored] : call.store().all(configuration_type))
        if (stored->object.at("is_default") == Json(true)) return stored->id;
    return refuse(
        bad_request("No configuration provided and your test mode default configuration has not been created. "
                    "Provide a configuration or create your default by saving your customer portal settings "
                    "in test mode.",
                    ""));
}

/// The flow as the answer shows it: what was asked for, and where it ends.
Answer<Json> read_flow(Call& call) {
    auto const* data = find(call.params, "flow_data");
    if (!data || !data->is_object()) return Json(nullptr);
    JsonObject flow{
        {"type", data->at("type")},
        {"after_completion", {{"hosted_confirmation", nullptr}, {"redirect", nullptr}, {"type", "portal_homepage"}}}};
    for (auto const* name : {"customer_update", "subscription_cancel", "subscription_pause", "subscription_update",
                             "subscription_update_confirm"}) {
        auto const* given = find(*data, name);
        flow[name] = given ? *given : Json(nullptr);
        if (!given || !given->is_object()) continue;
        auto const subscription = string_or(*given, "subscription");
        if (!subscription.empty())
            TRY(call.need("subscription", subscription, "flow_data[" + std::string(name) + "][subscription]"));
    }
    if (auto& cancel = flow["subscription_cancel"]; cancel.is_object()) cancel.get_object()["retention"] = nullptr;
    if (auto& confirm = flow["subscription_update_confirm"]; confirm.is_object()) {
        auto& object = confirm.get_object();
        if (!object.contains("discounts")) object["discounts"] = nullptr;
    }
    if (auto const* after = find(*data, "after_completion"); after && after->is_object()) {
        auto& shown = flow["after_completion"].as_object();
        for (auto const& [key, value] : after->get_object()) shown[key] = value;
    }
    return Json(std::move(flow));
}

Answer<Json> create(Call& call) {
    auto const customer = call.text("customer");
    if (customer.empty()) return refuse(missing_parameter("customer"));
    call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
    auto const configuration = TRY(configuration_for(call));
    auto flow = TRY(read_flow(call));
    auto const id = call.new_id("bps_");
    auto const return_url = call.text("return_url");
    auto const locale = call.text("locale");
    call.create(object_type::billing_portal_session,
                {{"id", id},
                 {"configuration", configuration},
                 {"created", call.now()},
                 {"customer", customer},
                 {"flow", std::move(flow)},
                 {"locale", locale.empty() ? Json(nullptr) : Json(locale)},
                 {"return_url", return_url.empty() ? Json(nullptr) : Json(return_url)},
                 {"url", call.world().settings.public_url + "/p/session/" + id}});
    call.emit_now("billing_portal.session.created", object_type::billing_portal_session, id);
    return call.view(object_type::billing_portal_session, id);
}

}  // namespace

void add_portal_sessions(World& world) {
    world.registry.on("POST /v1/billing_portal/sessions", create);
}

}  // namespace billhook::sandbox
