#include "cli/load_configuration.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/nearest_name.h"
#include "cli/setting_value.h"

namespace billhook::cli {
namespace {

constexpr std::string_view file_standard = "billhook.yaml";

std::expected<std::string, std::string> read_text_file(std::string const& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    if (!stream || std::filesystem::is_directory(path) || !(text << stream.rdbuf()))
        return std::unexpected("cannot read the file '" + path + "'");
    return std::move(text).str();
}

// Names that a file, variable or flag may use: the settings, and ..._file for secrets.
struct NamedSetting {
    Setting const* setting = nullptr;
    bool is_file = false;
};
NamedSetting find_named(std::string_view name) {
    if (auto const* setting = find_setting(name)) return {setting, false};
    if (name.ends_with("_file")) {
        auto const* setting = find_setting(name.substr(0, name.size() - 5));
        if (setting && setting->is_secret) return {setting, true};
    }
    return {};
}

std::vector<std::string_view> setting_names() {
    std::vector<std::string_view> names;
    for (auto const& setting : setting_table()) names.push_back(setting.name);
    return names;
}

// Kubernetes announces a service called billhook by such variables; they are not meant for us. BILLHOOK_TEST_* belongs
// to our own tests.
bool is_foreign_variable(std::string_view name) {
    return name == "BILLHOOK_CONFIG" || name.starts_with("BILLHOOK_TEST_") || name.starts_with("BILLHOOK_SERVICE_") ||
           name == "BILLHOOK_PORT" || name.starts_with("BILLHOOK_PORT_");
}

class Loader {
  public:
    explicit Loader(ConfigurationSources const& sources) : sources_(sources) {}

    std::expected<Configuration, std::vector<std::string>> load() {
        for (auto const& setting : setting_table()) {
            if (auto const node = to_node(setting, setting.standard)) read_setting(setting, *node, out_);
            out_.origins[std::string(setting.name)] = {};
        }
        load_file();
        load_environment();
        load_flags();
        if (!problems_.empty()) return std::unexpected(std::move(problems_));
        return std::move(out_);
    }

  private:
    void problem(std::string const& place, std::string const& message) { problems_.push_back(place + ": " + message); }

    void set(Setting const& setting, YamlNode const& value, Origin origin, std::string const& place,
             bool has_positions) {
        for (auto const& p : read_setting(setting, value, out_)) {
            auto where = place;
            if (has_positions) where += ":" + std::to_string(p.position.line) + ":" + std::to_string(p.position.column);
            auto const name = origin.source == SettingSource::file ? ": " + std::string(setting.name) : std::string();
            problem(where + name, p.message);
        }
        out_.origins[std::string(setting.name)] = std::move(origin);
    }

    void set_text(NamedSetting named, std::string_view text, Origin origin, std::string const& place) {
        std::string content(text);
        if (named.is_file) {
            auto read = read_text_file(content);
            if (!read) return problem(place, read.error());
            content = std::move(*read);
            while (content.ends_with('\n') || content.ends_with('\r')) content.pop_back();
            std::ranges::replace(content, '\n', ',');
        }
        auto const node = to_node(*named.setting, content);
        if (!node) return problem(place, node.error().message);
        set(*named.setting, *node, std::move(origin), place, false);
    }

    void load_file() {
        auto path = sources_.file;
        if (path.empty())
            if (auto const found = sources_.environment.find("BILLHOOK_CONFIG"); found != sources_.environment.end())
                path = found->second;
        if (path.empty() && !std::filesystem::exists(file_standard)) return;
        if (path.empty()) path = file_standard;
        auto const text = read_text_file(path);
        if (!text) return problems_.push_back(text.error() + "; --config and BILLHOOK_CONFIG name it");
        auto const root = parse_yaml(*text);
        if (!root)
            return problem(path + ":" + std::to_string(root.error().position.line) + ":" +
                               std::to_string(root.error().position.column),
                           root.error().message);
        if (root->kind == YamlNode::Kind::null) return;
        if (root->kind != YamlNode::Kind::mapping)
            return problem(path + ":1:1", "found " + describe(*root) + ", expected settings as `name: value`");
        for (auto const& entry : root->entries) load_entry(path, *root, entry);
    }

    void load_entry(std::string const& path, YamlNode const& root, YamlNode::Entry const& entry) {
        auto const line = path + ":" + std::to_string(entry.position.line);
        auto const place = line + ":" + std::to_string(entry.position.column);
        auto const named = find_named(entry.key);
        if (!named.setting)
            return problem(place,
                           "unknown setting '" + entry.key + "'" + nearest_name_hint(entry.key, setting_names()));
        if (root.find(entry.key) != &entry.value) return problem(place, "'" + entry.key + "' is set twice");
        Origin origin{SettingSource::file, line};
        if (!named.is_file) return set(*named.setting, entry.value, std::move(origin), path, true);
        if (root.find(named.setting->name))
            return problem(place, "both '" + entry.key + "' and '" + std::string(named.setting->name) + "' are set");
        if (entry.value.kind != YamlNode::Kind::scalar) return problem(place, "expected the path of a file");
        // A path in the file is relative to the file, wherever the program is started.
        auto const secret_path = std::filesystem::path(path).parent_path() / entry.value.text;
        set_text(named, secret_path.string(), std::move(origin), place);
    }

    void load_environment() {
        for (auto const& setting : setting_table()) load_aliases(setting);
        for (auto const& [name, value] : sources_.environment) {
            if (!name.starts_with("BILLHOOK_") || is_foreign_variable(name) || value.empty()) continue;
            auto setting_name = name.substr(9);
            std::ranges::transform(setting_name, setting_name.begin(),
                                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
            auto const named = find_named(setting_name);
            if (named.setting && (environment_of(setting_name) == name)) {
                set_text(named, value, {SettingSource::environment, name}, name);
                continue;
            }
            auto const nearest = nearest_name(setting_name, setting_names());
            problem(name, "unknown setting" +
                              (nearest.empty() ? std::string() : "; did you mean " + environment_of(nearest) + "?"));
        }
    }

    // The aliases of a list are joined (a live and a test secret); of anything else the first that is set counts.
    void load_aliases(Setting const& setting) {
        bool const is_list = std::holds_alternative<std::vector<std::string> Configuration::*>(setting.target);
        std::string text, place;
        for (auto const alias : setting.aliases) {
            auto const found = sources_.environment.find(alias);
            if (found == sources_.environment.end() || found->second.empty()) continue;
            if (!text.empty() && !is_list) continue;
            text += (text.empty() ? "" : ",") + found->second;
            place += (place.empty() ? "" : ", ") + std::string(alias);
        }
        if (!text.empty()) set_text({&setting, false}, text, {SettingSource::environment, place}, place);
    }

    void load_flags() {
        for (auto const& [name, values] : sources_.flags) {
            auto const named = find_named(name);
            if (!named.setting) {
                problem(flag_of(name), "unknown setting" + nearest_name_hint(name, setting_names()));
                continue;
            }
            bool const is_list =
                std::holds_alternative<std::vector<std::string> Configuration::*>(named.setting->target);
            std::string text;
            for (auto const& value : values) text = is_list && !text.empty() ? text + "," + value : value;
            set_text(named, text, {SettingSource::flag, flag_of(name)}, flag_of(name));
        }
    }

    ConfigurationSources const& sources_;
    Configuration out_;
    std::vector<std::string> problems_;
};

}  // namespace

std::expected<Configuration, std::vector<std::string>> load_configuration(ConfigurationSources const& sources) {
    return Loader(sources).load();
}

std::vector<std::string> problems_with_serving(Configuration const& c) {
    std::vector<std::string> problems;
    if (c.stripe_api_key.empty() && !c.has_embedded_sandbox())
        problems.push_back(
            "no Stripe key: set STRIPE_SECRET_KEY (or stripe_api_key), or start with --dev to run on Billhook's own "
            "Stripe sandbox");
    if (c.tls_certificate.empty() != c.tls_key.empty())
        problems.push_back("tls_certificate and tls_key belong together; only one of them is set");
    if (c.speaks_plainly_off_loopback() && c.trusted_proxies.empty())
        problems.push_back("refusing plain HTTP on " + c.listen +
                           ": set tls_certificate and tls_key, name the proxies in front of it as trusted_proxies, "
                           "listen on 127.0.0.1, or say --allow-plain-http");
    return problems;
}

}  // namespace billhook::cli
