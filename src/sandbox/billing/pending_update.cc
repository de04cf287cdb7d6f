#include "sandbox/billing/pending_update.h"

#include <algorithm>
#include <array>

#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_invoice.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

constexpr std::array<std::string_view, 11> allowed = {
    "items",     "proration_behavior", "proration_date",   "billing_cycle_anchor", "trial_end",  "trial_from_plan",
    "discounts", "metadata",           "payment_behavior", "add_invoice_items",    "off_session"};

/// The items as they will be, in the shape of subscription items.
JsonArray shown_items(Call& call, PlannedUpdate const& update) {
    JsonArray items;
    for (auto const& item : update.items) {
        JsonObject shown{{"id", item.id},
                         {"created", call.now()},
                         {"current_period_end", item.period.end},
                         {"current_period_start", item.period.start},
                         {"discounts", item.discounts},
                         {"metadata", item.metadata},
                         {"price", item.price.id},
                         {"quantity", item.quantity},
                         {"subscription", update.subscription},
                         {"tax_rates", JsonArray{}}};
        if (auto const* present = call.find("subscription_item", item.id)) shown["created"] = present->at("created");
        if (item.price.is_metered) shown.erase("quantity");
        call.complete("subscription_item", shown);
        items.push_back(std::move(shown));
    }
    return items;
}

/// Takes the update away; its invoice's id.
std::string forget_pending_update(Call& call, std::string const& id) {
    auto invoice = pending_invoice_of(*call.find(object_type::subscription, id));
    auto& subscription = call.edit(object_type::subscription, id);
    subscription["pending_update"] = nullptr;
    subscription.erase("sandbox_pending_update");
    subscription.erase("sandbox_pending_invoice");
    return invoice;
}

void void_if_open(Call& call, std::string const& invoice) {
    if (text_at(*call.find("invoice", invoice), "status") == "open") void_invoice(call, invoice);
}

}  // namespace

std::string pending_invoice_of(JsonObject const& subscription) {
    return text_at(subscription, "sandbox_pending_invoice");
}

void keep_pending_update(Call& call, PlannedUpdate const& update, std::string const& invoice) {
    auto const items = load_items(call, update.subscription);
    auto expires_at = std::min(call.now() + seconds_to_pay, shortest_period(items).end);
    bool const moves_anchor = update.plan.anchor != int_at(*call.find(object_type::subscription, update.subscription),
                                                           "billing_cycle_anchor");
    auto shown = shown_items(call, update);
    auto& subscription = call.edit(object_type::subscription, update.subscription);
    if (update.trial_end) expires_at = std::min(expires_at, *update.trial_end);
    subscription["sandbox_pending_update"] = to_json(update);
    subscription["sandbox_pending_invoice"] = invoice;
    subscription["pending_update"] = {
        {"billing_cycle_anchor", moves_anchor ? Json(update.plan.anchor) : Json(nullptr)},
        {"cancel_at_period_end", nullptr},
        {"discount", nullptr},
        {"discounts", update.discounts ? Json(*update.discounts) : Json(nullptr)},
        {"expires_at", expires_at},
        {"metadata", update.metadata.empty() ? Json(nullptr) : update.metadata.at("metadata")},
        {"subscription_items", std::move(shown)},
        {"trial_end", or_null(update.trial_end)},
        {"trial_from_plan", nullptr}};
}

void apply_pending_update(Call& call, std::string const& id) {
    auto const before = call.view(object_type::subscription, id);
    auto const kept = find(*call.find(object_type::subscription, id), "sandbox_pending_update")->as_object();
    auto const update = planned_update_from(call, kept);
    auto const invoice = forget_pending_update(call, id);
    commit_update(call, update);
    use_up_once(call, id, invoice);
    call.emit_now("customer.subscription.pending_update_applied", object_type::subscription, id);
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    rewrite_current_phase(call, id);
    follow_up(call, id);
}

void expire_pending_update(Call& call, std::string const& id) {
    if (pending_invoice_of(*call.find(object_type::subscription, id)).empty()) return;
    auto const before = call.view(object_type::subscription, id);
    auto const invoice = forget_pending_update(call, id);
    void_if_open(call, invoice);
    call.emit_now("customer.subscription.pending_update_expired", object_type::subscription, id);
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
}

void drop_pending_update(Call& call, std::string const& id) {
    if (pending_invoice_of(*call.find(object_type::subscription, id)).empty()) return;
    void_if_open(call, forget_pending_update(call, id));
}

Answer<void> check_pending_parameters(JsonObject const& params) {
    for (auto const& [key, value] : params) {
        std::string_view const name(key.data(), key.size());
        if (std::ranges::find(allowed, name) == allowed.end())
            return refuse(
                bad_request("`" + std::string(name) + "` cannot be used with `payment_behavior=pending_if_incomplete`.",
                            std::string(name)));
    }
    return {};
}

}  // namespace billhook::sandbox
