#include "gateway/stripe/endpoint.h"

#include "base/check.h"
#include "net/form.h"

namespace billhook::stripe {

Result<std::string> to_path(Endpoint const& endpoint) {
    std::string path;
    auto rest = endpoint.pattern;
    for (auto const& id : endpoint.ids) {
        if (id.empty()) return fail(invalid("id", "expected the id of a Stripe object, found an empty one"));
        auto const open = rest.find('{'), close = rest.find('}');
        CHECK(open != std::string_view::npos && close != std::string_view::npos);
        path.append(rest.substr(0, open)).append(net::percent_encode(id));
        rest.remove_prefix(close + 1);
    }
    CHECK(rest.find('{') == std::string_view::npos);
    return path.append(rest);
}

}  // namespace billhook::stripe
