#include "sandbox/control/control_api.h"

#include "sandbox/control/settings_json.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view kept_type = "internal.control";
constexpr std::string_view kept_settings = "settings", kept_faults = "faults";

void keep(World& world, std::string_view id, JsonObject said) {
    if (!world.store.find(kept_type, id)) world.store.insert(kept_type, {{"id", id}});
    world.store.edit(kept_type, id)["said"] = std::move(said);
}

Json const* find_kept(World& world, std::string_view id) {
    auto const* kept = world.store.find(kept_type, id);
    return kept ? find(*kept, "said") : nullptr;
}

net::HttpResponse json_response(JsonObject const& body, int status = 200) {
    net::HttpResponse response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.body = to_text(body);
    return response;
}

net::HttpResponse refused(Error const& error) {
    return json_response({{"error", {{"field", error.field}, {"message", error.detail}}}}, 400);
}

RetryPolicy policy_of(Settings const& settings) {
    return {settings.webhook_retry_ms, settings.webhook_retry_factor, settings.webhook_retries_max};
}

net::HttpResponse show_status(World& world, ControlPorts const& ports) {
    JsonArray unanswered;
    for (auto const& operation : world.registry.unanswered()) unanswered.emplace_back(operation);
    return json_response({{"api_version", world.surface.version()},
                          {"now", world.now(root_clock)},
                          {"is_advancing", world.root_target.has_value()},
                          {"webhooks_waiting", ports.delivery.waiting()},
                          {"events_kept", world.events.all().size()},
                          {"unanswered_operations", std::move(unanswered)}});
}

net::HttpResponse set_settings(World& world, ControlPorts const& ports, net::HttpRequest const& request) {
    auto const body = parse_json(request.body);
    if (!body) return refused(body.error());
    if (auto done = change_settings(world.settings, *body); !done) return refused(done.error());
    ports.delivery.set_policy(policy_of(world.settings));
    keep(world, kept_settings, settings_view(world.settings));
    return json_response(settings_view(world.settings));
}

JsonObject all_faults(ControlPorts const& ports) {
    return {{"webhooks", faults_view(ports.delivery.faults(), ports.delivery.fault_counts())},
            {"requests", ports.requests.view()}};
}

/// Either all of it is taken, or nothing.
Status change_faults(ControlPorts const& ports, Json const& given) {
    if (!given.is_object()) return fail(invalid("", "expected an object with webhooks, requests, seed"));
    for (auto const& [key, value] : given.get_object())
        if (key != "webhooks" && key != "requests" && key != "seed")
            return fail(invalid(std::string(key), "expected webhooks, requests or seed"));
    auto const* webhooks = find(given, "webhooks");
    auto const* requests = find(given, "requests");
    auto const* seed = find(given, "seed");
    if (seed && !seed->is_int64()) return fail(invalid("seed", "expected a whole number"));
    auto const delivery = webhooks ? TRY(read_delivery_faults(*webhooks)) : ports.delivery.faults();
    if (requests) ports.requests.set(TRY(read_fault_rules(*requests)));
    ports.delivery.set_faults(delivery);
    if (!seed) return {};
    ports.requests.reseed(static_cast<std::uint64_t>(seed->get_int64()));
    ports.delivery.reseed(static_cast<std::uint64_t>(seed->get_int64()));
    return {};
}

net::HttpResponse set_faults(World& world, ControlPorts const& ports, net::HttpRequest const& request) {
    auto const body = parse_json(request.body);
    if (!body) return refused(body.error());
    if (auto done = change_faults(ports, *body); !done) return refused(done.error());
    keep_faults(world, ports);
    return json_response(all_faults(ports));
}

net::HttpResponse resend_event(Call& call, ControlPorts const& ports) {
    auto const* event = call.world().events.find(call.path_id());
    if (!event) return refused(invalid("id", "there is no such event"));
    ports.resend(*event, "");
    return json_response({{"id", event->id}, {"webhooks_waiting", ports.delivery.waiting()}});
}

// Stripe's CLI: `stripe events resend`. It asks for itself unless an endpoint is named; the sandbox holds no
// connections of `stripe listen`, so then every endpoint gets the event that wants it.
Answer<Json> retry_event(Call& call, ControlPorts const& ports) {
    auto const* event = call.world().events.find(call.path_id());
    if (!event) return refuse(no_such("event", call.path_id()));
    auto const endpoint = call.text("webhook_endpoint");
    if (!endpoint.empty()) TRY(call.need("webhook_endpoint", endpoint, "webhook_endpoint"));
    ports.resend(*event, endpoint);
    return EventLog::view(*event);
}

// The dashboard's "roll secret": the new one signs at once, the old one as well for as long as is asked.
net::HttpResponse roll_secret(Call& call, net::HttpRequest const& request) {
    auto const body = parse_json(request.body.empty() ? "{}" : request.body);
    if (!body) return refused(body.error());
    auto const overlap = int_or(*body, "expires_in_seconds", 0);
    if (overlap < 0 || overlap > 86'400) return refused(invalid("expires_in_seconds", "expected 0 to 86400"));
    if (!call.find("webhook_endpoint", call.path_id())) return refused(invalid("id", "there is no such endpoint"));
    auto& endpoint = call.edit("webhook_endpoint", call.path_id());
    endpoint["sandbox_old_secret"] = endpoint["secret"];
    endpoint["sandbox_old_secret_until"] = call.now() + overlap;
    endpoint["secret"] = call.new_id("whsec_");
    return json_response({{"id", call.path_id()}, {"secret", endpoint["secret"]}});
}

}  // namespace

void add_control_api(World& world, ControlPorts ports) {
    ports.delivery.set_policy(policy_of(world.settings));
    auto& registry = world.registry;
    registry.on_page("GET /_sandbox",
                     [&world, ports](Call&, net::HttpRequest const&) { return show_status(world, ports); });
    registry.on_page("GET /_sandbox/settings",
                     [&world](Call&, net::HttpRequest const&) { return json_response(settings_view(world.settings)); });
    registry.on_page("POST /_sandbox/settings", [&world, ports](Call&, net::HttpRequest const& request) {
        return set_settings(world, ports, request);
    });
    registry.on_page("GET /_sandbox/faults",
                     [ports](Call&, net::HttpRequest const&) { return json_response(all_faults(ports)); });
    registry.on_page("POST /_sandbox/faults", [&world, ports](Call&, net::HttpRequest const& request) {
        return set_faults(world, ports, request);
    });
    registry.on_page("DELETE /_sandbox/faults", [&world, ports](Call&, net::HttpRequest const&) {
        ports.requests.set({});
        ports.delivery.set_faults({});
        keep_faults(world, ports);
        return json_response(all_faults(ports));
    });
    registry.on_page("POST /_sandbox/webhook_endpoints/{id}/roll_secret", roll_secret);
    registry.on_page("POST /_sandbox/events/{id}/resend",
                     [ports](Call& call, net::HttpRequest const&) { return resend_event(call, ports); });
    registry.on("POST /v1/events/{id}/retry", [ports](Call& call) { return retry_event(call, ports); });
}

void keep_faults(World& world, ControlPorts const& ports) {
    keep(world, kept_faults, all_faults(ports));
}

Status restore_control(World& world, ControlPorts const& ports) {
    if (auto const* settings = find_kept(world, kept_settings)) {
        TRY_VOID(change_settings(world.settings, *settings));
        ports.delivery.set_policy(policy_of(world.settings));
    }
    if (auto const* faults = find_kept(world, kept_faults)) TRY_VOID(change_faults(ports, *faults));
    return {};
}

}  // namespace billhook::sandbox
