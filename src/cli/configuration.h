#pragma once
// Configuration: every setting's value and where it came from. Flag > BILLHOOK_* environment and its aliases >
// billhook.yaml > default. setting_table.cc declares the settings; nothing else knows their names.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/timestamp.h"

namespace billhook::cli {

/// Whose tokens are accepted, and which claim names the customer.
struct JwtIssuer {
    std::string issuer;    // the claim `iss`
    std::string audience;  // the claim `aud`
    std::string customer_claim = "customer_id";
    std::string role_claim = "role";  // owner, admin or member; a token without it is a member's
    std::string jwks_url;             // exactly one of the three
    std::string jwks_file;
    std::string jwks;  // the key set itself, as JSON text
    auto operator<=>(JwtIssuer const&) const = default;
};

enum class SettingSource { standard, file, environment, flag };

struct Origin {
    SettingSource source = SettingSource::standard;
    std::string place;  // "billhook.yaml:3", "STRIPE_SECRET_KEY", "--listen"; empty for a default
    auto operator<=>(Origin const&) const = default;
};

struct Configuration {
    // server
    std::string listen;
    std::string public_url;  // how the outside reaches this server; empty: http://<listen>
    std::string data;
    std::string database;  // empty: <data>/billhook.db
    std::string log_level;
    std::int64_t threads = 0;  // event loops; 0: one per core
    Duration shutdown_grace;
    std::string tls_certificate;
    std::string tls_key;
    bool allow_plain_http = false;
    std::vector<std::string> trusted_proxies;

    // sandbox
    bool dev = false;
    std::string stripe;  // "account" or "sandbox"
    std::string sandbox_listen;
    std::string sandbox_data;  // empty: in memory
    std::int64_t sandbox_seed = 0;
    std::string dev_clock;  // RFC 3339; empty: the present time

    // catalog
    std::string catalog;  // empty: with `dev` the built-in sample, else catalog.yaml

    // stripe
    std::string stripe_api_key;
    std::string stripe_api_base;
    std::vector<std::string> stripe_webhook_secrets;
    std::string stripe_publishable_key;
    std::string stripe_meter_id;
    Duration webhook_tolerance;
    Duration stripe_timeout = Duration::seconds(30);

    // access
    std::vector<std::string> allowed_origins;
    std::vector<JwtIssuer> jwt_issuers;
    bool customers_by_token = false;

    // usage and alerts
    std::string alert_email;
    std::int64_t usage_warning_percent = 0;
    std::int64_t usage_hard_limit_percent = 0;

    // limits
    std::int64_t request_body_bytes_max = 0;
    Duration request_timeout;
    std::int64_t connections_max = 0;
    std::int64_t connections_per_address_max = 0;
    std::int64_t key_failures_per_minute = 0;
    std::int64_t anonymous_requests_per_minute = 0;
    std::int64_t inbox_retries_max = 0;
    std::int64_t outbox_retries_max = 0;
    Duration retention;
    Duration idempotency_retention = Duration::hours(24);

    std::map<std::string, Origin, std::less<>> origins;  // by setting name; every setting

    /// What the flag, variable or file key of that name gave, as text: secrets masked.
    std::string shown(std::string_view setting) const;
    bool is_default(std::string_view setting) const;
    /// `database`, or the SQLite file in `data`.
    std::string database_address() const;
    /// Plain HTTP within reach of others, without leave: only named proxies may bring credentials.
    bool speaks_plainly_off_loopback() const;
    /// The sandbox runs beside the server.
    bool has_embedded_sandbox() const { return dev || stripe == "sandbox"; }
};

}  // namespace billhook::cli
