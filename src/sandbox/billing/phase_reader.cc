#include "sandbox/billing/phase_reader.h"

#include <algorithm>

#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_change.h"
#include "sandbox/billing/taxes.h"

namespace billhook::sandbox {
namespace {

struct ReadItems {
    JsonArray items;
    std::string currency;
    Interval shortest = {IntervalUnit::year, 100};
};

bool names(JsonArray const& entries, std::string_view name, std::string const& id) {
    return std::ranges::any_of(entries, [&](Json const& entry) { return text_at(entry.as_object(), name) == id; });
}

/// Whether a phase that the schedule has already has this price.
bool is_agreed_price(PhaseFrame const& frame, std::string const& id) {
    return std::ranges::any_of(
        frame.agreed, [&](Json const& phase) { return names(array_at(phase.as_object(), "items"), "price", id); });
}

/// Whether a phase that the schedule has already, or an item of one, has this discount.
bool is_agreed_discount(PhaseFrame const& frame, std::string_view name, std::string const& id) {
    return std::ranges::any_of(frame.agreed, [&](Json const& phase) {
        if (names(array_at(phase.as_object(), "discounts"), name, id)) return true;
        return std::ranges::any_of(array_at(phase.as_object(), "items"), [&](Json const& item) {
            return names(array_at(item.as_object(), "discounts"), name, id);
        });
    });
}

/// A discount is redeemed when its phase begins, but it must be to be had when it is planned.
Answer<void> check_discount(Call& call, PhaseFrame const& frame, JsonObject const& given, std::string const& param) {
    auto const* subscription = call.find("subscription", frame.subscription);
    if (subscription && !redeemed_discount(call, *subscription, given).empty()) return {};
    auto const is_new = [&](char const* name) {
        auto const id = text_at(given, name);
        return !id.empty() && !is_agreed_discount(frame, name, id);
    };
    if (is_new("discount")) TRY(call.need("discount", text_at(given, "discount"), param));
    if (is_new("coupon")) TRY(need_valid_coupon(call, text_at(given, "coupon"), param));
    if (is_new("promotion_code"))
        TRY(need_active_promotion_code(call, text_at(given, "promotion_code"), frame.customer, {}, param));
    return {};
}

/// Of a phase, or of an item of it.
Answer<JsonArray> read_discounts(Call& call, JsonObject const& holder, PhaseFrame const& frame,
                                 std::string const& param) {
    JsonArray discounts;
    for (auto const& entry : array_at(holder, "discounts")) {
        auto const& given = entry.as_object();
        TRY_VOID(check_discount(call, frame, given, param + "[discounts]"));
        JsonObject shown;
        for (auto const* name : {"coupon", "discount", "promotion_code"}) shown[name] = or_null(text_at(given, name));
        discounts.push_back(std::move(shown));
    }
    return discounts;
}

Answer<JsonArray> read_rates(Call& call, JsonObject const& holder, std::string_view name, std::string const& param) {
    auto const* given = find(holder, name);
    if (!given) return JsonArray{};
    return read_tax_rates(call, *given, param + "[" + std::string(name) + "]");
}

/// What a phase bills once, when it begins.
Answer<JsonArray> read_one_off_items(Call& call, JsonObject const& phase, std::string const& phase_param) {
    JsonArray items;
    for (auto const& entry : array_at(phase, "add_invoice_items")) {
        auto const& given = entry.as_object();
        auto const param = phase_param + "[add_invoice_items][" + std::to_string(items.size()) + "]";
        auto const price = TRY(read_item_price(call, given, param));
        if (price.empty()) return refuse(missing_parameter(param + "[price]"));
        TRY(call.need("price", price, param + "[price]"));
        JsonObject item{
            {"discountable", nullptr},
            {"discounts", array_at(given, "discounts")},
            {"metadata", JsonObject{}},
            {"period", {{"start", {{"type", "max_item_period_start"}}}, {"end", {{"type", "min_item_period_end"}}}}},
            {"price", price},
            {"quantity", int_at(given, "quantity", 1)},
            {"tax_rates", TRY(read_rates(call, given, "tax_rates", param))}};
        for (auto const* name : {"discountable", "metadata", "period"})
            if (auto const* value = find(given, name); value && !value->is_null()) item[name] = *value;
        items.push_back(std::move(item));
    }
    return items;
}

/// How a phase's invoices are written, where it says anything of it.
Json read_invoice_settings(JsonObject const& phase) {
    auto const* given = find(phase, "invoice_settings");
    if (!given || !given->is_object()) return nullptr;
    JsonObject settings;
    for (auto const* name : {"account_tax_ids", "custom_fields", "days_until_due", "description", "footer", "issuer"}) {
        auto const* value = find(*given, name);
        settings[name] = value ? *value : Json(nullptr);
    }
    return settings;
}

Answer<void> check_collection_of_phase(JsonObject const& phase, std::string const& param) {
    bool const is_sent = text_at(phase, "collection_method") == "send_invoice";
    if (!is_sent || time_at(phase, "invoice_settings.days_until_due")) return {};
    return refuse(bad_request("If collection method is set to `send_invoice`, `days_until_due` must be set.",
                              param + "[invoice_settings][days_until_due]", "parameter_missing"));
}

/// What the subscription or the schedule has already may be off sale by now; whatever is new to them may not.
Answer<PriceTerms> read_price(Call& call, std::string const& id, std::string const& currency, PhaseFrame const& frame,
                              std::string const& param) {
    auto const items = frame.subscription.empty() ? std::vector<BilledItem>{} : load_items(call, frame.subscription);
    auto const held = std::ranges::find(items, id, [](BilledItem const& item) { return item.price.id; });
    if (held != items.end()) return held->price;
    auto const offer = is_agreed_price(frame, id) ? Offer::agreed_before : Offer::on_sale_now;
    return need_recurring_price(call, id, currency, param, offer);
}

Answer<ReadItems> read_items_of_phase_reader(Call& call, JsonObject const& phase, std::string const& currency,
                                             PhaseFrame const& frame, std::string const& param) {
    ReadItems read{.currency = currency};
    std::size_t position = 0;
    for (auto const& entry : array_at(phase, "items")) {
        auto const& given = entry.as_object();
        auto const item_param = param + "[items][" + std::to_string(position++) + "]";
        auto const id = TRY(read_item_price(call, given, item_param));
        if (id.empty()) return refuse(missing_parameter(item_param + "[price]"));
        auto const price = TRY(read_price(call, id, read.currency, frame, item_param));
        read.currency = price.currency;
        if (add_intervals(0, *price.interval, 1) < add_intervals(0, read.shortest, 1)) read.shortest = *price.interval;
        JsonObject item{{"billing_thresholds", nullptr},
                        {"discounts", TRY(read_discounts(call, given, frame, item_param))},
                        {"metadata", JsonObject{}},
                        {"plan", id},
                        {"price", id},
                        {"tax_rates", TRY(read_rates(call, given, "tax_rates", item_param))}};
        if (!price.is_metered) item["quantity"] = int_at(given, "quantity", 1);
        if (auto const* metadata = find(given, "metadata"); metadata && metadata->is_object())
            item["metadata"] = *metadata;
        read.items.push_back(std::move(item));
    }
    if (read.items.empty()) return refuse(missing_parameter(param + "[items]"));
    return read;
}

/// A moment given as a time or as "now".
std::optional<Seconds> moment(Call& call, JsonObject const& phase, std::string_view name) {
    auto const* given = find(phase, name);
    if (!given || given->is_null()) return std::nullopt;
    return given->is_string() ? call.now() : given->as_int64();
}

Answer<Seconds> end_of(Call& call, JsonObject const& phase, Seconds start, Interval shortest,
                       std::string const& param) {
    auto const end = moment(call, phase, "end_date");
    auto const* duration = find(phase, "duration");
    if (end && duration)
        return refuse(bad_request("You may only specify one of these parameters: end_date, duration.", param));
    if (end && *end <= start)
        return refuse(bad_request("The end date of a phase must be after its start date.", param + "[end_date]"));
    if (end) return *end;
    if (!duration) return add_intervals(start, shortest, 1);
    auto const unit = parse_interval_unit(string_or(*duration, "interval"));
    return add_intervals(
        start, {unit.value_or(IntervalUnit::month), static_cast<int>(int_or(*duration, "interval_count", 1))}, 1);
}

Answer<Seconds> start_of(Call& call, JsonObject const& phase, std::optional<Seconds> previous_end,
                         PhaseFrame const& frame, std::string const& param) {
    auto const given = moment(call, phase, "start_date");
    if (previous_end) {
        if (given && *given != *previous_end)
            return refuse(bad_request("A phase must start when the one before it ends.", param + "[start_date]"));
        return *previous_end;
    }
    if (!frame.current_start) return given.value_or(frame.start);
    if (!given)
        return refuse(
            bad_request("The subscription schedule update is missing at least one phase with a `start_date` "
                        "to anchor end dates to.",
                        param + "[start_date]", "parameter_missing"));
    if (*given > *frame.current_start)
        return refuse(bad_request("You can not modify the start date of the current phase.", param + "[start_date]"));
    return *given;
}

Json trial_end_of(Call& call, JsonObject const& phase, Seconds end) {
    if (bool_at(phase, "trial")) return end;
    return or_null(moment(call, phase, "trial_end"));
}

}  // namespace

Answer<JsonArray> read_phases(Call& call, JsonObject const& params, PhaseFrame const& frame) {
    JsonArray phases;
    std::optional<Seconds> previous_end;
    auto const& subscription = frame.subscription;
    auto currency = subscription.empty() ? "" : text_at(*call.find("subscription", subscription), "currency");
    bool has_current = !frame.current_start;
    std::size_t position = 0;
    for (auto const& entry : array_at(params, "phases")) {
        auto const& given = entry.as_object();
        auto const param = "phases[" + std::to_string(position++) + "]";
        auto read = TRY(read_items_of_phase_reader(call, given, currency, frame, param));
        currency = read.currency;
        auto const start = TRY(start_of(call, given, previous_end, frame, param));
        auto const end = TRY(end_of(call, given, start, read.shortest, param));
        has_current |= frame.current_start == start;
        previous_end = end;
        JsonObject phase{{"add_invoice_items", TRY(read_one_off_items(call, given, param))},
                         {"currency", currency},
                         {"default_tax_rates", TRY(read_rates(call, given, "default_tax_rates", param))},
                         {"discounts", TRY(read_discounts(call, given, frame, param))},
                         {"end_date", end},
                         {"items", std::move(read.items)},
                         {"metadata", JsonObject{}},
                         {"proration_behavior", "create_prorations"},
                         {"start_date", start},
                         {"trial_end", trial_end_of(call, given, end)}};
        for (auto const* name :
             {"application_fee_percent", "billing_cycle_anchor", "billing_thresholds", "collection_method",
              "default_payment_method", "description", "invoice_settings", "on_behalf_of", "transfer_data"})
            phase[name] = nullptr;
        copy_given(phase, given,
                   {"billing_cycle_anchor", "collection_method", "default_payment_method", "description",
                    "proration_behavior"});
        if (auto const* metadata = find(given, "metadata"); metadata && metadata->is_object())
            phase["metadata"] = *metadata;
        phase["invoice_settings"] = read_invoice_settings(given);
        if (auto const* tax = value_at(given, "automatic_tax.enabled"))
            phase["automatic_tax"] = {{"enabled", *tax}, {"disabled_reason", nullptr}, {"liability", nullptr}};
        TRY_VOID(check_collection_of_phase(phase, param));
        phases.push_back(std::move(phase));
    }
    if (phases.empty()) return refuse(missing_parameter("phases"));
    if (!has_current)
        return refuse(bad_request("You can not modify the start date of the current phase.", "phases[0][start_date]"));
    return phases;
}

JsonObject phase_of_subscription(Call& call, std::string const& id) {
    auto const& subscription = *call.find("subscription", id);
    auto const period = shortest_period(call, id);
    JsonArray discounts;
    for (auto const& discount : array_at(subscription, "discounts"))
        discounts.push_back(JsonObject{{"coupon", nullptr}, {"discount", discount}, {"promotion_code", nullptr}});
    bool const is_in_trial = text_at(subscription, "status") == "trialing";
    JsonObject phase{{"add_invoice_items", JsonArray{}},
                     {"currency", subscription.at("currency")},
                     {"default_tax_rates", array_at(subscription, "default_tax_rates")},
                     {"discounts", std::move(discounts)},
                     {"end_date", period.end},
                     {"items", phase_items_of(call, id)},
                     {"metadata", JsonObject{}},
                     {"proration_behavior", "create_prorations"},
                     {"start_date", period.start},
                     {"trial_end", is_in_trial ? subscription.at("trial_end") : Json(nullptr)}};
    for (auto const* name :
         {"application_fee_percent", "billing_cycle_anchor", "billing_thresholds", "collection_method",
          "default_payment_method", "description", "invoice_settings", "on_behalf_of", "transfer_data"})
        phase[name] = nullptr;
    phase["automatic_tax"] = {{"enabled", bool_at(subscription, "automatic_tax.enabled")},
                              {"disabled_reason", nullptr},
                              {"liability", nullptr}};
    return phase;
}

JsonObject subscription_parameters(JsonObject const& schedule, JsonObject const& phase) {
    JsonArray items;
    for (auto const& entry : array_at(phase, "items")) {
        JsonObject item;
        copy_given(item, entry.as_object(), {"price", "quantity", "metadata", "tax_rates"});
        item["discounts"] = given_discounts(entry.as_object());
        items.push_back(std::move(item));
    }
    JsonObject params{
        {"customer", schedule.at("customer")},         {"items", std::move(items)},
        {"discounts", given_discounts(phase)},         {"add_invoice_items", array_at(phase, "add_invoice_items")},
        {"billing_mode", schedule.at("billing_mode")}, {"off_session", true}};
    for (auto const* name : {"automatic_tax", "collection_method", "default_payment_method", "default_tax_rates",
                             "description", "metadata", "trial_end"})
        if (auto const* value = find(phase, name); value && !value->is_null()) params[name] = *value;
    if (auto settings = given_invoice_settings(phase); !settings.empty())
        params["invoice_settings"] = std::move(settings);
    if (auto const days = time_at(phase, "invoice_settings.days_until_due")) params["days_until_due"] = *days;
    if (!params.contains("default_payment_method"))
        if (auto const method = text_at(schedule, "default_settings.default_payment_method"); !method.empty())
            params["default_payment_method"] = method;
    return params;
}

}  // namespace billhook::sandbox
