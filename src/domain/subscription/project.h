#pragma once
// What one look at Stripe makes of the record that we keep. Looks arrive late, doubled and shuffled; whichever order
// they come in, the newest decides, and what has ended stays ended.

#include <optional>
#include <string>

#include "domain/subscription/subscription.h"

namespace billhook::subscription {

/// When Stripe said something. A read tells at best what was so when it began; the answer to a write is newer than
/// anything that was read before it returned.
struct LookTime {
    Timestamp began;
    Timestamp returned;
    bool is_write = false;
    Timestamp stamp() const { return is_write ? returned : began; }
};

struct Projection {
    enum class Effect {
        fresh,      // `record` is to be kept
        stale,      // it tells nothing new, or brings back what has ended; `record` is what is known
        ask_again,  // it tells something else than what bears a later time: a write's answer that crossed another look,
                    // or a look that was overtaken. Clocks differ, so which is newer a further read must tell
    };
    Effect effect = Effect::stale;
    Subscription record;
    std::optional<HistoryEntry> history;  // where the status or the plan moved; the caller gives it an id
};

/// `observed` is what Stripe said, with the plan resolved and the identity set; `owed_since` when its open invoice was
/// due, where that is known. `cause` goes into the history.
Projection project(std::optional<Subscription> const& current, Subscription observed, LookTime const& look,
                   std::optional<Timestamp> owed_since, std::string const& cause);

}  // namespace billhook::subscription
