#pragma once
// A new request meets what is already under way: allow, undo something first, or refuse. The table of
// docs/decisions/0010-pending-change-table.md, cell by cell; its test reads both.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/subscription/intent.h"
#include "domain/subscription/scheduled_change.h"

namespace billhook::subscription {

enum class Request {
    purchase,
    upgrade,               // another plan now; an operator's immediate downgrade too
    change_at_period_end,  // a downgrade, or any other plan or rhythm "at next billing"
    interval,              // the same plan in a longer rhythm, now
    quantity,
    cancel,  // at period end
    cancel_now,
    resume,
    withdraw,  // calls off the scheduled change or the unpaid one
};
char const* to_string(Request request);

/// The first seven exclude one another; of the others any number may hold.
enum class Situation {
    free,
    active,
    in_trial,
    past_due,
    unpaid,
    paused,
    incomplete,
    change_in_flight,
    checkout_open,
    awaiting_payment,
    change_scheduled,
    cancel_scheduled,
};
char const* to_string(Situation situation);

enum class Undo { checkout, unpaid_change, scheduled_change };
char const* to_string(Undo undo);

enum class Verdict { allow, replace, already };

struct Ruling {
    Verdict verdict = Verdict::allow;
    std::vector<Undo> undo;  // for `replace`, in the order in which to undo
    bool operator==(Ruling const&) const = default;
};

/// All that is known of one customer on one line when a request arrives.
struct Standing {
    CustomerId customer;
    std::string line;
    std::optional<Subscription> held;  // the live subscription; a record that has ended counts as none
    std::optional<Intent> pending;
    std::optional<Intent> last;  // the line's latest intent that has ended
    std::optional<ScheduledChange> scheduled;
    bool had_subscription = false;  // of this line, ever; a second trial is not given
};

/// The first situation is the one of the excluding group.
std::vector<Situation> situations_of(Standing const& standing);

/// Errors: conflict, with the table's reason and a sentence that says what to do.
Result<Ruling> rule(std::vector<Situation> const& situations, Request request);

/// The cell as the decision writes it: "allow", "-", "already", "replace(checkout)", "409 line_already_held".
std::string describe_cell(Situation situation, Request request);

}  // namespace billhook::subscription
