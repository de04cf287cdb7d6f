#pragma once
// The literal endpoints of the source systems S0 (plan changes) and S3 (tiers, AI): other words for the same commands.

#include "http/call.h"

namespace billhook::http {

Result<Answer> check_upgrade(Call const& call);
Result<Answer> upgrade_plan(Call const& call);
Result<Answer> schedule_downgrade(Call const& call);
Result<Answer> cancel_scheduled_downgrade(Call const& call);

Result<Answer> purchase_tier(Call const& call);
Result<Answer> upgrade_tier(Call const& call);
Result<Answer> get_current_tier(Call const& call);
Result<Answer> subscribe_ai(Call const& call);
Result<Answer> cancel_ai(Call const& call);

}  // namespace billhook::http
