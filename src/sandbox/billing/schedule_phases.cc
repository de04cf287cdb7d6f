#include "sandbox/billing/schedule_phases.h"

#include <algorithm>

#include "sandbox/billing/cancellation.h"
#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view schedule_updated = "subscription_schedule.updated";
// Published as seven days before the end; but Stripe's own CLI, to trigger the event, moves its clock only to nine days
// before it.
constexpr Seconds notice_seconds = 10 * 86'400;

/// The position of the phase that holds now.
std::size_t current_position(JsonObject const& schedule) {
    auto const start = int_at(schedule, "current_phase.start_date");
    auto const& phases = array_at(schedule, "phases");
    for (std::size_t i = 0; i < phases.size(); ++i)
        if (int_at(phases[i].as_object(), "start_date") == start) return i;
    return phases.size();
}

std::optional<Seconds> end_notice_at(JsonObject const& schedule) {
    auto const& phases = array_at(schedule, "phases");
    if (phases.empty()) return std::nullopt;
    auto const end = int_at(phases.back().as_object(), "end_date");
    if (time_at(schedule, "sandbox_notice_for") == end) return std::nullopt;
    return end - notice_seconds;
}

Answer<JsonArray> discounts_of_phase(Call& call, std::string const& subscription_id, JsonObject const& phase) {
    auto const& subscription = *call.find("subscription", subscription_id);
    JsonArray ids;
    for (auto const& entry : array_at(phase, "discounts")) {
        auto const& wanted = entry.as_object();
        // What is already redeemed here goes on; it is not redeemed twice.
        if (auto const kept = redeemed_discount(call, subscription, wanted); !kept.empty()) {
            ids.emplace_back(kept);
            continue;
        }
        JsonObject given;
        for (auto const* name : {"coupon", "promotion_code", "discount"})
            if (auto const value = text_at(wanted, name); !value.empty()) given[name] = value;
        Json const one = JsonArray{Json(given)};
        auto made = TRY(redeem_discounts(call, &one,
                                         {.customer = text_at(subscription, "customer"),
                                          .subscription = subscription_id,
                                          .offer = Offer::agreed_before},
                                         "phases[discounts]"));
        ids.push_back(made.front());
    }
    return ids;
}

/// What an item of a phase makes of an item of the subscription, or of a new one.
ItemChange change_to_item(Call& call, std::string const& id, JsonObject const& wanted) {
    ItemChange change{.id = id,
                      .quantity = time_at(wanted, "quantity"),
                      .sets_discounts = true,
                      .tax_rates = array_at(wanted, "tax_rates"),
                      .param = "phases[items]"};
    auto discounts = given_discounts(wanted);
    if (auto const* present = call.find("subscription_item", id))
        for (auto& discount : discounts)
            if (auto const kept = redeemed_discount(call, *present, discount.as_object()); !kept.empty())
                discount = JsonObject{{"discount", kept}};
    change.discounts = std::move(discounts);
    return change;
}

Answer<void> bill_beside_phase(Call& call, std::string const& subscription, JsonObject const& phase) {
    for (auto const& entry : array_at(phase, "add_invoice_items"))
        TRY(create_item_beside(call, subscription, entry.as_object(), "phases[add_invoice_items]"));
    return {};
}

Answer<void> enter_phase(Call& call, std::string const& schedule_id, std::string const& subscription,
                         JsonObject const& phase) {
    expire_pending_update(call, subscription);
    auto change = TRY(change_to_phase(call, subscription, phase));
    change.waits_for_renewal = shortest_period(call, subscription).end <= call.now();
    apply_phase_settings(call, subscription, phase);
    TRY_VOID(bill_beside_phase(call, subscription, phase));
    TRY_VOID(carry_out(call, subscription, change, {.presence = Presence::off_session}));
    auto const before = call.view(object_type::subscription_schedule, schedule_id);
    call.edit(object_type::subscription_schedule, schedule_id)["current_phase"] = {
        {"start_date", phase.at("start_date")}, {"end_date", phase.at("end_date")}};
    call.emit_change(schedule_updated, object_type::subscription_schedule, schedule_id, before);
    return {};
}

void complete(Call& call, std::string const& schedule_id, std::string const& subscription) {
    auto& schedule = call.edit(object_type::subscription_schedule, schedule_id);
    schedule["status"] = "completed";
    schedule["completed_at"] = call.now();
    schedule["current_phase"] = nullptr;
    call.edit("subscription", subscription)["schedule"] = nullptr;
    call.emit_now("subscription_schedule.completed", object_type::subscription_schedule, schedule_id);
    end_at_its_time(call, subscription);
}

/// Both are told: its phases are done, and the subscription goes on without it.
void finish_and_release(Call& call, std::string const& id) {
    call.edit(object_type::subscription_schedule, id)["completed_at"] = call.now();
    call.emit_now("subscription_schedule.completed", object_type::subscription_schedule, id);
    release_schedule(call, id);
}

}  // namespace

std::optional<Seconds> next_schedule_moment(Call& call, JsonObject const& subscription) {
    auto const* schedule = call.find(object_type::subscription_schedule, text_at(subscription, "schedule"));
    if (!schedule) return std::nullopt;
    auto const end = time_at(*schedule, "current_phase.end_date");
    auto const notice = end_notice_at(*schedule);
    return notice && end ? std::min(*notice, *end) : end;
}

Answer<void> run_schedule(Call& call, std::string const& subscription) {
    auto const id = text_at(*call.find("subscription", subscription), "schedule");
    auto const* schedule = call.find(object_type::subscription_schedule, id);
    if (!schedule) return {};
    if (auto const notice = end_notice_at(*schedule); notice && *notice <= call.now()) {
        call.edit(object_type::subscription_schedule, id)["sandbox_notice_for"] =
            int_at(array_at(*schedule, "phases").back().as_object(), "end_date");
        call.emit_now("subscription_schedule.expiring", object_type::subscription_schedule, id);
    }
    auto const end = time_at(*schedule, "current_phase.end_date");
    if (!end || *end > call.now()) return {};
    auto const& phases = array_at(*schedule, "phases");
    auto const next = current_position(*schedule) + 1;
    if (next < phases.size()) {
        auto const phase = phases[next].as_object();
        return enter_phase(call, id, subscription, phase);
    }
    if (text_at(*schedule, "end_behavior") == "cancel")
        complete(call, id, subscription);
    else
        finish_and_release(call, id);
    return {};
}

Answer<SubscriptionChange> change_to_phase(Call& call, std::string const& subscription, JsonObject const& phase) {
    SubscriptionChange change{.proration = read_proration_behavior(phase), .offer = Offer::agreed_before};
    auto present = load_items(call, subscription);
    std::vector<JsonObject const*> others;
    for (auto const& entry : array_at(phase, "items")) {
        auto const& wanted = entry.as_object();
        auto const at =
            std::ranges::find(present, text_at(wanted, "price"), [](BilledItem const& item) { return item.price.id; });
        if (at == present.end()) {
            others.push_back(&wanted);
            continue;
        }
        change.items.push_back(change_to_item(call, at->id, wanted));
        present.erase(at);
    }
    for (auto const* wanted : others) {
        auto const id = present.empty() ? std::string{} : present.front().id;
        if (!present.empty()) present.erase(present.begin());
        change.items.push_back(change_to_item(call, id, *wanted));
        change.items.back().price = text_at(*wanted, "price");
    }
    for (auto const& gone : present) change.items.push_back({.id = gone.id, .is_deleted = true});
    change.resets_anchor = text_at(phase, "billing_cycle_anchor") == "phase_start";
    change.discounts = TRY(discounts_of_phase(call, subscription, phase));
    auto const trial_end = time_at(phase, "trial_end");
    if (trial_end && *trial_end > call.now()) change.trial_end = trial_end;
    change.ends_trial = !change.trial_end;
    return change;
}

void apply_phase_settings(Call& call, std::string const& id, JsonObject const& phase) {
    auto& subscription = call.edit("subscription", id);
    if (auto const* metadata = find(phase, "metadata"); metadata && metadata->is_object())
        merge_metadata(subscription, {{"metadata", *metadata}});
    for (auto const* name : {"default_payment_method", "collection_method", "description"})
        if (auto const value = text_at(phase, name); !value.empty()) subscription[name] = value;
    if (auto const days = time_at(phase, "invoice_settings.days_until_due")) subscription["days_until_due"] = *days;
    if (text_at(subscription, "collection_method") != "send_invoice") subscription["days_until_due"] = nullptr;
    for (auto const& [name, value] : given_invoice_settings(phase))
        subscription["invoice_settings"].as_object()[name] = value;
    if (auto const* rates = find(phase, "default_tax_rates")) subscription["default_tax_rates"] = *rates;
    if (auto const* tax = value_at(phase, "automatic_tax.enabled"))
        subscription["automatic_tax"].as_object()["enabled"] = *tax;
}

JsonArray given_discounts(JsonObject const& holder) {
    JsonArray discounts;
    for (auto const& entry : array_at(holder, "discounts")) {
        JsonObject discount;
        for (auto const& [name, id] : entry.as_object())
            if (id.is_string()) discount[name] = id;
        discounts.push_back(std::move(discount));
    }
    return discounts;
}

JsonObject given_invoice_settings(JsonObject const& phase) {
    JsonObject settings;
    auto const* given = find(phase, "invoice_settings");
    if (!given || !given->is_object()) return settings;
    for (auto const& [name, value] : given->get_object())
        if (name != "days_until_due" && !value.is_null()) settings[name] = value;
    return settings;
}

std::string redeemed_discount(Call& call, JsonObject const& holder, JsonObject const& wanted) {
    for (auto const& id : array_at(holder, "discounts")) {
        auto const& discount = *call.find("discount", as_view(id.as_string()));
        for (auto const& [name, own] : {std::pair{"coupon", "source.coupon"}, {"promotion_code", "promotion_code"}})
            if (auto const given = text_at(wanted, name); !given.empty() && given == text_at(discount, own))
                return text_at(discount, "id");
    }
    return {};
}

JsonArray phase_items_of(Call& call, std::string const& subscription) {
    JsonArray items;
    for (auto const& item : load_items(call, subscription)) {
        JsonArray discounts;
        for (auto const& id : item.discounts)
            discounts.push_back(JsonObject{{"coupon", nullptr}, {"discount", id}, {"promotion_code", nullptr}});
        JsonObject shown{{"billing_thresholds", nullptr}, {"discounts", std::move(discounts)},
                         {"metadata", item.metadata},     {"plan", item.price.id},
                         {"price", item.price.id},        {"tax_rates", item.tax_rates}};
        if (!item.price.is_metered) shown["quantity"] = item.quantity;
        items.push_back(std::move(shown));
    }
    return items;
}

void rewrite_current_phase(Call& call, std::string const& subscription) {
    auto const id = text_at(*call.find("subscription", subscription), "schedule");
    auto const* schedule = call.find(object_type::subscription_schedule, id);
    if (!schedule) return;
    auto const position = current_position(*schedule);
    if (position >= array_at(*schedule, "phases").size()) return;
    auto const before = call.view(object_type::subscription_schedule, id);
    auto items = phase_items_of(call, subscription);
    call.edit(object_type::subscription_schedule, id)["phases"].as_array()[position].as_object()["items"] =
        std::move(items);
    call.emit_change(schedule_updated, object_type::subscription_schedule, id, before);
}

void end_schedule_of(Call& call, std::string const& subscription) {
    auto const id = text_at(*call.find("subscription", subscription), "schedule");
    if (!call.find(object_type::subscription_schedule, id)) return;
    auto& schedule = call.edit(object_type::subscription_schedule, id);
    schedule["status"] = "canceled";
    schedule["canceled_at"] = call.now();
    schedule["current_phase"] = nullptr;
    call.edit("subscription", subscription)["schedule"] = nullptr;
    call.emit_now("subscription_schedule.canceled", object_type::subscription_schedule, id);
}

void release_schedule(Call& call, std::string const& id) {
    auto const subscription = text_at(*call.find(object_type::subscription_schedule, id), "subscription");
    auto& schedule = call.edit(object_type::subscription_schedule, id);
    schedule["status"] = "released";
    schedule["released_at"] = call.now();
    schedule["released_subscription"] = or_null(subscription);
    schedule["subscription"] = nullptr;
    schedule["current_phase"] = nullptr;
    call.emit_now("subscription_schedule.released", object_type::subscription_schedule, id);
    if (subscription.empty()) return;
    auto const before = call.view("subscription", subscription);
    call.edit("subscription", subscription)["schedule"] = nullptr;
    call.emit_change("customer.subscription.updated", "subscription", subscription, before);
}

}  // namespace billhook::sandbox
