#include "flow/command/register_webhook.h"

#include <algorithm>
#include <optional>

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/webhook_inbox/webhook_secrets.h"
#include "gateway/stripe/event_calls.h"
#include "store/setting_store.h"

namespace billhook::flow {
namespace {

using stripe::IdempotencyKey;
using stripe::WebhookEndpoint;

// The id of an endpoint that is being made: it gives the call its idempotency key, so that a crash makes no second one.
constexpr std::string_view wish_setting = "stripe.webhook_wish";
constexpr Duration overlap = Duration::hours(24);

// Stripe sends thin events through event destinations of its second API, not through these endpoints.
std::vector<std::string> wanted_types(EndpointContext const& context) {
    auto types = context.event_types;
    std::erase_if(types, [](std::string const& type) { return type.starts_with("v1.") || type.starts_with("v2."); });
    std::ranges::sort(types);
    return types;
}

std::vector<std::string> sorted(std::vector<std::string> words) {
    std::ranges::sort(words);
    return words;
}

std::vector<std::string> difference(std::vector<std::string> const& a, std::vector<std::string> const& b) {
    std::vector<std::string> only_a;
    std::ranges::set_difference(a, b, std::back_inserter(only_a));
    return only_a;
}

WebhookEndpoint const* find_endpoint(std::vector<WebhookEndpoint> const& endpoints, std::string_view id) {
    auto const found = std::ranges::find(endpoints, id, &WebhookEndpoint::id);
    return found == endpoints.end() ? nullptr : &*found;
}

StoredSecret const* present_secret(std::vector<StoredSecret> const& secrets) {
    auto const found =
        std::ranges::find_if(secrets, [](StoredSecret const& secret) { return !secret.valid_until.has_value(); });
    return found == secrets.end() ? nullptr : &*found;
}

Result<std::vector<StoredSecret>> stored_secrets(EndpointContext const& context) {
    return context.store.read_value(store::Scope::system(), load_secrets);
}

Result<std::string> begin_wish(EndpointContext const& context) {
    auto const fresh = "whk_" + context.random.alphanumeric(24);
    return context.store.write_value(store::Scope::system(), [&](store::Writer& writer) -> Result<std::string> {
        if (auto const pending = TRY(store::find_setting(writer, wish_setting))) return *pending;
        TRY_VOID(store::save_setting(writer, wish_setting, fresh, context.clock.now()));
        return fresh;
    });
}

Status drop_wish(EndpointContext const& context) {
    return context.store.write(store::Scope::system(),
                               [](store::Writer& writer) { return store::remove_setting(writer, wish_setting); });
}

Result<WebhookEndpoint> create_under_wish(EndpointContext const& context, std::string const& url,
                                          std::string const& wish) {
    stripe::NewWebhookEndpoint endpoint{.url = url,
                                        .enabled_events = wanted_types(context),
                                        .description = "Billhook",
                                        .metadata = {{std::string(stripe::metadata_key::endpoint), wish}}};
    crash_point("endpoint.wish_kept");
    return stripe::create_webhook_endpoint(context.stripe, endpoint, IdempotencyKey::of(wish, "create"));
}

// A wish left by a crash may have been for another address or other types: Stripe then refuses its key, and it is
// dropped; so is one for which Stripe keeps a failure. What it may have made is removed as a stray.
Result<WebhookEndpoint> create_endpoint(EndpointContext const& context, std::string const& url) {
    auto created = create_under_wish(context, url, TRY(begin_wish(context)));
    bool const is_spent =
        !created && (created.error().reason == "idempotency_error" || created.error().extra.contains("kept_failure"));
    if (is_spent) {
        crash_point("endpoint.wish_refused");
        TRY_VOID(drop_wish(context));
        crash_point("endpoint.wish_dropped");
        created = create_under_wish(context, url, TRY(begin_wish(context)));
    }
    return created;
}

Status keep_secret(EndpointContext const& context, WebhookEndpoint const& created, OldSecret old) {
    if (created.secret.empty())
        return fail(unavailable("webhook_secret_missing",
                                "Stripe made the endpoint " + created.id + " but told no signing secret."));
    auto const now = context.clock.now();
    crash_point("endpoint.created");
    TRY_VOID(context.store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        auto secrets = TRY(load_secrets(writer));
        for (auto& secret : secrets) {
            // One that was on its way out already, or shall not stay, ends now.
            bool const ends_now = secret.valid_until.has_value() || old == OldSecret::goes_at_once;
            secret.valid_until = ends_now ? now : now + overlap;
        }
        std::erase_if(secrets, [&](StoredSecret const& secret) { return secret.endpoint_id == created.id; });
        secrets.insert(secrets.begin(), {created.id, created.secret, std::nullopt});
        TRY_VOID(save_secrets(writer, secrets, now));
        return store::remove_setting(writer, wish_setting);
    }));
    crash_point("endpoint.secret_kept");
    return {};
}

// Endpoints of our making at this address whose secret nobody kept: their deliveries could only be refused.
Status remove_strays(EndpointContext const& context, std::string const& url,
                     std::vector<WebhookEndpoint> const& endpoints) {
    auto const secrets = TRY(stored_secrets(context));
    auto const wish = TRY(context.store.read_value(
        store::Scope::system(), [](store::Reader& reader) { return store::find_setting(reader, wish_setting); }));
    for (auto const& endpoint : endpoints) {
        auto const mark = stripe::metadata_or_empty(endpoint.metadata, stripe::metadata_key::endpoint);
        if (endpoint.url != url || mark.empty() || mark == wish) continue;
        if (std::ranges::find(secrets, endpoint.id, &StoredSecret::endpoint_id) != secrets.end()) continue;
        crash_point("endpoint.stray_found");
        TRY_VOID(stripe::delete_webhook_endpoint(context.stripe, endpoint.id));
        crash_point("endpoint.stray_deleted");
        log(LogLevel::info, "a webhook endpoint of ours without a known secret was deleted",
            {{"endpoint", endpoint.id}});
    }
    return {};
}

bool is_as_wanted(EndpointContext const& context, WebhookEndpoint const& endpoint, std::string const& url) {
    return endpoint.url == url && endpoint.status == "enabled" &&
           sorted(endpoint.enabled_events) == wanted_types(context);
}

}  // namespace

char const* to_string(EndpointChange change) {
    switch (change) {
        case EndpointChange::created:
            return "created";
        case EndpointChange::updated:
            return "updated";
        case EndpointChange::unchanged:
            return "unchanged";
    }
    return "unchanged";
}

Result<EndpointReport> register_webhook(EndpointContext const& context, std::string const& url) {
    auto const endpoints = TRY(stripe::list_webhook_endpoints(context.stripe));
    auto const secrets = TRY(stored_secrets(context));
    auto const* present = present_secret(secrets);
    auto const* endpoint = present ? find_endpoint(endpoints, present->endpoint_id) : nullptr;
    EndpointReport report;
    // An endpoint's version is fixed when it is made, and its secret is told only then.
    if (!endpoint || endpoint->api_version != stripe::api_version) {
        auto const created = TRY(create_endpoint(context, url));
        TRY_VOID(keep_secret(context, created, OldSecret::stays_a_day));
        report = {created.id, EndpointChange::created};
    } else if (!is_as_wanted(context, *endpoint, url)) {
        crash_point("endpoint.differs");
        TRY(stripe::update_webhook_endpoint(context.stripe, endpoint->id, url, wanted_types(context)));
        crash_point("endpoint.updated");
        report = {endpoint->id, EndpointChange::updated};
    } else {
        report = {endpoint->id, EndpointChange::unchanged};
    }
    TRY_VOID(remove_ended_endpoints(context));
    TRY_VOID(remove_strays(context, url, endpoints));
    return report;
}

Result<EndpointReport> rotate_webhook_secret(EndpointContext const& context, std::string const& url, OldSecret old) {
    auto const created = TRY(create_endpoint(context, url));
    TRY_VOID(keep_secret(context, created, old));
    TRY_VOID(remove_ended_endpoints(context));
    return EndpointReport{created.id, EndpointChange::created};
}

Status remove_ended_endpoints(EndpointContext const& context) {
    auto const now = context.clock.now();
    auto const secrets = TRY(stored_secrets(context));
    for (auto const& ended : secrets) {
        if (!ended.has_ended(now)) continue;
        crash_point("endpoint.has_ended");
        TRY_VOID(stripe::delete_webhook_endpoint(context.stripe, ended.endpoint_id));
        crash_point("endpoint.ended_deleted");
        TRY_VOID(context.store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
            auto left = TRY(load_secrets(writer));
            std::erase(left, ended);
            return save_secrets(writer, left, now);
        }));
        crash_point("endpoint.ended_forgotten");
        log(LogLevel::info, "the rotation of a webhook secret is complete", {{"endpoint", ended.endpoint_id}});
    }
    return {};
}

Result<EndpointStatus> webhook_status(EndpointContext const& context, std::string const& url) {
    auto const endpoints = TRY(stripe::list_webhook_endpoints(context.stripe));
    auto const secrets = TRY(stored_secrets(context));
    EndpointStatus status;
    auto const now = context.clock.now();
    status.secrets =
        static_cast<int>(std::ranges::count_if(secrets, [&](auto const& secret) { return !secret.has_ended(now); }));
    if (auto const* present = present_secret(secrets)) status.endpoint_id = present->endpoint_id;
    for (auto const& endpoint : endpoints)
        if (endpoint.url == url && endpoint.id != status.endpoint_id) status.other_endpoints.push_back(endpoint.id);
    auto const* endpoint = find_endpoint(endpoints, status.endpoint_id);
    if (!endpoint) return status;
    auto const sent = sorted(endpoint->enabled_events);
    status.exists = true;
    status.is_enabled = endpoint->status == "enabled";
    status.url = endpoint->url;
    status.api_version = endpoint->api_version;
    status.has_our_version = endpoint->api_version == stripe::api_version;
    status.missing_types = difference(wanted_types(context), sent);
    status.surplus_types = difference(sent, wanted_types(context));
    return status;
}

}  // namespace billhook::flow
