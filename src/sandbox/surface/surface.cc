#include "sandbox/surface/surface.h"

#include <algorithm>

#include "base/check.h"
#include "sandbox/surface/surface_data.h"

namespace billhook::sandbox {
namespace {

std::string_view next_word(std::string_view& rest) {
    auto const space = rest.find(' ');
    auto const word = rest.substr(0, space);
    rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
    return word;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        auto const end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// The end of the type at the front of `text`: a comma or bracket of the union around it, or the end.
std::size_t token_end(std::string_view text) {
    return std::min(text.find_first_of(",)"), text.size());
}

Fill fill_of(Field const& field) {
    auto const& type = resolve(*field.type);
    if (field.is_includable) return Fill::nothing;
    if (field.name == "object" && type.kind == TypeKind::closed_enum && type.values.size() == 1)
        return Fill::object_word;
    if (field.name == "livemode") return Fill::not_live;
    if (field.is_nullable) return Fill::null;
    if (field.is_required && type.kind == TypeKind::array) return Fill::empty_array;
    if (field.is_required && type.kind == TypeKind::map) return Fill::empty_map;
    return Fill::nothing;
}

}  // namespace

Field const* Schema::find(std::string_view field) const {
    auto const at = by_name.find(field);
    return at == by_name.end() ? nullptr : at->second;
}

Surface const& Surface::embedded() {
    static Surface const surface(surface_data());
    return surface;
}

Surface::Surface(std::string_view text) {
    Schema* open = nullptr;
    while (!text.empty()) {
        auto const end = text.find('\n');
        read_line(text.substr(0, end), open);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    finish();
}

void Surface::read_line(std::string_view line, Schema*& open) {
    auto rest = line;
    auto const word = next_word(rest);
    if (word == "S") {
        open = schema(rest);
    } else if (word == "T") {
        auto* named = schema(next_word(rest));
        named->alias = type(rest);
    } else if (word == "O") {
        Operation operation;
        operation.method = next_word(rest);
        operation.path = next_word(rest);
        operation.id = next_word(rest);
        auto const parameters = next_word(rest);
        if (parameters != "-") operation.parameters = type(parameters);
        operation.answer = type(rest);
        operations_.push_back(operation);
    } else if (word == "E") {
        auto const name = next_word(rest);
        event_by_type_[name] = type(rest);
    } else if (word == "V") {
        version_ = rest;
    } else if (word == "A") {
        versions_ = split(rest, '|');
    } else {
        CHECK(open != nullptr);
        auto const flags = next_word(rest);
        auto const has = [&](char flag) { return flags.find(flag) != std::string_view::npos; };
        Field field{word, type(rest), has('!'), has('?'), has('~'), has('+')};
        auto const known = std::ranges::find(open->fields, word, &Field::name);
        if (known == open->fields.end())
            open->fields.push_back(field);
        else
            *known = field;  // a later file knows more
    }
}

Schema* Surface::schema(std::string_view name) {
    auto& entry = schema_by_name_[name];
    if (!entry) {
        entry = &schemas_.emplace_back();
        entry->name = name;
    }
    return entry;
}

Type const* Surface::type(std::string_view text) {
    if (auto const known = type_by_text_.find(text); known != type_by_text_.end()) return known->second;
    auto rest = text;
    auto const* parsed = parse_type(rest);
    type_by_text_[text] = parsed;
    return parsed;
}

Type const* Surface::parse_type(std::string_view& text) {
    CHECK(!text.empty());
    auto& made = types_.emplace_back();
    char const mark = text.front();
    if (mark == '(') {
        made.kind = TypeKind::one_of;
        while (!text.empty() && text.front() != ')') {
            text.remove_prefix(1);  // the opening bracket or a comma
            made.choices.push_back(parse_type(text));
        }
        text.remove_prefix(1);
        return &made;
    }
    static constexpr std::pair<char, TypeKind> wrappers[] = {{'[', TypeKind::array},
                                                             {'{', TypeKind::map},
                                                             {'<', TypeKind::list},
                                                             {'?', TypeKind::search_result},
                                                             {'2', TypeKind::list_v2}};
    for (auto const& [prefix, kind] : wrappers)
        if (mark == prefix) {
            text.remove_prefix(1);
            made.kind = kind;
            made.element = parse_type(text);
            return &made;
        }
    auto const token = text.substr(0, token_end(text));
    text.remove_prefix(token.size());
    if (mark == '@') {
        made.kind = TypeKind::reference;
        made.schema = schema(token.substr(1));
    } else if (mark == '=' || mark == '*') {
        made.kind = mark == '=' ? TypeKind::closed_enum : TypeKind::open_enum;
        made.values = split(token.substr(1), '|');
    } else {
        static constexpr std::pair<std::string_view, TypeKind> scalars[] = {
            {"s", TypeKind::string},  {"n", TypeKind::decimal_string}, {"i", TypeKind::integer},
            {"d", TypeKind::decimal}, {"b", TypeKind::boolean},        {"true", TypeKind::constant_true},
            {"any", TypeKind::any}};
        auto const* known = std::ranges::find(scalars, token, [](auto const& pair) { return pair.first; });
        CHECK(known != std::end(scalars));
        made.kind = known->second;
    }
    return &made;
}

void Surface::finish() {
    for (auto& schema : schemas_) {
        for (auto& field : schema.fields) {
            schema.by_name.emplace(field.name, &field);
            auto const kind = resolve(*field.type).kind;
            field.fill = fill_of(field);
            field.may_hold_objects = kind == TypeKind::reference || kind == TypeKind::array || kind == TypeKind::map;
        }
        auto const* object = schema.find("object");
        if (!object || object->type->kind != TypeKind::closed_enum) continue;
        schema.object = object->type->values.front();
        auto const last_part = schema.name.substr(schema.name.rfind('.') + 1);
        if (!last_part.starts_with("Deleted")) schema_by_object_[schema.object] = &schema;
    }
}

bool Surface::knows_version(std::string_view version) const {
    return version == version_ || std::ranges::find(versions_, version) != versions_.end();
}

Schema const* Surface::find_schema(std::string_view name) const {
    auto const at = schema_by_name_.find(name);
    return at == schema_by_name_.end() ? nullptr : at->second;
}

Schema const* Surface::find_object(std::string_view object) const {
    auto const at = schema_by_object_.find(object);
    return at == schema_by_object_.end() ? nullptr : at->second;
}

Type const* Surface::find_event(std::string_view event_type) const {
    auto const at = event_by_type_.find(event_type);
    return at == event_by_type_.end() ? nullptr : at->second;
}

Operation const* Surface::find_operation(std::string_view method, std::string_view path_template) const {
    auto const at = std::ranges::find_if(
        operations_, [&](Operation const& o) { return o.method == method && o.path == path_template; });
    return at == operations_.end() ? nullptr : &*at;
}

Type const& resolve(Type const& type) {
    auto const* current = &type;
    while (current->kind == TypeKind::reference && current->schema->alias) current = current->schema->alias;
    return *current;
}

Schema const* object_schema(Type const& type) {
    auto const& real = resolve(type);
    return real.kind == TypeKind::reference ? real.schema : nullptr;
}

std::vector<Schema const*> expandable_to(Type const& type) {
    std::vector<Schema const*> found;
    auto const& real = resolve(type);
    if (real.kind != TypeKind::one_of) return found;
    bool takes_id = false;
    for (auto const* choice : real.choices) {
        auto const& option = resolve(*choice);
        if (option.kind == TypeKind::string) takes_id = true;
        if (option.kind == TypeKind::reference) found.push_back(option.schema);
        if (option.kind != TypeKind::one_of) continue;  // a named union such as CustomerSource
        for (auto const* inner : option.choices)
            if (auto const* schema = object_schema(*inner)) found.push_back(schema);
    }
    if (!takes_id) found.clear();
    return found;
}

}  // namespace billhook::sandbox
