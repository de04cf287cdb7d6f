#pragma once
// Registry: which code answers which operation, and which code runs when something falls due. Filled once while the
// sandbox is built; every API operation must exist in the surface, so a misspelt path stops the program at start.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http_message.h"
#include "sandbox/core/api_error.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

class Call;

/// Answers an API operation with a rendered tree (Call::view, Call::list, …). An error undoes what it did.
using Handler = std::function<Answer<Json>(Call&)>;
/// Does what was scheduled for one object. An error undoes it and is logged.
using DueHandler = std::function<Answer<void>(Call&, std::string const& object_id)>;
/// Answers a request outside the API: hosted pages. A status of 400 or more undoes what it did.
using PageHandler = std::function<net::HttpResponse(Call&, net::HttpRequest const&)>;

using PathIds = std::map<std::string, std::string, std::less<>>;

struct Route {
    std::string method;
    std::vector<std::string> segments;     // "{id}" for a parameter
    Operation const* operation = nullptr;  // of the API; nullptr for a page
    Handler handler = {};                  // empty: the surface knows the operation, this sandbox does not
    PageHandler page = {};
};

class Registry {
  public:
    explicit Registry(Surface const& surface);

    /// on("POST /v1/customers", …)
    void on(std::string_view operation, Handler handler);
    void on_due(std::string_view kind, DueHandler handler);
    /// on_page("GET /c/pay/{id}", …)
    void on_page(std::string_view method_and_path, PageHandler handler);

    /// The route of a request, its path ids filled in, or nullptr. A literal segment wins over a parameter.
    Route const* match(std::string_view method, std::string_view path, PathIds& ids) const;
    DueHandler const* find_due(std::string_view kind) const;
    std::vector<std::string> unanswered() const;

  private:
    Route& add(std::string_view method, std::string_view path);

    Surface const& surface_;
    std::vector<std::unique_ptr<Route>> routes_;
    std::unordered_map<std::string, std::vector<Route*>> by_shape_;  // method and number of segments
    std::map<std::string, DueHandler, std::less<>> due_;
};

}  // namespace billhook::sandbox
