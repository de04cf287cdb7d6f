#include "sandbox/core/older_parameters.h"

#include <optional>

namespace billhook::sandbox {
namespace {

/// Whatever was in `from` is said in `to`, unless that is said already.
void rename(JsonObject& raw, std::string_view from, std::string_view to) {
    auto const at = raw.find(from);
    if (at == raw.end() || raw.contains(to)) return;
    auto value = std::move(at->value());
    raw.erase(at);
    raw[to] = std::move(value);
}

void allow_payment_method_types(ObjectStore const&, std::string_view, JsonObject& raw) {
    rename(raw, "payment_method_types", "allowed_payment_method_types");
}

void promote_coupon(ObjectStore const&, std::string_view, JsonObject& raw) {
    auto const at = raw.find("coupon");
    if (at == raw.end() || raw.contains("promotion")) return;
    JsonObject promotion{{"type", "coupon"}, {"coupon", at->value()}};
    raw.erase(at);
    raw["promotion"] = std::move(promotion);
}

struct Interval {
    std::string word;
    std::int64_t count = 1;
};

/// Of a phase's first item, as its price or its price_data says.
std::optional<Interval> interval_of(ObjectStore const& store, JsonObject const& phase) {
    auto const* items = find(phase, "items");
    if (!items || !items->is_array() || items->get_array().empty()) return std::nullopt;
    auto const& item = items->get_array().front();
    if (auto const* price = store.find("price", string_or(item, "price"))) {
        auto const& recurring = price->at("recurring");
        if (!recurring.is_object()) return std::nullopt;
        return Interval{string_or(recurring, "interval"), int_or(recurring, "interval_count", 1)};
    }
    auto const interval = string_or(item, "price_data.recurring.interval");
    if (interval.empty()) return std::nullopt;
    auto const count = string_or(item, "price_data.recurring.interval_count");
    return Interval{interval, count.empty() ? 1 : std::atoll(count.c_str())};
}

void give_phase_duration(ObjectStore const& store, JsonObject& phase) {
    auto const at = phase.find("iterations");
    if (at == phase.end() || !at->value().is_string() || phase.contains("duration")) return;
    auto const iterations = std::atoll(std::string(as_view(at->value().get_string())).c_str());
    auto const interval = interval_of(store, phase);
    if (!interval || iterations < 1 || interval->count < 1) return;
    phase.erase(at);
    phase["duration"] = {{"interval", interval->word},
                         {"interval_count", std::to_string(iterations * interval->count)}};
}

void give_phases_durations(ObjectStore const& store, std::string_view, JsonObject& raw) {
    auto* phases = raw.if_contains("phases");
    if (!phases || !phases->is_array()) return;
    for (auto& phase : phases->get_array())
        if (phase.is_object()) give_phase_duration(store, phase.get_object());
}

std::string text_of(JsonObject const& raw, std::string_view name) {
    auto const* value = raw.if_contains(name);
    return value && value->is_string() ? std::string(as_view(value->get_string())) : std::string{};
}

/// One coupon or promotion code was said where a list of discounts is now; empty takes them away.
void list_discounts(ObjectStore const&, std::string_view, JsonObject& raw) {
    for (auto const* name : {"coupon", "promotion_code"}) {
        if (!raw.contains(name) || raw.contains("discounts")) continue;
        auto const value = text_of(raw, name);
        raw.erase(name);
        raw["discounts"] = value.empty() ? Json("") : Json(JsonArray{JsonObject{{name, value}}});
    }
}

/// A customer's own discount, which today is not given any more.
void keep_customer_discount(ObjectStore const&, std::string_view, JsonObject& raw) {
    rename(raw, "coupon", "older_coupon");
    rename(raw, "promotion_code", "older_promotion_code");
}

void name_card_as_source(ObjectStore const&, std::string_view, JsonObject& raw) {
    rename(raw, "card", "source");
}

/// A subscription had one plan and its quantity before it had items.
void list_plan_as_item(ObjectStore const&, std::string_view, JsonObject& raw) {
    if (!raw.contains("plan") || raw.contains("items")) return;
    JsonObject item;
    for (auto const* name : {"plan", "quantity"}) {
        if (auto const* given = raw.if_contains(name)) item[name] = *given;
        raw.erase(name);
    }
    raw["items"] = JsonArray{std::move(item)};
}

void word_anchor(ObjectStore const&, std::string_view, JsonObject& raw) {
    auto const word = text_of(raw, "billing_cycle_anchor");
    if (word == "now" || word == "unchanged") raw["billing_cycle_anchor"] = JsonObject{{"type", word}};
}

void word_preview_anchor(ObjectStore const& store, std::string_view version, JsonObject& raw) {
    auto* details = raw.if_contains("subscription_details");
    if (!details || !details->is_object()) return;
    auto const given = text_of(details->get_object(), "billing_cycle_anchor");
    word_anchor(store, version, details->get_object());
    if (!given.empty() && given.find_first_not_of("0123456789") == std::string::npos)
        details->get_object()["billing_cycle_anchor"] = JsonObject{{"type", "timestamp"}, {"timestamp", given}};
}

/// Until clover a subscription that says nothing is billed in classic mode.
void default_to_classic(ObjectStore const&, std::string_view version, JsonObject& raw) {
    if (!version.empty() && !raw.contains("billing_mode") && !raw.contains("from_subscription"))
        raw["billing_mode"] = JsonObject{{"type", "classic"}};
}

void default_session_to_classic(ObjectStore const& store, std::string_view version, JsonObject& raw) {
    if (version.empty() || text_of(raw, "mode") != "subscription") return;
    auto& data = raw["subscription_data"];
    if (!data.is_object()) data = JsonObject{};
    default_to_classic(store, version, data.get_object());
}

void rename_ui_mode(ObjectStore const&, std::string_view, JsonObject& raw) {
    auto const mode = text_of(raw, "ui_mode");
    if (mode == "hosted") raw["ui_mode"] = "hosted_page";
    if (mode == "embedded") raw["ui_mode"] = "embedded_page";
    if (mode == "custom") raw["ui_mode"] = "elements";
}

struct OlderParameter {
    std::string_view method, path;
    std::string_view gone_in;  // the first version that no longer takes it
    void (*translate)(ObjectStore const&, std::string_view version, JsonObject& raw);
};

constexpr OlderParameter table[] = {
    {"POST", "/v1/payment_intents", "2026-09-30.endive", allow_payment_method_types},
    {"POST", "/v1/setup_intents", "2026-09-30.endive", allow_payment_method_types},
    {"POST", "/v1/checkout/sessions", "2026-09-30.endive", allow_payment_method_types},
    {"POST", "/v1/promotion_codes", "2025-09-30.clover", promote_coupon},
    {"POST", "/v1/customers", "2025-03-31.basil", keep_customer_discount},
    {"POST", "/v1/customers", "2025-03-31.basil", name_card_as_source},
    {"POST", "/v1/customers/{id}", "2025-03-31.basil", keep_customer_discount},
    {"POST", "/v1/subscriptions", "2025-03-31.basil", list_discounts},
    {"POST", "/v1/subscriptions", "2025-03-31.basil", list_plan_as_item},
    {"POST", "/v1/subscriptions", "2025-09-30.clover", default_to_classic},
    {"POST", "/v1/subscriptions/{id}", "2025-03-31.basil", list_discounts},
    {"POST", "/v1/subscriptions/{id}", "2026-09-30.endive", word_anchor},
    {"POST", "/v1/subscriptions/{id}/resume", "2026-09-30.endive", word_anchor},
    {"POST", "/v1/invoices/create_preview", "2025-03-31.basil", list_discounts},
    {"POST", "/v1/invoices/create_preview", "2026-09-30.endive", word_preview_anchor},
    {"POST", "/v1/checkout/sessions", "2025-09-30.clover", default_session_to_classic},
    {"POST", "/v1/checkout/sessions", "2026-03-25.dahlia", rename_ui_mode},
    {"POST", "/v1/subscription_schedules", "2025-09-30.clover", default_to_classic},
    {"POST", "/v1/subscription_schedules", "2025-09-30.clover", give_phases_durations},
    {"POST", "/v1/subscription_schedules/{id}", "2025-09-30.clover", give_phases_durations},
};

}  // namespace

void translate_older_parameters(ObjectStore const& store, Operation const& operation, std::string_view version,
                                JsonObject& raw) {
    for (auto const& older : table)
        if (operation.method == older.method && operation.path == older.path && version < older.gone_in)
            older.translate(store, version, raw);
}

}  // namespace billhook::sandbox
