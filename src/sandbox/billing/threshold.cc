#include "sandbox/billing/threshold.h"

#include "sandbox/billing/fields.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/renewal.h"
#include "sandbox/billing/subscription_invoice.h"
#include "sandbox/billing/usage.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

constexpr std::int64_t amount_min = 50;

struct Accrued {
    std::vector<NewLine> lines;       // of the metered items that were used
    std::vector<BilledItem> items;    // of those lines
    std::vector<std::int64_t> usage;  // of those items in the whole period so far
    std::int64_t amount = 0;
    std::vector<std::size_t> by_usage;  // lines whose item has reached its own threshold
};

Accrued accrue(Call& call, std::string const& id) {
    Accrued accrued;
    auto const customer = text_at(*call.find(object_type::subscription, id), "customer");
    for (auto const& item : load_items(call, id)) {
        if (!item.price.is_metered) continue;
        Span const so_far{item.period.start, call.now() + 1};  // this second's usage counts
        auto line = usage_line(call, id, item, so_far);
        line.span.end = call.now();
        auto const& stored = *call.find(object_type::subscription_item, item.id);
        auto const usage_gte = time_at(stored, "billing_thresholds.usage_gte");
        if (line.quantity <= 0) continue;
        if (usage_gte && line.quantity >= *usage_gte) accrued.by_usage.push_back(accrued.lines.size());
        accrued.amount += line.amount;
        accrued.usage.push_back(usage_of(call, customer, item, so_far));
        accrued.lines.push_back(std::move(line));
        accrued.items.push_back(item);
    }
    return accrued;
}

JsonObject reason_of(Call& call, Accrued const& accrued, std::vector<std::string> const& line_ids, Json amount_gte) {
    JsonArray item_reasons;
    for (auto const i : accrued.by_usage) {
        auto const& stored = *call.find(object_type::subscription_item, accrued.items[i].id);
        item_reasons.push_back(JsonObject{{"line_item_ids", JsonArray{Json(line_ids[i])}},
                                          {"usage_gte", int_at(stored, "billing_thresholds.usage_gte")}});
    }
    return {{"amount_gte", std::move(amount_gte)}, {"item_reasons", std::move(item_reasons)}};
}

Answer<void> check_thresholds(Call& call, std::string const& id) {
    auto const* subscription = call.find(object_type::subscription, id);
    if (!subscription) return {};
    auto const status = text_at(*subscription, "status");
    if (status != "active" && status != "past_due") return {};
    auto const period = shortest_period(call, id);
    if (period.end - call.now() <= seconds_per_day) return {};
    auto const amount_gte = time_at(*subscription, "billing_thresholds.amount_gte");
    auto const accrued = accrue(call, id);
    bool const is_worth_it = amount_gte && accrued.amount >= *amount_gte;
    if (!is_worth_it && accrued.by_usage.empty()) return {};
    expire_pending_update(call, id);
    auto const before = call.view(object_type::subscription, id);
    auto const drafted = draft_subscription_invoice(call, {.subscription = id,
                                                           .reason = "subscription_threshold",
                                                           .lines = accrued.lines,
                                                           .period = Span{period.start, call.now()}});
    call.edit(object_type::invoice, drafted.id)["threshold_reason"] =
        reason_of(call, accrued, drafted.line_ids, is_worth_it ? Json(*amount_gte) : Json(nullptr));
    for (std::size_t i = 0; i < accrued.items.size(); ++i) {
        auto& item = call.edit(object_type::subscription_item, accrued.items[i].id);
        item["sandbox_billed_usage"] = accrued.usage[i];
        item["sandbox_billed_usage_since"] = accrued.items[i].period.start;
    }
    hand_over_cycle_invoice(call, id, drafted.id);
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    return {};
}

}  // namespace

Answer<void> set_thresholds(JsonObject& subscription, JsonObject const& params) {
    auto const* given = find(params, "billing_thresholds");
    if (!given) return {};
    if (given->is_object()) {
        auto const amount = time_at(given->get_object(), "amount_gte");
        if (amount && *amount < amount_min)
            return refuse(bad_request("The threshold must be at least 50.", "billing_thresholds[amount_gte]",
                                      "parameter_invalid_integer"));
        if (bool_at(given->get_object(), "reset_billing_cycle_anchor"))
            return refuse(bad_request("The sandbox does not move the billing cycle anchor at a threshold.",
                                      "billing_thresholds[reset_billing_cycle_anchor]"));
    }
    subscription["billing_thresholds"] = *given;
    subscription["sandbox_has_thresholds"] = true;
    return {};
}

void set_item_threshold(Call& call, std::string const& item, JsonObject const& params) {
    auto const* given = find(params, "billing_thresholds");
    if (!given || !call.find(object_type::subscription_item, item)) return;
    auto& stored = call.edit(object_type::subscription_item, item);
    stored["billing_thresholds"] = *given;
    call.edit(object_type::subscription, text_at(stored, "subscription"))["sandbox_has_thresholds"] = true;
}

void add_thresholds(World& world) {
    world.registry.on_due("subscription.threshold", check_thresholds);
}

}  // namespace billhook::sandbox
