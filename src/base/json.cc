#include "base/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <set>
#include <vector>

namespace billhook {
namespace {

namespace bj = boost::json;

/// The keys of the objects that are open, one object inside the other. Few keys are compared one by one by their
/// digests, many by a tree that no choice of names makes slow; all names lie in one text.
class OpenKeys {
  public:
    void open() { objects_.push_back({keys_.size(), names_.size(), {}}); }
    void close() {
        keys_.resize(objects_.back().first_key);
        names_.resize(objects_.back().first_byte);
        objects_.pop_back();
    }
    /// False where the innermost object has that key already.
    bool add(std::string_view name) {
        Object& object = objects_.back();
        std::size_t const digest = std::hash<std::string_view>{}(name);
        if (keys_.size() - object.first_key >= compared_max) return add_to_tree(object, name);
        for (std::size_t i = object.first_key; i < keys_.size(); ++i)
            if (keys_[i].digest == digest && name_of(keys_[i]) == name) return false;
        keys_.push_back({digest, names_.size(), name.size()});
        names_ += name;
        return true;
    }

  private:
    static constexpr std::size_t compared_max = 128;
    struct Key {
        std::size_t digest, begin, size;
    };
    struct Object {
        std::size_t first_key, first_byte;
        std::set<std::string, std::less<>> tree;
    };

    std::string_view name_of(Key const& key) const { return std::string_view(names_).substr(key.begin, key.size); }
    bool add_to_tree(Object& object, std::string_view name) {
        if (object.tree.empty())
            for (std::size_t i = object.first_key; i < keys_.size(); ++i) object.tree.emplace(name_of(keys_[i]));
        return object.tree.emplace(name).second;
    }

    std::vector<Key> keys_;
    std::string names_;
    std::vector<Object> objects_;
};

/// What a parser tells, heard without doing anything; a reader hides what it takes note of.
struct Listener {
    static constexpr std::size_t max_object_size = 1 << 20;
    static constexpr std::size_t max_array_size = 1 << 20;
    static constexpr std::size_t max_key_size = 1 << 16;
    static constexpr std::size_t max_string_size = 1 << 26;

    using ec = bj::error_code;
    bool on_document_begin(ec&) { return true; }
    bool on_document_end(ec&) { return true; }
    bool on_object_begin(ec&) { return true; }
    bool on_object_end(std::size_t, ec&) { return true; }
    bool on_array_begin(ec&) { return true; }
    bool on_array_end(std::size_t, ec&) { return true; }
    bool on_key_part(bj::string_view, std::size_t, ec&) { return true; }
    bool on_key(bj::string_view, std::size_t, ec&) { return true; }
    bool on_string_part(bj::string_view, std::size_t, ec&) { return true; }
    bool on_string(bj::string_view, std::size_t, ec&) { return true; }
    bool on_number_part(bj::string_view, ec&) { return true; }
    bool on_int64(std::int64_t, bj::string_view, ec&) { return true; }
    bool on_uint64(std::uint64_t, bj::string_view, ec&) { return true; }
    bool on_double(double, bj::string_view, ec&) { return true; }
    bool on_bool(bool, ec&) { return true; }
    bool on_null(ec&) { return true; }
    bool on_comment_part(bj::string_view, ec&) { return true; }
    bool on_comment(bj::string_view, ec&) { return true; }
};

/// Builds a tree, in which the last of several members of one name is kept, and counts the members it was given.
struct TreeBuilder : Listener {
    bj::value_stack stack;
    std::size_t members = 0;

    bool on_object_end(std::size_t n, ec&) {
        stack.push_object(n);
        return true;
    }
    bool on_array_end(std::size_t n, ec&) {
        stack.push_array(n);
        return true;
    }
    bool on_key_part(bj::string_view s, std::size_t, ec&) {
        stack.push_chars(s);
        return true;
    }
    bool on_key(bj::string_view s, std::size_t, ec&) {
        ++members;
        stack.push_key(s);
        return true;
    }
    bool on_string_part(bj::string_view s, std::size_t, ec&) {
        stack.push_chars(s);
        return true;
    }
    bool on_string(bj::string_view s, std::size_t, ec&) {
        stack.push_string(s);
        return true;
    }
    bool on_int64(std::int64_t i, bj::string_view, ec&) {
        stack.push_int64(i);
        return true;
    }
    bool on_uint64(std::uint64_t u, bj::string_view, ec&) {
        stack.push_uint64(u);
        return true;
    }
    bool on_double(double d, bj::string_view text, ec& error) {
        // An integer that only a double can hold would silently change its value.
        bool const is_integer = text.find_first_of(".eE") == bj::string_view::npos;
        if ((is_integer && (d > 1.8e19 || d < -9.2e18)) || !std::isfinite(d)) {
            error = bj::error::exponent_overflow;
            return false;
        }
        stack.push_double(d);
        return true;
    }
    bool on_bool(bool b, ec&) {
        stack.push_bool(b);
        return true;
    }
    bool on_null(ec&) {
        stack.push_null();
        return true;
    }
};

/// Stops at the second key of one name in an object.
struct DuplicateFinder : Listener {
    OpenKeys keys;
    std::string name;

    bool on_object_begin(ec&) {
        keys.open();
        return true;
    }
    bool on_object_end(std::size_t, ec&) {
        keys.close();
        return true;
    }
    bool on_key_part(bj::string_view s, std::size_t, ec&) {
        name.append(s.data(), s.size());
        return true;
    }
    bool on_key(bj::string_view s, std::size_t, ec& error) {
        name.append(s.data(), s.size());
        if (!keys.add(name)) {
            error = bj::error::syntax;
            return false;
        }
        name.clear();
        return true;
    }
};

std::size_t count_members(Json const& tree) {
    std::size_t count = 0;
    if (auto const* object = tree.if_object()) {
        count = object->size();
        for (auto const& member : *object) count += count_members(member.value());
    } else if (auto const* array = tree.if_array()) {
        for (auto const& element : *array) count += count_members(element);
    }
    return count;
}

std::unexpected<Error> refuse(std::size_t at_byte, std::string const& what) {
    return fail(invalid("", "expected valid JSON; at byte " + std::to_string(at_byte) + ": " + what, "invalid_json"));
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits const& limits) {
    if (text.size() > limits.bytes_max)
        return fail(
            invalid("", "the JSON text is longer than " + std::to_string(limits.bytes_max) + " bytes", "invalid_json"));
    bj::parse_options options;
    options.max_depth = limits.depth_max;
    bj::basic_parser<TreeBuilder> parser(options);
    parser.handler().stack.reset();
    bj::error_code error;
    std::size_t const consumed = parser.write_some(false, text.data(), text.size(), error);
    if (!error && consumed < text.size()) error = bj::error::extra_data;
    if (error) return refuse(consumed, error.message());
    auto tree = parser.handler().stack.release();
    if (count_members(tree) == parser.handler().members) return tree;
    // Hardly ever: so only now is each name compared with those before it.
    bj::basic_parser<DuplicateFinder> finder(options);
    std::size_t const at = finder.write_some(false, text.data(), text.size(), error);
    return refuse(at, "the key \"" + finder.handler().name + "\" appears twice");
}

std::string to_text(Json const& value) {
    return bj::serialize(value);
}
std::string to_text(JsonObject const& value) {
    return bj::serialize(value);
}

Json const* find(JsonObject const& object, std::string_view key) {
    return object.if_contains(bj::string_view(key.data(), key.size()));
}

Json const* find(Json const& value, std::string_view key) {
    auto const* object = value.if_object();
    return object ? find(*object, key) : nullptr;
}

Json const* find_path(JsonRoot root, std::string_view path) {
    if (path.empty()) return root.value();
    auto const dot = path.find('.');
    auto const* const member = root.object() ? find(*root.object(), path.substr(0, dot)) : nullptr;
    return member && dot != std::string_view::npos ? find_path(*member, path.substr(dot + 1)) : member;
}

std::optional<std::string> find_string(JsonRoot root, std::string_view path) {
    auto const* found = find_path(root, path);
    if (!found || !found->is_string()) return std::nullopt;
    return std::string(as_view(found->get_string()));
}

std::optional<std::int64_t> find_int(JsonRoot root, std::string_view path) {
    auto const* found = find_path(root, path);
    if (!found) return std::nullopt;
    if (found->is_int64()) return found->get_int64();
    if (found->is_uint64() && found->get_uint64() <= INT64_MAX) return static_cast<std::int64_t>(found->get_uint64());
    return std::nullopt;
}

std::optional<bool> find_bool(JsonRoot root, std::string_view path) {
    auto const* found = find_path(root, path);
    if (!found || !found->is_bool()) return std::nullopt;
    return found->get_bool();
}

std::string string_or(JsonRoot root, std::string_view path, std::string fallback) {
    return find_string(root, path).value_or(std::move(fallback));
}
std::int64_t int_or(JsonRoot root, std::string_view path, std::int64_t fallback) {
    return find_int(root, path).value_or(fallback);
}
bool bool_or(JsonRoot root, std::string_view path, bool fallback) {
    return find_bool(root, path).value_or(fallback);
}

}  // namespace billhook
