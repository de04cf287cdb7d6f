#pragma once
// Health, metrics, the API's description and the pages behind problem types.

#include "http/call.h"

namespace billhook::http {

Result<Answer> get_livez(Call const& call);
Result<Answer> get_readyz(Call const& call);
Result<Answer> get_metrics(Call const& call);
Result<Answer> get_openapi(Call const& call);
Result<Answer> get_problem(Call const& call);

}  // namespace billhook::http
