#include "sandbox/surface/parameters.h"

#include <algorithm>
#include <charconv>

namespace billhook::sandbox {
namespace {

constexpr std::size_t metadata_keys_max = 50;
constexpr std::size_t metadata_key_length_max = 40;
constexpr std::size_t metadata_value_length_max = 500;

std::string shown(Json const& value) {
    return value.is_string() ? std::string(as_view(value.get_string())) : to_text(value);
}

std::string inner(std::string const& outer, std::string_view key) {
    return outer.empty() ? std::string(key) : outer + "[" + std::string(key) + "]";
}

Answer<Json> read_value(Type const& type, Json const& raw, std::string const& param);

// The surface gives no ranges; these are never negative in any of Stripe's operations.
bool is_never_negative(std::string_view param) {
    auto const bracket = param.rfind('[');
    if (bracket != std::string_view::npos) param = param.substr(bracket + 1, param.size() - bracket - 2);
    return param == "quantity" || param == "trial_period_days" || param == "days_until_due";
}

Answer<Json> read_whole_number(Json const& raw, std::string const& param) {
    if (raw.is_int64()) return raw;
    if (raw.is_string()) {
        auto const text = as_view(raw.get_string());
        std::int64_t number = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc{} && end == text.data() + text.size()) return number;
    }
    return refuse(bad_request("Invalid integer: " + shown(raw), param, "parameter_invalid_integer"));
}

Answer<Json> read_integer(Json const& raw, std::string const& param) {
    auto number = TRY(read_whole_number(raw, param));
    if (number.as_int64() < 0 && is_never_negative(param))
        return refuse(bad_request("Invalid non-negative integer", param, "parameter_invalid_integer"));
    return number;
}

bool is_decimal(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
    auto const point = text.find('.');
    auto const whole = text.substr(0, point);
    auto const fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    return whole.size() + fraction.size() > 0 && whole.size() + fraction.size() <= 30 &&
           std::ranges::all_of(whole, is_digit) && std::ranges::all_of(fraction, is_digit);
}

Answer<Json> read_decimal(Json const& raw, std::string const& param, TypeKind kind) {
    if (raw.is_number() && kind == TypeKind::decimal) return raw;
    if (raw.is_string() && is_decimal(as_view(raw.get_string()))) {
        if (kind == TypeKind::decimal_string) return raw;
        auto const text = as_view(raw.get_string());
        double number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        auto const whole = static_cast<std::int64_t>(number);
        return static_cast<double>(whole) == number ? Json(whole) : Json(number);
    }
    return refuse(bad_request("Invalid decimal: " + shown(raw), param, "parameter_invalid_decimal"));
}

Answer<Json> read_boolean(Json const& raw, std::string const& param) {
    if (raw.is_bool()) return raw;
    // Clients in Python have long said "True".
    auto const said = raw.is_string() ? as_view(raw.get_string()) : std::string_view{};
    if (said == "true" || said == "True") return Json(true);
    if (said == "false" || said == "False") return Json(false);
    return refuse(bad_request("Invalid boolean: " + shown(raw), param));
}

Answer<Json> read_enum(Type const& type, Json const& raw, std::string const& param) {
    if (raw.is_string() && std::ranges::find(type.values, as_view(raw.get_string())) != type.values.end()) return raw;
    std::string options;
    for (std::size_t i = 0; i < type.values.size(); ++i) {
        if (i > 0) options += type.values.size() == 2 ? " or " : i + 1 == type.values.size() ? ", or " : ", ";
        options += type.values[i];
    }
    return refuse(bad_request("Invalid " + param + ": must be one of " + options, param));
}

Answer<Json> read_object(Schema const& schema, JsonObject const& raw, std::string const& param) {
    JsonObject typed;
    std::vector<std::string> unknown;
    for (auto const& [key, value] : raw) {
        std::string_view const name(key.data(), key.size());
        auto const* field = schema.find(name);
        if (!field) {
            unknown.push_back(inner(param, name));
            continue;
        }
        auto const path = inner(param, name);
        if (value.is_string() && value.get_string().empty()) {
            if (!field->is_emptyable)
                return refuse(
                    bad_request("You passed an empty string for '" + path +
                                    "'. We assume empty values are an attempt to unset a parameter; however '" + path +
                                    "' cannot be unset. You should remove '" + path +
                                    "' from your request or supply a non-empty value.",
                                path, "parameter_invalid_empty"));
            typed[key] = nullptr;
            continue;
        }
        if (value.is_null()) continue;  // only second-generation JSON bodies have it: not given
        auto read = TRY(read_value(*field->type, value, path));
        if (name == "metadata" && read.is_object()) TRY_VOID(check_metadata(read.get_object(), path));
        typed[key] = std::move(read);
    }
    if (!unknown.empty()) {
        // Taken from creating intents and Checkout Sessions in this version; those who still send it are told so.
        if (unknown.front() == "payment_method_types")
            return refuse(
                bad_request("`payment_method_types` is no longer supported. Payment methods are chosen in "
                            "the dashboard; see `allowed_payment_method_types`.",
                            unknown.front(), "payment_method_types_no_longer_supported"));
        std::string names = unknown.front();
        for (std::size_t i = 1; i < unknown.size(); ++i) names += ", " + unknown[i];
        return refuse(bad_request("Received unknown parameter" + std::string(unknown.size() > 1 ? "s: " : ": ") + names,
                                  unknown.front(), "parameter_unknown"));
    }
    for (auto const& field : schema.fields)
        if (field.is_required && !raw.contains(field.name)) return refuse(missing_parameter(inner(param, field.name)));
    return typed;
}

Answer<Json> read_array(Type const& type, Json const& raw, std::string const& param) {
    if (!raw.is_array()) return refuse(bad_request("Invalid array", param));
    JsonArray typed;
    std::size_t position = 0;
    for (auto const& element : raw.get_array())
        typed.push_back(TRY(read_value(*type.element, element, inner(param, std::to_string(position++)))));
    return typed;
}

Answer<Json> read_map(Type const& type, Json const& raw, std::string const& param) {
    if (!raw.is_object()) return refuse(bad_request("Invalid object", param));
    JsonObject typed;
    for (auto const& [key, value] : raw.get_object()) {
        if (value.is_string() && value.get_string().empty())
            typed[key] = value;
        else
            typed[key] = TRY(read_value(*type.element, value, inner(param, std::string_view(key.data(), key.size()))));
    }
    return typed;
}

// The first alternative that takes the value; where none does, the error of the last one that has its shape.
Answer<Json> read_one_of(Type const& type, Json const& raw, std::string const& param) {
    ApiError last = bad_request("Invalid object", param);
    for (auto const* choice : type.choices) {
        bool const takes_tree = object_schema(*choice) || resolve(*choice).kind == TypeKind::map;
        if (takes_tree != raw.is_object()) continue;
        auto read = read_value(*choice, raw, param);
        if (read) return read;
        last = std::move(read).error();
    }
    return refuse(std::move(last));
}

Answer<Json> read_value(Type const& named, Json const& raw, std::string const& param) {
    auto const& type = resolve(named);
    switch (type.kind) {
        case TypeKind::integer:
            return read_integer(raw, param);
        case TypeKind::decimal:
        case TypeKind::decimal_string:
            return read_decimal(raw, param, type.kind);
        case TypeKind::boolean:
        case TypeKind::constant_true:
            return read_boolean(raw, param);
        case TypeKind::closed_enum:
        case TypeKind::open_enum:
            return read_enum(type, raw, param);
        case TypeKind::array:
            return read_array(type, raw, param);
        case TypeKind::map:
            return read_map(type, raw, param);
        case TypeKind::one_of:
            return read_one_of(type, raw, param);
        case TypeKind::reference:
            if (!raw.is_object()) return refuse(bad_request("Invalid object", param));
            return read_object(*type.schema, raw.get_object(), param);
        case TypeKind::string:
            if (!raw.is_string()) return refuse(bad_request("Invalid string: " + shown(raw), param));
            return raw;
        default:
            return raw;
    }
}

}  // namespace

Answer<void> check_metadata(JsonObject const& metadata, std::string const& param) {
    if (metadata.size() > metadata_keys_max)
        return refuse(bad_request("Metadata can have at most 50 keys.", param, "parameter_invalid_map"));
    for (auto const& [key, value] : metadata) {
        if (character_count(as_view(key)) > metadata_key_length_max)
            return refuse(bad_request("Metadata keys can be at most 40 characters long.",
                                      inner(param, std::string_view(key.data(), key.size()))));
        if (value.is_string() && character_count(as_view(value.get_string())) > metadata_value_length_max)
            return refuse(bad_request("Metadata values can be at most 500 characters long.",
                                      inner(param, std::string_view(key.data(), key.size()))));
    }
    return {};
}

std::size_t character_count(std::string_view utf8) {
    auto const begins = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; };
    return static_cast<std::size_t>(std::ranges::count_if(utf8, begins));
}

Answer<JsonObject> read_parameters(Type const* parameters, JsonObject const& raw) {
    static Schema const nothing{};
    auto const* schema = parameters ? object_schema(*parameters) : &nothing;
    if (!schema) return raw;  // the surface leaves this operation's parameters open
    JsonObject given = raw;
    // Every operation takes `expand`, also the deletions for which the surface does not list it.
    Json expand;
    if (!schema->find("expand") && given.contains("expand")) {
        expand = given["expand"];
        given.erase("expand");
    }
    auto typed = TRY(read_object(*schema, given, ""));
    if (!expand.is_null()) typed.get_object()["expand"] = std::move(expand);
    return std::move(typed.get_object());
}

}  // namespace billhook::sandbox
