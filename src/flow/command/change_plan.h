#pragma once
// Changing what is held: upgrade now or at next billing, downgrade at period end, interval and quantity; and the
// preview of each. A payment that fails or needs the payer leaves the old plan in force.

#include <optional>
#include <string>
#include <vector>

#include "domain/subscription/compare.h"
#include "domain/subscription/request.h"
#include "flow/command/context.h"
#include "flow/command/subscription_view.h"

namespace billhook::flow {

struct PlanQuote {
    std::string code;
    std::string name;
    std::string line;
    int rank = 0;
    IntervalUnit interval = IntervalUnit::month;
    std::optional<std::int64_t> amount;  // minor units, for one; nullopt where the plan is not sold like that
    std::string currency;
};

struct NextInvoice {
    std::int64_t amount = 0;
    Timestamp at;
};

struct Blocked {
    std::string code;
    std::string detail;
};

/// What a change would mean; nothing is done. Amounts are in minor units of `currency`.
struct ChangeView {
    subscription::Relation relation = subscription::Relation::new_plan;
    std::optional<PlanQuote> current;
    PlanQuote target;
    std::int64_t quantity = 1;
    subscription::Effective effective = subscription::Effective::now;
    Timestamp effective_at;
    std::int64_t amount_due_now = 0;
    std::int64_t credit = 0;  // of what was paid and is not used
    std::string currency;
    std::optional<NextInvoice> next_invoice;
    std::optional<Timestamp> proration_date;  // what is prorated is reckoned from here
    std::vector<subscription::FeatureChange> gains;
    std::vector<subscription::FeatureChange> losses;
    std::vector<subscription::Excess> exceeds;
    std::optional<Blocked> blocked;  // why the change would be refused
};

struct ChangeRequest {
    Asker asker;
    subscription::Target target;  // quantity 0: as it is
    std::optional<subscription::Effective> at;
    subscription::Direction direction = subscription::Direction::any;
};

struct ChangeAnswer {
    SubscriptionView subscription;
    ChangeView change;
};

/// Keeps what it says: the change, if it follows within the hour and from the same state, costs exactly this.
/// Errors: not_found "unknown_plan", "unknown_customer". What would refuse the change is said in `blocked`.
Result<ChangeView> preview_change(CommandContext const& context, ChangeRequest const& request);

/// Errors: as subscription::request_change_plan; conflict "quote_outdated" where Stripe does not let the change be
/// reckoned; and payment_required ("payment_failed", "authentication_required"): the old plan stays, and
/// extra.action_url leads to the page that pays for this very change.
Result<ChangeAnswer> change_plan(CommandContext const& context, ChangeRequest const& request);

/// Calls off the scheduled change of the line, or the change that waits for its payment.
Result<SubscriptionView> withdraw_change(CommandContext const& context, Asker const& asker, std::string const& line);

}  // namespace billhook::flow
