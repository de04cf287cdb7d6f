#include "cli/configuration.h"

#include "base/check.h"
#include "cli/setting_value.h"

namespace billhook::cli {
namespace {

// The tail tells two keys apart; a short secret shows nothing.
std::string masked(std::string const& secret) {
    if (secret.empty()) return {};
    return secret.size() < 16 ? "********" : "********" + secret.substr(secret.size() - 4);
}

// postgres://user:password@host/name without the password.
std::string without_password(std::string address) {
    auto const start = address.find("://");
    auto const at = address.rfind('@');
    if (start == std::string::npos || at == std::string::npos) return address;
    auto const colon = address.find(':', start + 3);
    if (colon == std::string::npos || colon > at) return address;
    return address.replace(colon + 1, at - colon - 1, "********");
}

}  // namespace

std::string Configuration::shown(std::string_view name) const {
    auto const* setting = find_setting(name);
    CHECK(setting);
    if (setting->shape == SettingShape::database) return without_password(database);
    if (!setting->is_secret) return value_text(*setting, *this);
    if (auto const* list = std::get_if<std::vector<std::string> Configuration::*>(&setting->target)) {
        std::string out;
        for (auto const& secret : this->**list) out += (out.empty() ? "" : ",") + masked(secret);
        return out;
    }
    return masked(value_text(*setting, *this));
}

bool Configuration::is_default(std::string_view name) const {
    auto const found = origins.find(name);
    return found == origins.end() || found->second.source == SettingSource::standard;
}

std::string Configuration::database_address() const {
    return database.empty() ? data + "/billhook.db" : database;
}

bool Configuration::speaks_plainly_off_loopback() const {
    bool const is_loopback =
        listen.starts_with("127.") || listen.starts_with("localhost:") || listen.starts_with("[::1]:");
    return !is_loopback && tls_certificate.empty() && !allow_plain_http;
}

}  // namespace billhook::cli
