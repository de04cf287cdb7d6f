#include "domain/access/api_key.h"

#include <algorithm>
#include <array>
#include <utility>

namespace billhook::access {
namespace {

constexpr std::array<std::pair<Scope, char const*>, 6> scope_words = {{
    {Scope::customer_read, "customer_read"},
    {Scope::customer_write, "customer_write"},
    {Scope::entitlement_check, "entitlement_check"},
    {Scope::usage_write, "usage_write"},
    {Scope::operator_read, "operator_read"},
    {Scope::operator_write, "operator_write"},
}};

}  // namespace

char const* to_string(Scope scope) {
    for (auto const& [value, word] : scope_words)
        if (value == scope) return word;
    return "";
}

std::optional<Scope> parse_scope(std::string_view word) {
    for (auto const& [value, text] : scope_words)
        if (word == text) return value;
    return std::nullopt;
}

std::string secret_hash_of(std::string_view key_text) {
    return to_hex(secret_digest_of(key_text));
}

Sha256 secret_digest_of(std::string_view key_text) {
    return sha256(key_text);
}

std::optional<Sha256> to_digest(std::string_view secret_hash) {
    auto const bytes = from_hex(secret_hash);
    Sha256 digest;
    if (!bytes || bytes->size() != digest.size()) return std::nullopt;
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

std::string key_id_of(std::string_view secret_hash) {
    return "key_" + std::string(secret_hash.substr(0, 20));
}

Scopes application_scopes() {
    return {Scope::customer_read, Scope::customer_write, Scope::entitlement_check, Scope::usage_write};
}

Scopes operator_scopes() {
    auto scopes = application_scopes();
    scopes.insert({Scope::operator_read, Scope::operator_write});
    return scopes;
}

Result<Scopes> parse_scopes(std::string_view text) {
    Scopes scopes;
    while (!text.empty()) {
        auto const comma = text.find(',');
        std::string_view const word = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
        if (word == "application") {
            scopes.insert(application_scopes());
        } else if (word == "operator") {
            scopes.insert(operator_scopes());
        } else if (auto const scope = parse_scope(word)) {
            scopes.insert(*scope);
        } else {
            std::string known = "application, operator";
            for (auto const& [value, name] : scope_words) known += std::string(", ") + name;
            return fail(invalid("scopes", "unknown scope '" + std::string(word) + "'; expected one of " + known));
        }
    }
    return scopes;
}

std::vector<Scope> to_list(Scopes scopes) {
    std::vector<Scope> held;
    for (auto const& [scope, word] : scope_words)
        if (scopes.contains(scope)) held.push_back(scope);
    return held;
}

std::string to_text(Scopes scopes) {
    std::string text;
    for (auto scope : to_list(scopes)) text += (text.empty() ? "" : ",") + std::string(to_string(scope));
    return text;
}

}  // namespace billhook::access
