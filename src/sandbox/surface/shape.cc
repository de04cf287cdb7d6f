#include "sandbox/surface/shape.h"

#include <algorithm>

#include "base/check.h"

namespace billhook::sandbox {
namespace {

void complete_object(Schema const& schema, JsonObject& tree);

void complete_value(Type const& named, Json& value) {
    auto const& type = resolve(named);
    if (type.kind == TypeKind::reference && value.is_object()) complete_object(*type.schema, value.get_object());
    if (type.kind == TypeKind::array && value.is_array())
        for (auto& element : value.get_array()) complete_value(*type.element, element);
    if (type.kind == TypeKind::map && value.is_object())
        for (auto& entry : value.get_object()) complete_value(*type.element, entry.value());
}

Json filling(Field const& field) {
    switch (field.fill) {
        case Fill::object_word:
            return Json(resolve(*field.type).values.front());
        case Fill::not_live:
            return Json(false);
        case Fill::empty_array:
            return JsonArray{};
        case Fill::empty_map:
            return JsonObject{};
        default:
            return nullptr;
    }
}

void complete_object(Schema const& schema, JsonObject& tree) {
    std::vector<bool> is_there(schema.fields.size());
    for (auto& member : tree) {
        auto const* const field = schema.find(member.key());
        if (!field) continue;
        is_there[static_cast<std::size_t>(field - schema.fields.data())] = true;
        if (field->may_hold_objects) complete_value(*field->type, member.value());
    }
    for (std::size_t i = 0; i < schema.fields.size(); ++i)
        if (auto const& field = schema.fields[i]; !is_there[i] && field.fill != Fill::nothing)
            tree.emplace(field.name, filling(field));
}

// Fields that real responses carry and the client does not declare (SEMANTICS.md section 2).
bool is_legacy(Schema const& schema, std::string_view field) {
    if (schema.name == "Subscription") return field == "plan" || field == "quantity";
    if (schema.name == "SubscriptionItem") return field == "plan";
    return false;
}

class Judge {
  public:
    std::vector<std::string> found;

    void judge(Type const& named, Json const& value, std::string const& path) {
        auto const& type = resolve(named);
        switch (type.kind) {
            case TypeKind::string:
                return expect(value.is_string(), "a string", value, path);
            case TypeKind::decimal_string:
                return expect(value.is_string(), "a decimal in a string", value, path);
            case TypeKind::integer:
                return expect(value.is_int64() || value.is_uint64(), "an integer", value, path);
            case TypeKind::decimal:
                return expect(value.is_number(), "a number", value, path);
            case TypeKind::boolean:
                return expect(value.is_bool(), "a boolean", value, path);
            case TypeKind::constant_true:
                return expect(value.is_bool() && value.get_bool(), "true", value, path);
            case TypeKind::open_enum:
                return expect(value.is_string(), "a string", value, path);
            case TypeKind::closed_enum:
                return judge_enum(type, value, path);
            case TypeKind::array:
                return judge_array(*type.element, value, path);
            case TypeKind::map:
                return judge_map(type, value, path);
            case TypeKind::list:
                return judge_list(type, value, path, "list");
            case TypeKind::search_result:
                return judge_list(type, value, path, "search_result");
            case TypeKind::list_v2:
                return judge_list(type, value, path, "");
            case TypeKind::one_of:
                return judge_one_of(type, value, path);
            case TypeKind::reference:
                if (!value.is_object()) return expect(false, "an object", value, path);
                return judge_object(*type.schema, value.get_object(), path);
            case TypeKind::any:
                return;
        }
    }

  private:
    void expect(bool holds, std::string const& expected, Json const& value, std::string const& path) {
        if (!holds) found.push_back(path + ": expected " + expected + ", found " + to_text(value).substr(0, 80));
    }

    void judge_enum(Type const& type, Json const& value, std::string const& path) {
        expect(value.is_string() && std::ranges::find(type.values, as_view(value.get_string())) != type.values.end(),
               "one of the enum's words", value, path);
    }

    void judge_array(Type const& element, Json const& value, std::string const& path) {
        if (!value.is_array()) return expect(false, "an array", value, path);
        std::size_t position = 0;
        for (auto const& item : value.get_array()) judge(element, item, path + "[" + std::to_string(position++) + "]");
    }

    void judge_map(Type const& type, Json const& value, std::string const& path) {
        if (!value.is_object()) return expect(false, "an object", value, path);
        for (auto const& [key, item] : value.get_object())
            judge(*type.element, item, path + "." + std::string(key.data(), key.size()));
    }

    void judge_list(Type const& type, Json const& value, std::string const& path, std::string_view object) {
        auto const* data = find(value, "data");
        if (!data) return expect(false, "a list", value, path);
        if (!object.empty()) {
            if (string_or(value, "object") != object)
                found.push_back(path + ".object: expected " + std::string(object));
            if (!find_bool(value, "has_more")) found.push_back(path + ".has_more: missing");
            if (!find_string(value, "url")) found.push_back(path + ".url: missing");
        }
        judge_array(*type.element, *data, path + ".data");
    }

    void judge_one_of(Type const& type, Json const& value, std::string const& path) {
        std::vector<std::string> nearest;
        for (auto const* choice : type.choices) {
            Judge one;
            one.judge(*choice, value, path);
            if (one.found.empty()) return;
            // Of several objects the one whose `object` word fits is the one that was meant.
            auto const* schema = object_schema(*choice);
            if (nearest.empty() ||
                (schema && string_or(value, "object") == schema->object && schema->find("deleted") == nullptr))
                nearest = std::move(one.found);
        }
        found.insert(found.end(), nearest.begin(), nearest.end());
    }

    void judge_object(Schema const& schema, JsonObject const& tree, std::string const& path) {
        for (auto const& [key, value] : tree) {
            std::string_view const name(key.data(), key.size());
            auto const* field = schema.find(name);
            if (!field) {
                if (!is_legacy(schema, name)) found.push_back(path + "." + std::string(name) + ": unknown field");
            } else if (!value.is_null()) {
                judge(*field->type, value, path + "." + std::string(name));
            } else if (!field->is_nullable && resolve(*field->type).kind != TypeKind::any) {
                found.push_back(path + "." + std::string(name) + ": must not be null");
            }
        }
        for (auto const& field : schema.fields)
            if (field.is_required && !tree.contains(field.name))
                found.push_back(path + "." + std::string(field.name) + ": missing");
    }
};

}  // namespace

void complete_in_place(Surface const& surface, std::string_view object, JsonObject& partial) {
    auto const* schema = surface.find_object(object);
    CHECK(schema != nullptr);
    complete_object(*schema, partial);
}

JsonObject complete(Surface const& surface, std::string_view object, JsonObject partial) {
    complete_in_place(surface, object, partial);
    return partial;
}

std::vector<std::string> violations(Type const& type, Json const& value) {
    Judge judge;
    judge.judge(type, value, "$");
    return std::move(judge.found);
}

std::vector<std::string> event_violations(Surface const& surface, Json const& event) {
    Type envelope;
    envelope.kind = TypeKind::reference;
    envelope.schema = surface.find_schema("Event");
    auto found = violations(envelope, event);
    auto const name = string_or(event, "type");
    auto const* type = surface.find_event(name);
    if (!type) {
        found.push_back("$.type: unknown event type " + name);
        return found;
    }
    auto const* object = find_path(event, "data.object");
    if (!object) return found;
    for (auto& violation : violations(*type, *object)) {
        // The invoice that is announced does not exist yet.
        bool const is_announced = name == "invoice.upcoming" && violation == "$.id: missing";
        if (!is_announced) found.push_back(name + " " + violation);
    }
    return found;
}

}  // namespace billhook::sandbox
