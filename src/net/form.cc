#include "net/form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "net/utf8.h"

namespace billhook::net {
namespace {

// What is known of one parameter while the text is read. Whether brackets meant an array or an object is decided when
// all of them have been seen: metadata may well have a key "0" beside others.
struct Node {
    enum class Shape { unseen, text, fields, appended };

    explicit Node(std::string name) : name(std::move(name)) {}

    std::string name;
    Shape shape = Shape::unseen;
    std::string text;
    std::vector<std::unique_ptr<Node>> children;
    std::unordered_map<std::string_view, Node*> named;  // the keys are the children's own names

    Node* find(std::string_view key) const {
        auto const found = named.find(key);
        return found == named.end() ? nullptr : found->second;
    }
    Node& child(std::string_view key) {
        if (auto* existing = find(key)) return *existing;
        auto& added = append(std::string(key));
        named.emplace(added.name, &added);
        return added;
    }
    Node& append(std::string key = {}) { return *children.emplace_back(std::make_unique<Node>(std::move(key))); }
};

using Segments = std::vector<std::string_view>;  // "a[b][]" is a, b and an empty one

std::optional<std::uint32_t> index_of(std::string_view key) {
    std::uint32_t index = 0;
    if (key.empty() || key.size() > 9 || (key.size() > 1 && key[0] == '0')) return std::nullopt;
    auto const [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    return error == std::errc{} && end == key.data() + key.size() ? std::optional(index) : std::nullopt;
}

bool has_only_indexes(Node const& node) {
    return std::ranges::all_of(node.children, [](auto const& child) { return index_of(child->name).has_value(); });
}

bool has_valid_escapes(std::string_view text) {
    static constexpr std::string_view hex = "0123456789abcdefABCDEF";
    for (auto i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 3)) {
        if (i + 2 >= text.size() || hex.find(text[i + 1]) == std::string_view::npos ||
            hex.find(text[i + 2]) == std::string_view::npos)
            return false;
    }
    return true;
}

Result<Segments> split_key(std::string_view key, int depth_max) {
    auto const malformed = [&] {
        return fail(invalid(std::string(key), "expected a name followed by brackets that close, like items[0][price]"));
    };
    Segments segments;
    auto const name_end = std::min(key.find_first_of("[]"), key.size());
    if (name_end == 0) return malformed();
    segments.push_back(key.substr(0, name_end));
    for (auto rest = key.substr(name_end); !rest.empty();) {
        auto const close = rest.find_first_of("[]", 1);
        if (rest[0] != '[' || close == std::string_view::npos || rest[close] != ']') return malformed();
        segments.push_back(rest.substr(1, close - 1));
        rest = rest.substr(close + 1);
    }
    if (std::cmp_greater(segments.size(), depth_max))
        return fail(invalid(std::string(key), "expected at most " + std::to_string(depth_max) + " levels of nesting"));
    return segments;
}

// Does `path` already lead to a value below `node`? What goes through [] can always take one more.
bool is_taken(Node const& node, std::span<std::string_view const> path) {
    auto const* current = &node;
    for (auto const segment : path) {
        if (segment.empty()) return false;
        current = current->find(segment);
        if (!current) return false;
    }
    return true;
}

// As Rack and PHP read it: a[][k]=1&a[][j]=2 fills one element, a repeated key begins the next.
Node& element_for(Node& list, std::span<std::string_view const> rest) {
    if (!rest.empty() && !list.children.empty()) {
        auto& last = *list.children.back();
        if (last.shape == Node::Shape::fields && !is_taken(last, rest)) return last;
    }
    return list.append();
}

Status insert(Node& root, Segments const& path, std::string_view key, std::string value) {
    using enum Node::Shape;
    auto const contradiction = [&](char const* what) {
        return fail(invalid(std::string(key), std::string("this parameter was given before as ") + what));
    };
    Node* node = &root;
    for (std::size_t i = 0; i < path.size(); ++i) {
        bool const appends = i > 0 && path[i].empty();
        if (node->shape == text) return contradiction("a plain value");
        if (node->shape == unseen) node->shape = appends ? appended : fields;
        if (appends) {
            if (node->shape == fields && !has_only_indexes(*node)) return contradiction("an object");
            node->shape = appended;
            node = &element_for(*node, std::span(path).subspan(i + 1));
        } else {
            if (node->shape == appended && !index_of(path[i])) return contradiction("an array");
            node = &node->child(path[i]);
        }
    }
    if (node->shape == fields) return contradiction("an object");
    if (node->shape == appended) return contradiction("an array");
    node->shape = text;
    node->text = std::move(value);
    return {};
}

Json node_to_json(Node const& node);

// Indexes in their order, then what came through [].
JsonArray to_array(Node const& node) {
    auto const rank = [](Node const* child) -> std::uint64_t {
        auto const index = index_of(child->name);
        return index ? *index : UINT64_MAX;
    };
    std::vector<Node const*> ordered;
    ordered.reserve(node.children.size());
    for (auto const& child : node.children) ordered.push_back(child.get());
    std::ranges::stable_sort(ordered, {}, rank);
    JsonArray array;
    for (auto const* child : ordered) array.push_back(node_to_json(*child));
    return array;
}

JsonObject to_object(Node const& node) {
    JsonObject object;
    for (auto const& child : node.children) object.emplace(child->name, node_to_json(*child));
    return object;
}

Json node_to_json(Node const& node) {
    if (node.shape == Node::Shape::text) return Json(node.text);
    bool const is_array = node.shape == Node::Shape::appended || has_only_indexes(node);
    return is_array ? Json(to_array(node)) : Json(to_object(node));
}

std::string text_of(Json const& leaf) {
    switch (leaf.kind()) {
        case boost::json::kind::null:
            return "";
        case boost::json::kind::bool_:
            return leaf.get_bool() ? "true" : "false";
        case boost::json::kind::string:
            return std::string(as_view(leaf.get_string()));
        case boost::json::kind::double_: {
            std::array<char, 32> buffer;
            auto const [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), leaf.get_double());
            return std::string(buffer.data(), end);
        }
        default:
            return billhook::to_text(leaf);
    }
}

void encode_value(std::string& out, std::string const& key, Json const& value) {
    if (auto const* object = value.if_object()) {
        for (auto const& [name, member] : *object) encode_value(out, key + '[' + percent_encode(name) + ']', member);
    } else if (auto const* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            encode_value(out, key + '[' + std::to_string(i) + ']', (*array)[i]);
    } else {
        if (!out.empty()) out += '&';
        out += key + '=' + percent_encode(text_of(value));
    }
}

}  // namespace

Result<JsonObject> parse_form(std::string_view text, FormLimits const& limits) {
    Node root("");
    root.shape = Node::Shape::fields;
    std::size_t fields = 0;
    while (!text.empty()) {
        auto const end = std::min(text.find('&'), text.size());
        auto const pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        auto const equals = std::min(pair.find('='), pair.size());
        std::string const key = percent_decode_form(pair.substr(0, equals));
        std::string value = percent_decode_form(pair.substr(std::min(equals + 1, pair.size())));
        if (++fields > limits.fields_max)
            return fail(invalid(is_utf8(key) ? key : "",
                                "expected at most " + std::to_string(limits.fields_max) + " parameters"));
        if (!is_utf8(key)) return fail(invalid("", "expected the name of a parameter in UTF-8"));
        if (!has_valid_escapes(pair)) return fail(invalid(key, "expected two hexadecimal digits after each '%'"));
        if (!is_utf8(value)) return fail(invalid(key, "expected UTF-8"));
        auto const path = TRY(split_key(key, limits.depth_max));
        TRY_VOID(insert(root, path, key, std::move(value)));
    }
    return to_object(root);
}

std::string encode_form(JsonObject const& fields) {
    std::string out;
    for (auto const& [name, value] : fields) encode_value(out, percent_encode(name), value);
    return out;
}

}  // namespace billhook::net
