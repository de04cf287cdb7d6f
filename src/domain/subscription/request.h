#pragma once
// What a request for one line leads to: a new intent, the intent that is already carrying the same wish, the present
// state because it is so already, or something to undo before the question can be asked again. Nothing here calls
// Stripe or writes; the commands in flow do, with what these rules answer.

#include <optional>
#include <string>
#include <vector>

#include "domain/subscription/compare.h"
#include "domain/subscription/pending_change_table.h"

namespace billhook::subscription {

struct Decision {
    enum class Kind { begin, join, already, undo_first };
    Kind kind = Kind::already;
    Intent intent;           // for begin and join; for undo_first the pending one that is in the way, if any
    std::vector<Undo> undo;  // for undo_first
};

/// What a new intent is stamped with.
struct Stamp {
    IntentId intent;
    SubscriptionId subscription;  // for the subscription a purchase would make
    std::string cause;            // "customer:…", "operator:…", "key:…"
    Timestamp now;
};

/// A wish that is repeated within this time is taken for the same click.
constexpr Duration same_click_window = Duration::seconds(10);

/// The same kind of change with the same aim; what Stripe has answered so far does not matter.
bool is_same_wish(Intent const& a, Intent const& b);

struct PurchaseWish {
    Target target;
    std::string currency;
    bool without_checkout = false;     // a trial that needs no card starts at once
    bool is_separate_attempt = false;  // the caller's own idempotency key says that this is not the same click
    std::string success_url;
    std::string cancel_url;
};
/// Errors: conflict as the table says; invalid "plan" for a plan that is sold by people only, or has no such price.
Result<Decision> request_purchase(catalog::Catalog const& catalog, Standing const& standing, PurchaseWish const& wish,
                                  Stamp const& stamp);

/// Which way the caller's door leads.
enum class Direction { any, up_only, down_only };

struct ChangeWish {
    Target target;
    std::optional<Effective> at;  // nullopt: now for more, period end for less
    Direction direction = Direction::any;
    bool is_by_operator = false;  // may step down at once, and to plans that are sold by people
};
/// What is so already, or was changed to a moment ago, is answered with the state.
/// Errors: conflict "same_plan" (where the door leads one way), "lower_plan", "not_lower", "downgrade_blocked", and as
/// the table says; invalid "plan".
Result<Decision> request_change_plan(catalog::Catalog const& catalog, Standing const& standing, ChangeWish const& wish,
                                     Comparison const& comparison, Stamp const& stamp);

enum class CancelAt { period_end, now };
char const* to_string(CancelAt at);
std::optional<CancelAt> parse_cancel_at(std::string_view word);

enum class Refund { none, prorated, full };
char const* to_string(Refund refund);
std::optional<Refund> parse_refund(std::string_view word);

struct CancelWish {
    CancelAt at = CancelAt::period_end;
    Refund refund = Refund::none;  // with CancelAt::now only
    std::string reason;            // in the words of who cancels; may be empty
};
Result<Decision> request_cancel(Standing const& standing, CancelWish const& wish, Stamp const& stamp);
Result<Decision> request_resume(Standing const& standing, Stamp const& stamp);
/// Calls off the scheduled change, or the change that waits for its payment.
Result<Decision> request_withdraw(Standing const& standing, Stamp const& stamp);

/// The aim of an intent that changes or buys a plan.
Target target_of(Intent const& intent);

}  // namespace billhook::subscription
