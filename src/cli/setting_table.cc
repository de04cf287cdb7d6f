#include "cli/setting_table.h"

#include <algorithm>

namespace billhook::cli {
namespace {

using C = Configuration;
using enum SettingShape;

constexpr std::int64_t second = 1000;
constexpr std::int64_t day = 86'400 * second;

// clang-format off
std::vector<Setting> const settings = {
    {"Server", "listen", &C::listen, "127.0.0.1:8080", "address that the API listens on", address},
    {"Server", "public_url", &C::public_url, "", "how Stripe and browsers reach this server; default http://<listen>", url},
    {"Server", "data", &C::data, "billhook-data", "directory of everything this server keeps in files", path},
    {"Server", "database", &C::database, "", "postgres://… or the path of a SQLite file; default billhook.db in the data directory", database, true},
    {"Server", "log_level", &C::log_level, "info", "the least important lines that are logged", any, false, {}, {"debug", "info", "warn", "error"}},
    {"Server", "threads", &C::threads, "0", "event loops; 0: one for each core", any, false, {}, {}, 0, 256},
    {"Server", "shutdown_grace", &C::shutdown_grace, "15s", "how long running requests may take after the signal to stop", any, false, {}, {}, 0, 3600 * second},
    {"Server", "tls_certificate", &C::tls_certificate, "", "PEM file with the certificate chain; with tls_key the API speaks HTTPS", path},
    {"Server", "tls_key", &C::tls_key, "", "PEM file with the certificate's private key", path},
    {"Server", "allow_plain_http", &C::allow_plain_http, "false", "listen without TLS on an address that is not loopback"},
    {"Server", "trusted_proxies", &C::trusted_proxies, "", "addresses or networks whose X-Forwarded-* headers are believed"},

    {"Sandbox", "dev", &C::dev, "false", "everything for a first try: sandbox, sample catalog, webhook endpoint and a key"},
    {"Sandbox", "stripe", &C::stripe, "account", "talk to Stripe with stripe_api_key, or to a sandbox beside the server", any, false, {}, {"account", "sandbox"}},
    {"Sandbox", "sandbox_listen", &C::sandbox_listen, "127.0.0.1:12111", "address of the Stripe sandbox", address},
    {"Sandbox", "sandbox_data", &C::sandbox_data, "", "SQLite file of the sandbox; default: in the data directory with serve, in memory with sandbox", path},
    {"Sandbox", "sandbox_seed", &C::sandbox_seed, "0", "the same seed gives the same ids; 0: a new one each start"},

    {"Sandbox", "dev_clock", &C::dev_clock, "", "with --dev: the time at which server and sandbox start, as 2025-01-31T00:00:00Z"},

    {"Catalog", "catalog", &C::catalog, "", "the catalog file; default catalog.yaml, with --dev the built-in sample", path},

    {"Stripe", "stripe_api_key", &C::stripe_api_key, "", "secret or restricted key: sk_…, rk_…", any, true, {"STRIPE_SECRET_KEY"}},
    {"Stripe", "stripe_api_base", &C::stripe_api_base, "https://api.stripe.com", "where Stripe's API is", url},
    {"Stripe", "stripe_webhook_secrets", &C::stripe_webhook_secrets, "", "signing secrets of webhook endpoints, whsec_…; any of them may have signed", any, true, {"STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET_LIVE"}},
    {"Stripe", "stripe_publishable_key", &C::stripe_publishable_key, "", "accepted for the sources' sake and not used", any, false, {"STRIPE_PUBLISHABLE_KEY"}},
    {"Stripe", "stripe_meter_id", &C::stripe_meter_id, "", "Stripe's meter for usage", any, false, {"STRIPE_METER_ID_LIVE"}},
    {"Stripe", "stripe_timeout", &C::stripe_timeout, "30s", "how long one request to Stripe may take; with its retries at most twice as long", any, false, {}, {}, second, 120 * second},
    {"Stripe", "webhook_tolerance", &C::webhook_tolerance, "5m", "how old a webhook's signature may be", any, false, {}, {}, second, day},

    {"Access", "allowed_origins", &C::allowed_origins, "", "origins that success, cancel and return addresses may have", origin},
    {"Access", "jwt_issuers", &C::jwt_issuers, "", "whose tokens are accepted: issuer, audience, customer_claim, role_claim, and jwks_url, jwks_file or jwks"},
    {"Access", "customers_by_token", &C::customers_by_token, "false", "a customer's first valid token enters it; otherwise PUT /api/v1/customers/{id} does"},

    {"Usage", "alert_email", &C::alert_email, "", "the operator's address for alerts", any, false, {"ALERT_EMAIL"}},
    {"Usage", "usage_warning_percent", &C::usage_warning_percent, "80", "usage of a quota that warns; 80, 80% or 0.8", percent, false, {"USAGE_CAP_WARNING_THRESHOLD"}, {}, 1, 100},
    {"Usage", "usage_hard_limit_percent", &C::usage_hard_limit_percent, "100", "usage of a quota that blocks; 100, 100% or 1.0", percent, false, {"USAGE_CAP_HARD_LIMIT"}, {}, 1, 1000},

    {"Limits", "request_body_bytes_max", &C::request_body_bytes_max, "1048576", "longest request body; nothing that is asked here, and no event of Stripe's, is longer than a MiB", any, false, {}, {}, 1024, 1 << 20},
    {"Limits", "request_timeout", &C::request_timeout, "30s", "how long a request may take to arrive", any, false, {}, {}, second, 600 * second},
    {"Limits", "connections_max", &C::connections_max, "10000", "connections open at a time; no more than the descriptors that the system allows, less 256", any, false, {}, {}, 1, 1'000'000},
    {"Limits", "connections_per_address_max", &C::connections_per_address_max, "500", "of them from one address (IPv6: one /64); loopback and trusted_proxies are not counted; 0: no limit", any, false, {}, {}, 0, 1'000'000},
    {"Limits", "key_failures_per_minute", &C::key_failures_per_minute, "30", "credentials that are not valid, from one address, before it has to wait", any, false, {}, {}, 1, 1'000'000},
    {"Limits", "anonymous_requests_per_minute", &C::anonymous_requests_per_minute, "600", "requests without a valid credential to doors that need none, as pricing, from one address (IPv6: one /64), before it has to wait; webhooks, /livez, /readyz and /metrics are not counted", any, false, {}, {}, 1, 1'000'000},
    {"Limits", "inbox_retries_max", &C::inbox_retries_max, "12", "failed attempts at a webhook event before it is a dead letter", any, false, {}, {}, 0, 100},
    {"Limits", "outbox_retries_max", &C::outbox_retries_max, "12", "failed attempts at an outgoing message before it is a dead letter", any, false, {}, {}, 0, 100},
    {"Limits", "retention", &C::retention, "90d", "how long finished events and messages are kept", any, false, {}, {}, day, 3650 * day},
    {"Limits", "idempotency_retention", &C::idempotency_retention, "24h", "how long an Idempotency-Key is remembered", any, false, {}, {}, 3600 * second, 30 * day},
};
// clang-format on

}  // namespace

std::span<Setting const> setting_table() {
    return settings;
}

Setting const* find_setting(std::string_view name) {
    auto const found = std::ranges::find(settings, name, &Setting::name);
    return found == settings.end() ? nullptr : &*found;
}

std::string flag_of(std::string_view setting) {
    std::string flag = "--" + std::string(setting);
    std::ranges::replace(flag, '_', '-');
    return flag;
}

std::string environment_of(std::string_view setting) {
    std::string name = "BILLHOOK_";
    for (char const c : setting) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

std::string_view placeholder_of(Setting const& setting) {
    if (std::holds_alternative<bool Configuration::*>(setting.target)) return "";
    if (std::holds_alternative<Duration Configuration::*>(setting.target)) return "DURATION";
    switch (setting.shape) {
        case address:
            return "HOST:PORT";
        case url:
            return "URL";
        case origin:
            return "ORIGIN,...";
        case path:
            return "PATH";
        case percent:
            return "PERCENT";
        case database:
            return "ADDRESS";
        case any:
            break;
    }
    if (std::holds_alternative<std::int64_t Configuration::*>(setting.target)) return "NUMBER";
    if (std::holds_alternative<std::vector<JwtIssuer> Configuration::*>(setting.target)) return "YAML";
    if (std::holds_alternative<std::vector<std::string> Configuration::*>(setting.target)) return "TEXT,...";
    return setting.choices.empty() ? "TEXT" : "WORD";
}

}  // namespace billhook::cli
