#include "sandbox/core/views.h"

#include <algorithm>

#include "base/check.h"
#include "sandbox/core/json_text.h"

namespace billhook::sandbox {
namespace {

constexpr int expand_depth_max = 4;

JsonObject stub(JsonObject const& stored) {
    return {{"id", stored.at("id")}, {"object", stored.at("object")}, {"deleted", true}};
}

// What the sandbox keeps with an object and never shows.
bool is_note(std::string_view name) {
    return name.starts_with("sandbox_") || name == "deleted";
}

ApiError cannot_expand(std::string const& path) {
    return bad_request("This property cannot be expanded (" + path + ").", "expand");
}

}  // namespace

struct Views::Plan {
    bool is_ready = false;
    std::vector<Field const*> hidden;  // includable
    std::vector<Field const*> shaped;  // hold whole objects, or objects that do
    std::vector<std::pair<std::string, Provide const*>> provided;

    /// The same by the field's name.
    struct Work {
        bool is_hidden = false;
        Field const* shaped = nullptr;
        std::size_t provided = npos;  // its place in `provided`
    };
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    ByName<Work> by_name;

    bool is_empty() const { return hidden.empty() && shaped.empty() && provided.empty(); }
    Work const* find(std::string_view name) const {
        auto const at = by_name.find(name);
        return at == by_name.end() ? nullptr : &at->second;
    }
    void finish() {
        for (auto const* field : hidden) by_name[field->name].is_hidden = true;
        for (auto const* field : shaped) by_name[field->name].shaped = field;
        for (std::size_t i = 0; i < provided.size(); ++i) by_name[provided[i].first].provided = i;
        is_ready = true;
    }
};

Views::Views(Surface const& surface, ObjectStore& store) : surface_(surface), store_(store) {}
Views::~Views() = default;

void Views::provide(std::string_view type, std::string_view field, Provide provide) {
    CHECK(surface_.find_object(type) && surface_.find_object(type)->find(field));
    providers_[{std::string(type), std::string(field)}] = std::move(provide);
}

Views::Plan const& Views::plan(Schema const& schema) const {
    auto& entry = plans_[&schema];
    if (entry) return *entry;  // a schema that leads to itself finds its unfinished plan, and counts as needing work
    entry = std::make_unique<Plan>();
    auto* made = entry.get();
    for (auto const& field : schema.fields) {
        bool is_provided = false;
        if (!schema.object.empty()) {
            auto const at = providers_.find(std::pair(std::string(schema.object), std::string(field.name)));
            is_provided = at != providers_.end();
            if (is_provided && !field.is_includable) made->provided.emplace_back(field.name, &at->second);
        }
        if (field.is_includable)
            made->hidden.push_back(&field);
        else if (!is_provided && needs_work(*field.type))
            made->shaped.push_back(&field);
    }
    made->finish();
    return *made;
}

bool Views::needs_work(Type const& named) const {
    auto const& type = resolve(named);
    switch (type.kind) {
        case TypeKind::array:
        case TypeKind::map:
        case TypeKind::list:
            return needs_work(*type.element);
        case TypeKind::reference: {
            if (!type.schema->object.empty()) return true;
            auto const& inner = plan(*type.schema);
            return !inner.is_ready || !inner.is_empty();
        }
        default:
            return false;
    }
}

void Views::shape_value(Type const& named, Json& value) const {
    auto const& type = resolve(named);
    if (type.kind == TypeKind::reference) {
        if (value.is_object()) return shape_object(*type.schema, value.get_object());
        if (!value.is_string() || type.schema->object.empty()) return;
        auto const* stored = store_.find(type.schema->object, as_view(value.get_string()));
        CHECK(stored != nullptr);
        value = shown(*type.schema, *stored);
    } else if (type.kind == TypeKind::array && value.is_array()) {
        for (auto& element : value.get_array()) shape_value(*type.element, element);
    } else if (type.kind == TypeKind::map && value.is_object()) {
        for (auto& entry : value.get_object()) shape_value(*type.element, entry.value());
    } else if (type.kind == TypeKind::list && value.is_object()) {
        if (auto* data = value.get_object().if_contains("data"); data && data->is_array())
            for (auto& element : data->get_array()) shape_value(*type.element, element);
    }
}

JsonObject Views::shown(Schema const& schema, JsonObject const& stored) const {
    auto const& work = plan(schema);
    JsonObject tree(stored, store_.scratch());
    for (auto const& [key, value] : stored) {
        auto const* const todo = work.find(key);
        if (is_note(key) || (todo && todo->is_hidden)) tree.erase(key);
    }
    for (auto const& [name, provider] : work.provided) tree[name] = (*provider)(stored);
    for (auto const* field : work.shaped)
        if (auto* value = tree.if_contains(field->name)) shape_value(*field->type, *value);
    return tree;
}

void Views::shape_object(Schema const& schema, JsonObject& tree) const {
    auto const& work = plan(schema);
    for (auto const& [name, provider] : work.provided) tree[name] = (*provider)(tree);
    for (auto const* field : work.hidden)
        if (auto const at = tree.find(field->name); at != tree.end()) tree.stable_erase(at);
    for (auto const* field : work.shaped)
        if (auto* value = tree.if_contains(field->name)) shape_value(*field->type, *value);
}

JsonObject Views::render(std::string_view type, JsonObject const& stored) const {
    auto const* schema = surface_.find_object(type);
    CHECK(schema != nullptr);
    return shown(*schema, stored);
}

JsonObject Views::view(std::string_view type, std::string_view id) const {
    auto const* stored = store_.find(type, id);
    CHECK(stored != nullptr);
    return stored->contains("deleted") ? stub(*stored) : render(type, *stored);
}

JsonObject Views::list(JsonArray data, std::string_view url, bool has_more) {
    JsonObject made(data.storage());
    made.reserve(4);
    made["object"] = "list";
    made["data"] = std::move(data);
    made["has_more"] = has_more;
    made["url"] = url;
    return made;
}

void Views::write_value(std::string& text, Type const& named, Json const& value) const {
    auto const& type = resolve(named);
    if (type.kind == TypeKind::reference && value.is_object())
        return write_object(text, *type.schema, value.get_object());
    if (type.kind == TypeKind::reference && value.is_string() && !type.schema->object.empty()) {
        auto const* stored = store_.find(type.schema->object, as_view(value.get_string()));
        CHECK(stored != nullptr);
        return write_object(text, *type.schema, *stored);
    }
    if (type.kind == TypeKind::array && value.is_array()) {
        text += '[';
        for (auto const& element : value.get_array()) {
            if (text.back() != '[') text += ',';
            write_value(text, *type.element, element);
        }
        text += ']';
        return;
    }
    if (value.is_primitive() || (type.kind != TypeKind::map && type.kind != TypeKind::list))
        return append_json(text, value);
    Json tree(value, store_.scratch());  // maps and lists of whole objects are rare
    shape_value(type, tree);
    append_json(text, tree);
}

void Views::write_object(std::string& text, Schema const& schema, JsonObject const& stored) const {
    auto const& work = plan(schema);
    std::uint64_t written = 0;  // of the provided ones
    char separator = '{';
    auto const begin = [&](std::string_view name) {
        text += separator;
        append_json_string(text, name);
        text += ':';
        separator = ',';
    };
    for (auto const& [key, value] : stored) {
        std::string_view const name(key.data(), key.size());
        auto const* const todo = work.find(name);
        if (is_note(name) || (todo && todo->is_hidden)) continue;
        begin(name);
        if (!todo) {
            append_json(text, value);
        } else if (todo->provided != Plan::npos) {
            append_json(text, (*work.provided[todo->provided].second)(stored));
            written |= std::uint64_t{1} << todo->provided;
        } else {
            write_value(text, *todo->shaped->type, value);
        }
    }
    for (std::size_t i = 0; i < work.provided.size(); ++i) {
        if (written >> i & 1) continue;
        begin(work.provided[i].first);
        append_json(text, (*work.provided[i].second)(stored));
    }
    text += separator == '{' ? "{}" : "}";
}

void Views::write(std::string& text, std::string_view type, std::string_view id) const {
    auto const* schema = surface_.find_object(type);
    auto const* stored = store_.find(type, id);
    CHECK(schema != nullptr && stored != nullptr);
    if (stored->contains("deleted")) return append_json(text, stub(*stored));
    write_object(text, *schema, *stored);
}

JsonObject const* Views::stored_object(JsonObject const& tree) const {
    auto const* object = billhook::find(tree, "object");
    auto const* id = billhook::find(tree, "id");
    if (!object || !id || !object->is_string() || !id->is_string()) return nullptr;
    return store_.find(as_view(object->get_string()), as_view(id->get_string()));
}

Json Views::included(Field const& field, JsonObject const& tree, JsonObject const* stored) const {
    if (!stored) return nullptr;
    auto const object = string_or(tree, "object");
    auto const at = providers_.find(std::pair(object, std::string(field.name)));
    if (at != providers_.end()) return at->second(*stored);
    auto const* kept = billhook::find(*stored, field.name);
    Json value = kept ? *kept : Json(nullptr);
    shape_value(*field.type, value);
    return value;
}

void Views::put_object(std::vector<Schema const*> const& options, Json& value) const {
    for (auto const* option : options) {
        auto const* stored = store_.find(option->object, as_view(value.get_string()));
        if (!stored) continue;
        bool const shows_stub = stored->contains("deleted") && std::ranges::any_of(options, [](Schema const* schema) {
                                    return schema->find("deleted") != nullptr;
                                });
        if (shows_stub) {
            value = stub(*stored);
        } else {
            value = shown(*option, *stored);
        }
        return;
    }
}

Answer<void> Views::expand_field(Schema const& schema, JsonObject& tree, JsonObject const* stored,
                                 std::string_view rest, std::string const& path) const {
    auto const dot = rest.find('.');
    auto const name = rest.substr(0, dot);
    auto const deeper = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    auto const* field = schema.find(name);
    if (!field) return refuse(cannot_expand(path));
    if (auto const* own = stored_object(tree)) stored = own;

    if (field->is_includable && !tree.contains(name)) {
        auto value = included(*field, tree, stored);
        if (value.is_null() && !field->is_nullable) return {};
        tree[name] = std::move(value);
    }
    auto* value = tree.if_contains(name);
    if (!value || value->is_null()) return {};
    auto const options = expandable_to(*field->type);
    auto const& real = resolve(*field->type);
    auto const array_options = real.kind == TypeKind::array ? expandable_to(*real.element) : options;
    if (!options.empty() && value->is_string()) put_object(options, *value);
    if (real.kind == TypeKind::array && value->is_array() && !array_options.empty())
        for (auto& element : value->get_array())
            if (element.is_string()) put_object(array_options, element);
    if (deeper.empty()) {
        bool const was_expandable = field->is_includable || !options.empty() || !array_options.empty() ||
                                    real.kind == TypeKind::list || object_schema(real);
        return was_expandable ? Answer<void>{} : refuse(cannot_expand(path));
    }
    auto const* inner = stored ? billhook::find(*stored, name) : nullptr;
    return expand_value(*field->type, *value, inner ? inner->if_object() : nullptr, deeper, path);
}

Answer<void> Views::expand_value(Type const& named, Json& value, JsonObject const* stored, std::string_view rest,
                                 std::string const& path) const {
    auto const& type = resolve(named);
    if (type.kind == TypeKind::array && value.is_array()) {
        for (auto& element : value.get_array()) TRY_VOID(expand_value(*type.element, element, nullptr, rest, path));
        return {};
    }
    if (!value.is_object()) return {};
    auto& tree = value.get_object();
    if (type.kind == TypeKind::list || type.kind == TypeKind::search_result || type.kind == TypeKind::list_v2) {
        if (!rest.starts_with("data")) return refuse(cannot_expand(path));
        rest.remove_prefix(rest.size() > 5 ? 5 : rest.size());
        if (rest.empty()) return {};
        for (auto& element : tree["data"].as_array())
            TRY_VOID(expand_value(*type.element, element, nullptr, rest, path));
        return {};
    }
    if (type.kind == TypeKind::reference) return expand_field(*type.schema, tree, stored, rest, path);
    if (type.kind != TypeKind::one_of) return {};
    auto const* object = billhook::find(tree, "object");
    auto const* schema = object && object->is_string() ? surface_.find_object(as_view(object->get_string())) : nullptr;
    return schema ? expand_field(*schema, tree, stored, rest, path) : Answer<void>{};
}

Answer<void> Views::expand(Type const& answer, Json& tree, std::vector<std::string> const& paths) const {
    for (auto const& path : paths) {
        auto const levels = std::ranges::count(path, '.') + 1 - (path.starts_with("data.") ? 1 : 0);
        if (levels > expand_depth_max)
            return refuse(
                bad_request("You cannot expand more than 4 levels of a property. Property: " + path, "expand"));
        TRY_VOID(expand_value(answer, tree, nullptr, path, path));
    }
    return {};
}

}  // namespace billhook::sandbox
