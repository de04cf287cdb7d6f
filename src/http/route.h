#pragma once
// Route: one row of the one route table. `./dev check` compares the table with api/openapi.yaml.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/access/principal.h"
#include "http/call.h"

namespace billhook::http {

/// Who may call, and what a credential must be allowed to do.
enum class Access {
    anonymous,         // counted by address
    probe,             // as anonymous, for who watches the server: never counted
    signed_event,      // Stripe's signature over the raw body, verified by the inbox
    customer_read,     // C of LITERAL-ENDPOINTS: a customer's token, or an application key naming the customer
    customer_write,    // as above; of a customer's members only owner and admin
    customer_billing,  // as customer_read; of a customer's members only owner and admin see what was billed
    check,
    usage_write,        // an application's key that counts what exists
    application_write,  // an application's or operator's key; no customer's token
    application_read,
    operator_read,
    operator_write,
};

/// Does a credential stand behind such a call?
constexpr bool needs_credential(Access access) {
    return access != Access::anonymous && access != Access::probe && access != Access::signed_event;
}
/// Is it made for one customer?
constexpr bool is_for_a_customer(Access access) {
    return access == Access::customer_read || access == Access::customer_write || access == Access::customer_billing ||
           access == Access::check || access == Access::usage_write;
}

struct Route {
    std::string_view method;
    std::string_view pattern;  // "/api/v1/customers/{id}"
    Access access;
    Handler handler;
    MemoryHandler from_memory = nullptr;  // a hot door: tried first, on the event loop
    SubmitHandler submit = nullptr;       // a hot door that writes: answers once the store has committed
};

/// The table itself, in routes.cc.
std::span<Route const> routes();

struct Match {
    Route const* route = nullptr;  // null where nothing matches
    PathParameters path;
    std::string allow;  // methods of the path, where only the method differs
};

/// In the table. A literal segment beats a parameter. HEAD matches GET.
Match match(std::string_view method, std::string_view path);

}  // namespace billhook::http
