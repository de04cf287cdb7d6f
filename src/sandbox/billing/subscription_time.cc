#include "sandbox/billing/subscription_time.h"

#include <algorithm>

#include "sandbox/billing/cancellation.h"
#include "sandbox/billing/entitlements.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/period.h"
#include "sandbox/billing/preview.h"
#include "sandbox/billing/renewal.h"
#include "sandbox/billing/resumption.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/trial_end.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view due_kind = "subscription.due";
constexpr Seconds incomplete_seconds = 23 * 3600;
constexpr Seconds trial_notice_seconds = 3 * seconds_per_day;

/// When invoice.upcoming is to be sent for the running period; nothing when it was sent or none will come.
std::optional<Seconds> upcoming_notice_at(Call& call, JsonObject const& subscription, Span period) {
    if (text_at(subscription, "collection_method") != "charge_automatically") return std::nullopt;
    if (time_at(subscription, "sandbox_upcoming_for") == period.end) return std::nullopt;
    if (auto const end = time_at(subscription, "cancel_at"); end && *end <= period.end) return std::nullopt;
    return std::max(period.end - call.world().settings.invoice_upcoming_days * seconds_per_day, period.start);
}

std::optional<Seconds> trial_notice_at(JsonObject const& subscription) {
    auto const end = time_at(subscription, "trial_end");
    if (text_at(subscription, "status") != "trialing" || !end) return std::nullopt;
    if (time_at(subscription, "sandbox_trial_notice_for") == end) return std::nullopt;
    return *end - trial_notice_seconds;
}

class Earliest {
  public:
    void offer(std::optional<Seconds> at) {
        if (at && (!earliest_ || *at < *earliest_)) earliest_ = at;
    }
    std::optional<Seconds> get() const { return earliest_; }

  private:
    std::optional<Seconds> earliest_;
};

std::optional<Seconds> next_due(Call& call, JsonObject const& subscription) {
    auto const status = text_at(subscription, "status");
    if (is_terminal(status)) return std::nullopt;
    if (status == "incomplete") return int_at(subscription, "created") + incomplete_seconds;
    Earliest due;
    if (status == "paused") {
        due.offer(time_at(subscription, "sandbox_resumption_expires_at"));
        due.offer(time_at(subscription, "cancel_at"));
        return due.get();
    }
    auto const period = shortest_period(call, text_at(subscription, "id"));
    due.offer(period.end);
    due.offer(time_at(subscription, "cancel_at"));
    due.offer(time_at(subscription, "pending_update.expires_at"));
    due.offer(time_at(subscription, "pause_collection.resumes_at"));
    due.offer(next_schedule_moment(call, subscription));
    due.offer(trial_notice_at(subscription));
    due.offer(upcoming_notice_at(call, subscription, period));
    return due.get();
}

bool is_due(Call& call, std::optional<Seconds> at) {
    return at && *at <= call.now();
}

void pass_boundary(Call& call, std::string const& id) {
    if (shortest_period(call, id).end > call.now()) return;
    auto const before = call.view(object_type::subscription, id);
    auto const& subscription = *call.find(object_type::subscription, id);
    bool const ends_trial =
        text_at(subscription, "status") == "trialing" && is_due(call, time_at(subscription, "trial_end"));
    if (ends_trial) {
        if (stops_at_trial_end(call, subscription)) return stop_at_trial_end(call, id);
        call.edit(object_type::subscription, id)["status"] = "active";
    }
    auto const invoice = renew_items(call, id, call.now());
    if (!invoice.empty()) hand_over_cycle_invoice(call, id, invoice);
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
}

void resume_collection(Call& call, std::string const& id) {
    auto const before = call.view(object_type::subscription, id);
    call.edit(object_type::subscription, id)["pause_collection"] = nullptr;
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
}

void send_notices(Call& call, std::string const& id) {
    if (is_due(call, trial_notice_at(*call.find(object_type::subscription, id)))) announce_trial_end(call, id);
    auto const period = shortest_period(call, id);
    if (!is_due(call, upcoming_notice_at(call, *call.find(object_type::subscription, id), period))) return;
    call.edit(object_type::subscription, id)["sandbox_upcoming_for"] = period.end;
    if (auto upcoming = preview_next_cycle(call, id)) {
        upcoming->erase("id");  // the invoice announced does not exist yet
        call.emit("invoice.upcoming", *upcoming);
    }
}

/// False when the subscription has come to its end.
bool pass_expiries(Call& call, std::string const& id) {
    auto const status_now = [&] { return text_at(*call.find(object_type::subscription, id), "status"); };
    if (status_now() == "incomplete") {
        expire_incomplete(call, id);
        return false;
    }
    if (is_due(call, time_at(*call.find(object_type::subscription, id), "pending_update.expires_at")))
        expire_pending_update(call, id);
    if (is_due(call, time_at(*call.find(object_type::subscription, id), "sandbox_resumption_expires_at")))
        expire_resumption(call, id);
    if (is_due(call, time_at(*call.find(object_type::subscription, id), "cancel_at"))) {
        end_at_its_time(call, id);
        return false;
    }
    return status_now() != "paused";
}

Answer<void> run_due(Call& call, std::string const& id) {
    auto const* subscription = call.find(object_type::subscription, id);
    if (!subscription || is_terminal(text_at(*subscription, "status"))) return {};
    if (text_at(*subscription, "status") != "paused") TRY_VOID(run_schedule(call, id));
    if (is_terminal(text_at(*call.find(object_type::subscription, id), "status"))) return {};
    if (pass_expiries(call, id)) {
        pass_boundary(call, id);
        auto const status = text_at(*call.find(object_type::subscription, id), "status");
        if (!is_terminal(status) && status != "paused") {
            if (is_due(call, time_at(*call.find(object_type::subscription, id), "pause_collection.resumes_at")))
                resume_collection(call, id);
            send_notices(call, id);
        }
    }
    follow_up(call, id);
    return {};
}

Seconds advance_limit(World& world, std::string const& clock, Seconds frozen) {
    auto latest = add_intervals(frozen, {IntervalUnit::year, 1}, 2);
    Call call(world);
    for (auto const& [sequence, subscription] : world.store.where(object_type::subscription, "test_clock", clock)) {
        if (is_terminal(text_at(subscription->object, "status"))) continue;
        for (auto const& item : load_items(call, subscription->id))
            latest = std::min(latest, add_intervals(frozen, *item.price.interval, 2));
    }
    return latest;
}

}  // namespace

void follow_up(Call& call, std::string const& id) {
    if (auto const at = next_due(call, *call.find(object_type::subscription, id)))
        call.schedule(due_kind, id, *at);
    else
        call.unschedule(due_kind, id);
    refresh_entitlements(call, text_at(*call.find(object_type::subscription, id), "customer"));
}

void announce_trial_end(Call& call, std::string const& id) {
    auto& subscription = call.edit(object_type::subscription, id);
    subscription["sandbox_trial_notice_for"] = int_at(subscription, "trial_end");
    call.emit_now("customer.subscription.trial_will_end", object_type::subscription, id);
}

void add_subscription_time(World& world) {
    world.store.add_index(object_type::subscription, "test_clock");
    world.registry.on_due(due_kind, run_due);
    world.advance_limit = [&world](std::string const& clock, std::int64_t frozen) {
        return advance_limit(world, clock, frozen);
    };
}

}  // namespace billhook::sandbox
