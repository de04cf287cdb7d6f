#pragma once
// The check and its relatives: what may this customer do now? Answered from memory on the event loop.

#include "http/call.h"

namespace billhook::http {

Result<Answer> list_entitlements(Call const& call);
std::optional<Result<Answer>> list_entitlements_from_memory(Call const& call);
Result<Answer> get_entitlement(Call const& call);
std::optional<Result<Answer>> get_entitlement_from_memory(Call const& call);
Result<Answer> check_entitlement(Call const& call);
std::optional<Result<Answer>> check_entitlement_from_memory(Call const& call);

Result<Answer> get_gauge(Call const& call);
Result<Answer> put_gauge(Call const& call);
Result<Answer> allocate_gauge(Call const& call);
Result<Answer> release_gauge(Call const& call);

}  // namespace billhook::http
