#pragma once
// HTTP messages as values: what the server hands to a handler, what the client sends, what a transport carries.

#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace billhook::net {

/// Header names compare without regard to case (RFC 9110 section 5.1); order is kept. All names and values lie in one
/// text, because every request and every answer makes some.
class Headers {
  public:
    /// Where a field lies in the text.
    struct Place {
        std::uint32_t name, name_size, value, value_size;
    };
    struct Field {
        std::string_view name, value;
        bool operator==(Field const&) const = default;
    };

    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
        for (auto const& [name, value] : fields) add(name, value);
    }

    std::optional<std::string_view> find(std::string_view name) const;
    std::string get_or(std::string_view name, std::string_view fallback = {}) const;
    /// Replaces every field of that name.
    void set(std::string_view name, std::string_view value);
    void add(std::string_view name, std::string_view value);
    /// As add(), of a field that lies in a text which take_text() brings when it is whole.
    void add(Place const& place) { places_.push_back(place); }
    void take_text(std::string_view text) { text_ = text; }
    /// Keeps the memory for the next message.
    void clear();
    /// The fields, in their order, as views that hold until the next change.
    auto fields() const {
        return std::views::transform(places_, [this](Place const& place) { return field_at(place); });
    }

  private:
    Field field_at(Place const& place) const {
        std::string_view const all = text_;
        return {all.substr(place.name, place.name_size), all.substr(place.value, place.value_size)};
    }

    std::string text_;
    std::vector<Place> places_;
};

struct HttpRequest {
    std::string method;  // upper case
    std::string target;  // origin form: path and, after '?', the raw query; for a client also an absolute URL
    Headers headers;
    std::string body;
    std::string remote_address;  // of the peer, without port; empty for in-process requests

    /// The part of the target before '?', still percent-encoded.
    std::string_view path() const;
    /// The part after '?', raw; empty where there is none.
    std::string_view query() const;
};

struct HttpResponse {
    int status = 200;
    Headers headers;
    std::string body;
};

}  // namespace billhook::net
