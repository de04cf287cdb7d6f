#pragma once
// Subscriptions of the customer: one a line. Reading, changing, leaving, coming back.

#include "http/call.h"

namespace billhook::http {

Result<Answer> list_subscriptions(Call const& call);
Result<Answer> get_subscription(Call const& call);
Result<Answer> list_history(Call const& call);
Result<Answer> start_trial(Call const& call);
Result<Answer> preview_change(Call const& call);
Result<Answer> change_subscription(Call const& call);
Result<Answer> withdraw_scheduled_change(Call const& call);
Result<Answer> cancel_subscription(Call const& call);
Result<Answer> resume_subscription(Call const& call);
Result<Answer> get_intent(Call const& call);

}  // namespace billhook::http
