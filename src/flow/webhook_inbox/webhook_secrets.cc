#include "flow/webhook_inbox/webhook_secrets.h"

#include "base/json.h"
#include "store/setting_store.h"

namespace billhook::flow {
namespace {

constexpr std::string_view setting_name = "stripe.webhook_secrets";
constexpr Duration reload_pause = Duration::seconds(5);

}  // namespace

Result<std::vector<StoredSecret>> load_secrets(store::Reader& reader) {
    auto const text = TRY(store::find_setting(reader, setting_name));
    std::vector<StoredSecret> secrets;
    if (!text) return secrets;
    auto const tree = TRY(parse_json(*text));
    if (auto const* elements = tree.if_array())
        for (auto const& element : *elements) {
            StoredSecret secret{string_or(element, "endpoint"), string_or(element, "secret"), std::nullopt};
            if (auto const until = find_int(element, "valid_until")) secret.valid_until = Timestamp{*until};
            secrets.push_back(std::move(secret));
        }
    return secrets;
}

Status save_secrets(store::Writer& writer, std::vector<StoredSecret> const& secrets, Timestamp now) {
    JsonArray elements;
    for (auto const& secret : secrets) {
        JsonObject element{{"endpoint", secret.endpoint_id}, {"secret", secret.secret}};
        if (secret.valid_until) element["valid_until"] = secret.valid_until->ms;
        elements.emplace_back(std::move(element));
    }
    return store::save_setting(writer, setting_name, to_text(Json(std::move(elements))), now);
}

std::vector<std::string> WebhookSecrets::current(Timestamp now) const {
    auto secrets = configured_;
    for (auto const& stored : *stored_.load())
        if (!stored.has_ended(now)) secrets.push_back(stored.secret);
    return secrets;
}

Status WebhookSecrets::reload(store::Store& store, Timestamp now) {
    auto loaded = TRY(store.read_value(store::Scope::system(), load_secrets));
    stored_.store(std::make_shared<std::vector<StoredSecret> const>(std::move(loaded)));
    loaded_at_ms_.store(now.ms);
    return {};
}

Status WebhookSecrets::reload_if_old(store::Store& store, Timestamp now) {
    auto const loaded_at_ms = loaded_at_ms_.load();
    if (loaded_at_ms != INT64_MIN && now - Timestamp{loaded_at_ms} < reload_pause) return {};
    return reload(store, now);
}

}  // namespace billhook::flow
