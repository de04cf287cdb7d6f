#include "cli/setting_value.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/nearest_name.h"
#include "net/url.h"

namespace billhook::cli {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

struct DurationUnit {
    std::string_view name;
    std::int64_t ms;
};
// Longest unit last: duration_text takes the last one that divides.
constexpr DurationUnit duration_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

// "80", "80%", and "0.8" or "1.0": with a decimal point it is a fraction of one.
std::optional<std::int64_t> parse_percent(std::string_view text) {
    if (text.ends_with('%')) return parse_number(text.substr(0, text.size() - 1));
    auto const point = text.find('.');
    if (point == std::string_view::npos) return parse_number(text);
    auto const whole = parse_number(text.substr(0, point));
    std::string decimals(text.substr(point + 1));
    if (!whole || *whole < 0 || *whole > 100 || decimals.empty() || decimals.size() > 2) return std::nullopt;
    decimals.resize(2, '0');
    auto const hundredths = parse_number(decimals);
    if (!hundredths || *hundredths < 0) return std::nullopt;
    return *whole * 100 + *hundredths;
}

std::optional<bool> parse_flag(std::string_view text) {
    for (auto const word : {"true", "yes", "on", "1"})
        if (text == word) return true;
    for (auto const word : {"false", "no", "off", "0"})
        if (text == word) return false;
    return std::nullopt;
}

bool is_address(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    auto const port = parse_number(text.substr(colon + 1));
    if (!port || *port < 0 || *port > 65535) return false;
    auto const host = text.substr(0, colon);
    return host.find_first_of(" /@") == std::string_view::npos &&
           (host.find(':') == std::string_view::npos || (host.starts_with('[') && host.ends_with(']')));
}

// What is wrong with the shape of a text; empty when nothing is.
std::string expected_shape(Setting const& setting, std::string_view text) {
    if (!setting.choices.empty()) {
        if (std::ranges::find(setting.choices, text) != setting.choices.end()) return {};
        std::string expected = "expected ";
        for (std::size_t i = 0; i < setting.choices.size(); ++i)
            expected += (i == 0                            ? ""
                         : i + 1 == setting.choices.size() ? " or "
                                                           : ", ") +
                        std::string(setting.choices[i]);
        return expected + nearest_name_hint(text, setting.choices);
    }
    if (text.empty()) return {};
    switch (setting.shape) {
        case SettingShape::address:
            return is_address(text) ? "" : "expected host:port, for example 127.0.0.1:8080";
        case SettingShape::url: {
            auto const url = net::parse_url(text);
            return url && url->query.empty() && url->fragment.empty() ? "" : "expected an http or https address";
        }
        case SettingShape::origin: {
            auto const url = net::parse_url(text);
            bool const is_origin = url && url->path == "/" && url->query.empty() && url->fragment.empty();
            return is_origin ? "" : "expected an origin, for example https://app.example.com";
        }
        case SettingShape::database: {
            bool const is_foreign = text.find("://") != std::string_view::npos && !text.starts_with("postgres://") &&
                                    !text.starts_with("postgresql://");
            return is_foreign ? "expected postgres://… or the path of a SQLite file" : "";
        }
        case SettingShape::any:
        case SettingShape::path:
        case SettingShape::percent:
            break;
    }
    return {};
}

std::string range_of(Setting const& setting, std::string (*show)(std::int64_t)) {
    if (setting.max == INT64_MAX) return " of at least " + show(setting.min);
    return " from " + show(setting.min) + " to " + show(setting.max);
}

// Reads one setting; each overload one type of value.
struct ValueReader {
    Setting const& setting;
    YamlNode const& value;
    Configuration& configuration;
    SettingProblems problems = {};

    void wrong(YamlNode const& node, std::string const& expected) {
        auto const found = setting.is_secret ? std::string("a value that does not fit") : describe(node);
        problems.push_back({node.position, "found " + found + ", " + expected});
    }

    void operator()(std::string Configuration::* member) {
        if (value.kind != YamlNode::Kind::scalar) return wrong(value, "expected a text");
        auto const expected = expected_shape(setting, value.text);
        if (!expected.empty()) return wrong(value, expected);
        configuration.*member = value.text;
    }
    void operator()(bool Configuration::* member) {
        auto const flag = value.kind == YamlNode::Kind::scalar ? parse_flag(value.text) : std::nullopt;
        if (!flag) return wrong(value, "expected true or false");
        configuration.*member = *flag;
    }
    void operator()(std::int64_t Configuration::* member) {
        bool const is_percent = setting.shape == SettingShape::percent;
        std::optional<std::int64_t> number;
        if (value.kind == YamlNode::Kind::scalar)
            number = is_percent ? parse_percent(value.text) : parse_number(value.text);
        auto const show = [](std::int64_t n) { return std::to_string(n); };
        if (!number || *number < setting.min || *number > setting.max)
            return wrong(value,
                         (is_percent ? "expected a percentage" : "expected a whole number") + range_of(setting, show));
        configuration.*member = *number;
    }
    void operator()(Duration Configuration::* member) {
        auto const duration = value.kind == YamlNode::Kind::scalar ? parse_duration(value.text) : std::nullopt;
        auto const show = [](std::int64_t ms) { return duration_text(Duration{ms}); };
        if (!duration || duration->ms < setting.min || duration->ms > setting.max)
            return wrong(value, "expected a duration with its unit (ms, s, m, h, d)" + range_of(setting, show));
        configuration.*member = *duration;
    }
    void operator()(std::vector<std::string> Configuration::* member) {
        std::vector<std::string> texts;
        std::vector<YamlNode> const single = {value};
        for (auto const& item : value.kind == YamlNode::Kind::scalar ? single : value.items) {
            if (item.kind != YamlNode::Kind::scalar || item.text.empty()) {
                wrong(item, "expected a text");
                continue;
            }
            auto const expected = expected_shape(setting, item.text);
            if (!expected.empty()) wrong(item, expected);
            texts.push_back(item.text);
        }
        if (value.kind == YamlNode::Kind::mapping) wrong(value, "expected a list of texts");
        configuration.*member = std::move(texts);
    }
    void operator()(std::vector<JwtIssuer> Configuration::* member) {
        if (value.kind == YamlNode::Kind::null) return;
        if (value.kind != YamlNode::Kind::sequence)
            return wrong(value, "expected a list of mappings with issuer, audience and jwks_url, jwks_file or jwks");
        std::vector<JwtIssuer> issuers;
        for (auto const& item : value.items) issuers.push_back(read_issuer(item));
        configuration.*member = std::move(issuers);
    }

    JwtIssuer read_issuer(YamlNode const& node) {
        struct Key {
            std::string_view name;
            std::string JwtIssuer::* member;
        };
        static constexpr Key keys[] = {
            {"issuer", &JwtIssuer::issuer},
            {"audience", &JwtIssuer::audience},
            {"customer_claim", &JwtIssuer::customer_claim},
            {"role_claim", &JwtIssuer::role_claim},
            {"jwks_url", &JwtIssuer::jwks_url},
            {"jwks_file", &JwtIssuer::jwks_file},
            {"jwks", &JwtIssuer::jwks},
        };
        JwtIssuer issuer;
        if (node.kind != YamlNode::Kind::mapping) {
            wrong(node, "expected a mapping with issuer, audience and jwks_url, jwks_file or jwks");
            return issuer;
        }
        std::vector<std::string_view> names;
        for (auto const& key : keys) names.push_back(key.name);
        for (auto const& entry : node.entries) {
            auto const key = std::ranges::find(keys, entry.key, &Key::name);
            if (key == std::end(keys)) {
                problems.push_back(
                    {entry.position, "unknown key '" + entry.key + "'" + nearest_name_hint(entry.key, names)});
            } else if (node.find(entry.key) != &entry.value) {
                problems.push_back({entry.position, "'" + entry.key + "' is given twice"});
            } else if (entry.value.kind != YamlNode::Kind::scalar || entry.value.text.empty()) {
                wrong(entry.value, "expected a text for '" + entry.key + "'");
            } else {
                issuer.*key->member = entry.value.text;
            }
        }
        check_issuer(node, issuer);
        return issuer;
    }

    void check_issuer(YamlNode const& node, JwtIssuer const& issuer) {
        for (auto const* key : {"issuer", "audience"})
            if (!node.find(key)) problems.push_back({node.position, std::string("expected the key '") + key + "'"});
        auto const given = !!node.find("jwks_url") + !!node.find("jwks_file") + !!node.find("jwks");
        if (given != 1) problems.push_back({node.position, "expected exactly one of jwks_url, jwks_file and jwks"});
        if (!issuer.jwks_url.empty() && !net::parse_url(issuer.jwks_url))
            wrong(*node.find("jwks_url"), "expected an http or https address");
        if (!issuer.jwks.empty() && !parse_json(issuer.jwks))
            problems.push_back({node.find("jwks")->position, "expected the key set as JSON text"});
    }
};

JsonArray to_json(std::vector<JwtIssuer> const& issuers) {
    JsonArray out;
    for (auto const& issuer : issuers) {
        JsonObject object{{"issuer", issuer.issuer},
                          {"audience", issuer.audience},
                          {"customer_claim", issuer.customer_claim},
                          {"role_claim", issuer.role_claim}};
        if (!issuer.jwks_url.empty()) object["jwks_url"] = issuer.jwks_url;
        if (!issuer.jwks_file.empty()) object["jwks_file"] = issuer.jwks_file;
        if (!issuer.jwks.empty()) object["jwks"] = issuer.jwks;
        out.push_back(std::move(object));
    }
    return out;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    auto const unit_start = text.find_first_not_of("0123456789");
    if (unit_start == std::string_view::npos || unit_start == 0) return std::nullopt;
    auto const number = parse_number(text.substr(0, unit_start));
    for (auto const& unit : duration_units)
        if (text.substr(unit_start) == unit.name && number && *number <= INT64_MAX / unit.ms)
            return Duration{*number * unit.ms};
    return std::nullopt;
}

std::string duration_text(Duration duration) {
    auto best = duration_units[0];
    for (auto const& unit : duration_units)
        if (duration.ms % unit.ms == 0 && duration.ms != 0) best = unit;
    return std::to_string(duration.ms / best.ms) + std::string(duration.ms == 0 ? "s" : best.name);
}

SettingProblems read_setting(Setting const& setting, YamlNode const& value, Configuration& configuration) {
    ValueReader reader{setting, value, configuration};
    std::visit([&](auto member) { reader(member); }, setting.target);
    return std::move(reader.problems);
}

std::expected<YamlNode, YamlSyntaxError> to_node(Setting const& setting, std::string_view text) {
    if (std::holds_alternative<std::vector<JwtIssuer> Configuration::*>(setting.target)) return parse_yaml(text);
    YamlNode node;
    if (!std::holds_alternative<std::vector<std::string> Configuration::*>(setting.target)) {
        node.kind = YamlNode::Kind::scalar;
        node.text = text;
        return node;
    }
    node.kind = YamlNode::Kind::sequence;
    while (!text.empty()) {
        auto const comma = text.find(',');
        auto item = text.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        YamlNode child;
        child.kind = YamlNode::Kind::scalar;
        child.text = item;
        node.items.push_back(std::move(child));
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return node;
}

std::string value_text(Setting const& setting, Configuration const& configuration) {
    auto const show = Overloaded{
        [](std::string const& text) { return text; },
        [](bool flag) { return std::string(flag ? "true" : "false"); },
        [](std::int64_t number) { return std::to_string(number); },
        [](Duration duration) { return duration_text(duration); },
        [](std::vector<std::string> const& texts) {
            std::string out;
            for (auto const& text : texts) out += (out.empty() ? "" : ",") + text;
            return out;
        },
        [](std::vector<JwtIssuer> const& issuers) {
            return issuers.empty() ? std::string() : to_text(Json(to_json(issuers)));
        },
    };
    return std::visit([&](auto member) { return show(configuration.*member); }, setting.target);
}

}  // namespace billhook::cli
