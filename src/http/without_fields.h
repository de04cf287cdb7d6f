#pragma once
// Handlers of operations that take neither a query nor a body refuse both, so that nothing a caller sends is ignored.

#include "http/call.h"
#include "http/fields.h"

namespace billhook::http {

inline Status refuse_fields(Call const& call) {
    if (call.query.empty() && call.body.empty()) return {};
    TRY_VOID(Fields(call.query, FieldSource::query).finish());
    return Fields(call.body).finish();
}

/// For rows of the route table: `without_fields<get_subscription>`.
template <Handler handler>
Result<Answer> without_fields(Call const& call) {
    TRY_VOID(refuse_fields(call));
    return handler(call);
}

/// For a row's hot door where the handler itself waits for nothing: `at_once<get_livez>`.
template <Handler handler>
std::optional<Result<Answer>> at_once(Call const& call) {
    return handler(call);
}

}  // namespace billhook::http
