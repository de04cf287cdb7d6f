#pragma once
// HTTP messages as values: what the server hands to a handler, what the client sends, what a transport carries.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace billhook::net {

/// Header names compare without regard to case (RFC 9110 section 5.1); order is kept.
class Headers {
  public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    std::optional<std::string_view> find(std::string_view name) const;
    std::string get_or(std::string_view name, std::string_view fallback = {}) const;
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    void reserve(std::size_t count) { fields_.reserve(count); }
    std::vector<std::pair<std::string, std::string>> const& fields() const { return fields_; }

  private:
    std::vector<std::pair<std::string, std::string>> fields_;
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
