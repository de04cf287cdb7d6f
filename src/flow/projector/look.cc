#include "flow/projector/look.h"

#include "gateway/stripe/calls.h"

namespace billhook::flow {

Result<SubscriptionLook> look_at_subscription(stripe::Client const& stripe, Clock const& clock, std::string const& id) {
    SubscriptionLook look;
    look.time.began = clock.now();
    look.subscription = TRY(stripe::retrieve_subscription(stripe, id));
    if (!look.subscription.schedule_id.empty())
        look.schedule = TRY(stripe::retrieve_schedule(stripe, look.subscription.schedule_id));
    look.time.returned = clock.now();
    return look;
}

}  // namespace billhook::flow
