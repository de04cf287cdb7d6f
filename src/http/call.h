#pragma once
// Call: one request as a handler sees it: parsed, authenticated, and with the doors it may use. A handler parses its
// fields, calls one thing, and renders the answer.

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "domain/access/principal.h"
#include "http/answer.h"
#include "net/http_message.h"

namespace billhook::flow {
class ClaimedWrite;
}

namespace billhook::http {

struct Context;

/// What stands in the place of the pattern's {names}, decoded. Few, so they are looked for in turn.
class PathParameters {
  public:
    void add(std::string_view name, std::string value);
    /// One that the pattern has.
    std::string const& at(std::string_view name) const;
    std::size_t size() const { return size_; }

  private:
    struct Parameter {
        std::string_view name;  // of the route table, which lives for ever
        std::string value;
    };
    std::array<Parameter, 2> parameters_;  // no pattern has more
    std::size_t size_ = 0;
};

struct Call {
    Context const& context;
    net::HttpRequest const& request;
    PathParameters const& path;
    JsonObject query;  // decoded query parameters, all texts
    JsonObject body;   // the JSON body; empty where there is none
    access::Principal principal;
    Timestamp now;
    flow::ClaimedWrite* claim = nullptr;  // null: it came without an idempotency key

    std::string const& path_parameter(std::string_view name) const { return path.at(name); }
    /// The customer that the credential names. The router has refused calls of customer routes without one.
    CustomerId const& customer() const { return principal.customer; }
};

using Handler = Result<Answer> (*)(Call const&);
/// Answers on the event loop from memory alone; nothing where the pool has to do it (a first customer, for example).
using MemoryHandler = std::optional<Result<Answer>> (*)(Call const&);

/// Hands a write to the store's queue and returns at once; `done` is called when it is on disk, or with nothing where
/// the pool has to try.
using SubmitHandler = void (*)(Call const&, std::function<void(std::optional<Result<Answer>>)> done);

}  // namespace billhook::http
