#pragma once
// The public price list: what Stripe charges now, beside what each plan gives.

#include "http/call.h"

namespace billhook::http {

Result<Answer> get_public_pricing(Call const& call);

}  // namespace billhook::http
