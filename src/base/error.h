#pragma once
// What went wrong, in one short closed list of kinds. A kind is what a caller can act on; http maps it to a status
// code in one table. Nothing here knows about HTTP, SQL or Stripe.

#include <boost/json/object.hpp>
#include <string>
#include <utility>

namespace billhook {

enum class ErrorKind {
    invalid,           // the request is malformed; `field` says where
    unauthenticated,   // no valid credential
    forbidden,         // the credential does not reach this far
    payment_required,  // a payment or an authentication by the payer is missing
    not_found,
    conflict,         // the present state forbids it
    limit_reached,    // a static limit or gauge is full
    quota_exhausted,  // the period's allowance is used up
    rate_limited,
    unavailable,  // something we depend on failed; trying again later may help
};

struct Error {
    ErrorKind kind = ErrorKind::unavailable;
    std::string reason;              // stable word for programs, snake_case, e.g. "line_already_held"
    std::string detail;              // a sentence for people that says what to do
    std::string field = {};          // JSON pointer or parameter name of the offending input, else empty
    boost::json::object extra = {};  // further members for the problem detail, e.g. action_url

    bool operator==(Error const&) const = default;
};

inline Error invalid(std::string field, std::string detail, std::string reason = "invalid_value") {
    return {ErrorKind::invalid, std::move(reason), std::move(detail), std::move(field)};
}
inline Error not_found(std::string detail, std::string reason = "not_found") {
    return {ErrorKind::not_found, std::move(reason), std::move(detail)};
}
inline Error conflict(std::string reason, std::string detail) {
    return {ErrorKind::conflict, std::move(reason), std::move(detail)};
}
inline Error unavailable(std::string reason, std::string detail) {
    return {ErrorKind::unavailable, std::move(reason), std::move(detail)};
}

/// The wire word of a kind, e.g. "payment_required".
char const* to_string(ErrorKind kind);

}  // namespace billhook
