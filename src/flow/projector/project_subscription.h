#pragma once
// Writes down what a look at a subscription said: the record with all its items, the history, the scheduled change, and
// the end of the intent that waited for it; then the snapshot is rebuilt. All in the caller's transaction.

#include "flow/projector/context.h"
#include "flow/projector/look.h"
#include "store/store.h"

namespace billhook::flow {

struct ProjectedSubscription {
    enum class Effect {
        written,
        stale,      // it told nothing new
        ask_again,  // what is known bears a later time and differs: nothing was written, look once more
        not_ours,   // nobody of ours; nothing was written
        duplicate,  // the line is held by another subscription: both will be read, and one too many is ended
    };
    Effect effect = Effect::not_ours;
    CustomerId customer;
    SubscriptionId subscription;
    std::string line;
};
char const* to_string(ProjectedSubscription::Effect effect);

Result<ProjectedSubscription> project_subscription(store::Writer& writer, ProjectorContext const& context,
                                                   SubscriptionLook const& look, Origin const& origin);
/// Stripe was asked at that time and knows no such subscription: what we know of it has ended. Under the system's
/// scope.
Result<ProjectedSubscription> project_gone_subscription(store::Writer& writer, ProjectorContext const& context,
                                                        std::string const& stripe_subscription_id, LookTime const& time,
                                                        Origin const& origin);

}  // namespace billhook::flow
