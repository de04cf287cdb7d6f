#pragma once
// A look at Stripe: what it said about one object, and when. Taken outside of any transaction, projected inside one.

#include <optional>
#include <string>

#include "base/clock.h"
#include "domain/customer/customer.h"
#include "domain/subscription/project.h"
#include "gateway/stripe/objects.h"

namespace billhook::stripe {
class Client;
}

namespace billhook::flow {

using subscription::LookTime;

/// Why something is projected, and whose it is where that is known; else it is found by our ids in Stripe's metadata or
/// by the Stripe ids that we stored, which needs the system's scope.
struct Origin {
    std::string cause;  // for the history: "event:evt_…", "intent:int_…", "operator:…", "read"
    std::optional<CustomerId> customer;
};

struct SubscriptionLook {
    stripe::Subscription subscription;
    std::optional<stripe::SubscriptionSchedule> schedule;  // where one is attached and was read too
    LookTime time;
};

/// Reads the subscription and the schedule that is attached to it.
Result<SubscriptionLook> look_at_subscription(stripe::Client const& stripe, Clock const& clock, std::string const& id);

/// Times the call that makes it: the answer of a write.
template <class Call>
auto timed_write(Clock const& clock, LookTime& time, Call const& call) {
    time = {clock.now(), {}, true};
    auto answer = call();
    time.returned = clock.now();
    return answer;
}

}  // namespace billhook::flow
