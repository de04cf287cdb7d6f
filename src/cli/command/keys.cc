// `keys create|list|revoke`: API keys. The secret is printed once, when it is made; only its hash is kept.

#include "base/json.h"
#include "cli/command/commands.h"
#include "cli/connection.h"
#include "cli/setting_value.h"
#include "cli/table.h"
#include "flow/access/api_key.h"

namespace billhook::cli {
namespace {

constexpr int listed_max = 1000;

JsonObject to_json(access::ApiKey const& key, Timestamp now) {
    JsonObject object{{"id", key.id},
                      {"name", key.name},
                      {"scopes", access::to_text(key.scopes)},
                      {"is_valid", key.is_valid(now)},
                      {"created_at", to_rfc3339(key.created_at)}};
    if (!key.customer.empty()) object["customer"] = key.customer.str();
    if (key.expires_at) object["expires_at"] = to_rfc3339(*key.expires_at);
    if (key.revoked_at) object["revoked_at"] = to_rfc3339(*key.revoked_at);
    if (key.last_used_at) object["last_used_at"] = to_rfc3339(*key.last_used_at);
    return object;
}

std::string state_of(access::ApiKey const& key, Timestamp now) {
    if (key.revoked_at) return "revoked";
    return key.is_valid(now) ? "valid" : "expired";
}

Result<flow::NewKey> read_wish(CommandCall const& call, Timestamp now) {
    flow::NewKey wish{.name = call.option("name"), .customer = CustomerId(call.option("customer"))};
    if (wish.name.empty()) return fail(invalid("--name", "say what the key is for, for example --name storefront"));
    wish.scopes = TRY(access::parse_scopes(call.option("scopes", "application")));
    if (!call.has("expires")) return wish;
    auto const text = call.option("expires");
    if (auto const duration = parse_duration(text); duration && duration->ms > 0) {
        wish.expires_at = now + *duration;
    } else {
        auto const time = parse_rfc3339(text);
        if (!time || *time <= now)
            return fail(
                invalid("--expires", "found '" + text + "', expected a duration such as 90d, or a date to come"));
        wish.expires_at = *time;
    }
    return wish;
}

}  // namespace

ExitCode run_keys_create(CommandCall const& call) {
    auto const now = SystemClock().now();
    auto const wish = read_wish(call, now);
    if (!wish) return report_usage(call, wish.error());
    auto const store = open_database(call.configuration);
    if (!store) return report(call, store.error());
    SystemRandom random;
    auto const made = flow::create_api_key(**store, random, *wish, now);
    if (!made) return report(call, made.error());
    if (call.wants_json) {
        auto object = to_json(made->key, now);
        object["key"] = made->text;
        call.out << to_text(object) << "\n";
        return ExitCode::ok;
    }
    // The key alone on standard output, so that a script can take it; the rest is for the person who watches.
    call.error << "key " << made->key.id << " (" << access::to_text(made->key.scopes) << "); it is shown this once:\n";
    call.out << made->text << "\n";
    return ExitCode::ok;
}

ExitCode run_keys_list(CommandCall const& call) {
    auto const store = open_database(call.configuration);
    if (!store) return report(call, store.error());
    auto const keys = flow::list_api_keys(**store, listed_max);
    if (!keys) return report(call, keys.error());
    auto const now = SystemClock().now();
    if (call.wants_json) {
        JsonArray data;
        for (auto const& key : *keys) data.push_back(to_json(key, now));
        call.out << to_text(JsonObject{{"data", std::move(data)}}) << "\n";
        return ExitCode::ok;
    }
    Table table({"ID", "NAME", "STATE", "CREATED", "LAST USED", "SCOPES"});
    for (auto const& key : *keys)
        table.add({key.id, key.name, state_of(key, now), to_rfc3339(key.created_at),
                   key.last_used_at ? to_rfc3339(*key.last_used_at) : "never", access::to_text(key.scopes)});
    table.print(call.out, "no keys; `billhook keys create --name NAME` makes one");
    return ExitCode::ok;
}

ExitCode run_keys_revoke(CommandCall const& call) {
    auto const store = open_database(call.configuration);
    if (!store) return report(call, store.error());
    auto const now = SystemClock().now();
    auto const revoked = flow::revoke_api_key(**store, call.arguments.front(), now);
    if (!revoked) return report(call, revoked.error());
    if (call.wants_json)
        call.out << to_text(to_json(*revoked, now)) << "\n";
    else
        call.out << "key " << revoked->id << " is revoked; running servers refuse it within seconds\n";
    return ExitCode::ok;
}

}  // namespace billhook::cli
