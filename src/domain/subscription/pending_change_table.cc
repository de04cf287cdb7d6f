#include "domain/subscription/pending_change_table.h"

#include <algorithm>
#include <array>

namespace billhook::subscription {

namespace {

enum class Reason {
    line_already_held,
    no_subscription,
    payment_overdue,
    subscription_paused,
    first_payment_pending,
    change_in_progress,
    change_scheduled,
    cancellation_scheduled,
};

struct ReasonWords {
    char const* reason;
    char const* detail;
};

ReasonWords words_of(Reason reason) {
    switch (reason) {
        case Reason::line_already_held:
            return {"line_already_held",
                    "A subscription of this line is already held; change its plan instead of buying another."};
        case Reason::no_subscription:
            return {"no_subscription", "There is no subscription of this line; purchase a plan first."};
        case Reason::payment_overdue:
            return {"payment_overdue", "A payment is overdue; pay the open invoice first."};
        case Reason::subscription_paused:
            return {"subscription_paused", "The subscription is paused; resume it first."};
        case Reason::first_payment_pending:
            return {"first_payment_pending",
                    "The first payment of this subscription is outstanding; pay it, or cancel the subscription."};
        case Reason::change_in_progress:
            return {"change_in_progress",
                    "Another change of this subscription is under way; wait for it, pay it or withdraw it."};
        case Reason::change_scheduled:
            return {"change_scheduled", "A change is scheduled for the end of the period; withdraw it first."};
        case Reason::cancellation_scheduled:
            return {"cancellation_scheduled",
                    "The subscription is cancelled to the end of its period; resume it first."};
    }
    return {"", ""};
}

struct Cell {
    enum class Kind { no_opinion, allow, already, replace, refuse };
    Kind kind = Kind::no_opinion;
    Undo undo = Undo::checkout;
    Reason reason = Reason::line_already_held;
};

constexpr Cell none{};
constexpr Cell allow{Cell::Kind::allow};
constexpr Cell already{Cell::Kind::already};
constexpr Cell undo(Undo what) {
    return {Cell::Kind::replace, what};
}
constexpr Cell refuse(Reason why) {
    return {Cell::Kind::refuse, Undo::checkout, why};
}

constexpr Cell held = refuse(Reason::line_already_held);
constexpr Cell absent = refuse(Reason::no_subscription);
constexpr Cell owed = refuse(Reason::payment_overdue);
constexpr Cell paused = refuse(Reason::subscription_paused);
constexpr Cell unborn = refuse(Reason::first_payment_pending);
constexpr Cell busy = refuse(Reason::change_in_progress);
constexpr Cell dated = refuse(Reason::change_scheduled);
constexpr Cell leaving = refuse(Reason::cancellation_scheduled);
constexpr Cell undo_checkout = undo(Undo::checkout);
constexpr Cell undo_unpaid = undo(Undo::unpaid_change);
constexpr Cell undo_dated = undo(Undo::scheduled_change);

constexpr int request_count = 9;
constexpr int situation_count = 12;

// Rows and columns in the order of the enums.
// clang-format off
constexpr std::array<std::array<Cell, request_count>, situation_count> table{{
    //                     purchase       upgrade     at end     interval    quantity cancel      cancel now   resume   withdraw
    /* free             */ {allow,         absent,     absent,    absent,     absent,  absent,     absent,      absent,  absent},
    /* active           */ {held,          allow,      allow,     allow,      allow,   allow,      allow,       already, already},
    /* in_trial         */ {held,          allow,      allow,     allow,      allow,   allow,      allow,       already, already},
    /* past_due         */ {held,          owed,       allow,     owed,       owed,    allow,      allow,       already, already},
    /* unpaid           */ {held,          owed,       owed,      owed,       owed,    allow,      allow,       already, already},
    /* paused           */ {held,          paused,     paused,    paused,     paused,  allow,      allow,       allow,   already},
    /* incomplete       */ {unborn,        unborn,     unborn,    unborn,     unborn,  unborn,     allow,       unborn,  already},
    /* change_in_flight */ {busy,          busy,       busy,      busy,       busy,    busy,       busy,        busy,    busy},
    /* checkout_open    */ {undo_checkout, none,       none,      none,       none,    none,       none,        none,    none},
    /* awaiting_payment */ {none,          busy,       busy,      busy,       busy,    undo_unpaid, undo_unpaid, none,   undo_unpaid},
    /* change_scheduled */ {none,          undo_dated, allow,     undo_dated, dated,   undo_dated, undo_dated,  none,    allow},
    /* cancel_scheduled */ {none,          leaving,    leaving,   leaving,    leaving, already,    none,        allow,   none},
}};
// clang-format on

Cell const& cell_of(Situation situation, Request request) {
    return table[static_cast<std::size_t>(situation)][static_cast<std::size_t>(request)];
}

Situation base_situation(std::optional<Subscription> const& held) {
    if (!held) return Situation::free;
    switch (held->status) {
        case Status::incomplete:
            return Situation::incomplete;
        case Status::trialing:
            return Situation::in_trial;
        case Status::active:
            return Situation::active;
        case Status::past_due:
            return Situation::past_due;
        case Status::unpaid:
            return Situation::unpaid;
        case Status::paused:
            return Situation::paused;
        case Status::canceled:
        case Status::incomplete_expired:
            return Situation::free;
    }
    return Situation::free;
}

Situation pending_situation(Intent const& pending) {
    if (pending.parameters.contains("awaiting_payment")) return Situation::awaiting_payment;
    if (pending.kind == IntentKind::purchase && pending.parameters.contains("session")) return Situation::checkout_open;
    return Situation::change_in_flight;
}

}  // namespace

char const* to_string(Request request) {
    constexpr std::array<char const*, request_count> words{"purchase",   "upgrade",  "change_at_period_end",
                                                           "interval",   "quantity", "cancel",
                                                           "cancel_now", "resume",   "withdraw"};
    return words[static_cast<std::size_t>(request)];
}

char const* to_string(Situation situation) {
    constexpr std::array<char const*, situation_count> words{
        "free",       "active",           "in_trial",      "past_due",         "unpaid",           "paused",
        "incomplete", "change_in_flight", "checkout_open", "awaiting_payment", "change_scheduled", "cancel_scheduled"};
    return words[static_cast<std::size_t>(situation)];
}

char const* to_string(Undo undo) {
    switch (undo) {
        case Undo::checkout:
            return "checkout";
        case Undo::unpaid_change:
            return "unpaid_change";
        case Undo::scheduled_change:
            return "scheduled_change";
    }
    return "";
}

std::vector<Situation> situations_of(Standing const& standing) {
    std::vector<Situation> out{base_situation(standing.held)};
    if (standing.pending) out.push_back(pending_situation(*standing.pending));
    if (out.front() == Situation::free) return out;
    if (standing.scheduled && standing.scheduled->status == ScheduledChangeStatus::scheduled)
        out.push_back(Situation::change_scheduled);
    if (standing.held->cancel_at_period_end || standing.held->cancel_at) out.push_back(Situation::cancel_scheduled);
    return out;
}

Result<Ruling> rule(std::vector<Situation> const& situations, Request request) {
    // What is under way speaks before the state it is under way in.
    std::vector<Situation> order(situations);
    std::rotate(order.begin(), order.begin() + (order.empty() ? 0 : 1), order.end());
    Ruling ruling;
    std::optional<Verdict> first;
    for (auto situation : order) {
        auto const& cell = cell_of(situation, request);
        switch (cell.kind) {
            case Cell::Kind::no_opinion:
                break;
            case Cell::Kind::allow:
                first = first.value_or(Verdict::allow);
                break;
            case Cell::Kind::already:
                first = first.value_or(Verdict::already);
                break;
            case Cell::Kind::replace:
                ruling.undo.push_back(cell.undo);
                break;
            case Cell::Kind::refuse: {
                auto words = words_of(cell.reason);
                return fail(conflict(words.reason, words.detail));
            }
        }
    }
    ruling.verdict = ruling.undo.empty() ? first.value_or(Verdict::allow) : Verdict::replace;
    return ruling;
}

std::string describe_cell(Situation situation, Request request) {
    auto const& cell = cell_of(situation, request);
    switch (cell.kind) {
        case Cell::Kind::no_opinion:
            return "-";
        case Cell::Kind::allow:
            return "allow";
        case Cell::Kind::already:
            return "already";
        case Cell::Kind::replace:
            return std::string("replace(") + to_string(cell.undo) + ")";
        case Cell::Kind::refuse:
            return std::string("409 ") + words_of(cell.reason).reason;
    }
    return "";
}

}  // namespace billhook::subscription
