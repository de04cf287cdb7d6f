// What creation and update of a subscription share.

#include <algorithm>

#include "sandbox/billing/fields.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/subscription_create.h"
#include "sandbox/billing/taxes.h"
#include "sandbox/billing/threshold.h"
#include "sandbox/payment/payment_method.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view plain_settings[] = {
    "application_fee_percent",       "collection_method", "days_until_due", "description", "on_behalf_of",
    "pending_invoice_item_interval", "transfer_data"};

Answer<void> set_payment_method(Call& call, JsonObject& subscription, JsonObject const& params) {
    auto const* given = find(params, "default_payment_method");
    if (!given) return {};
    if (given->is_null()) {
        subscription["default_payment_method"] = nullptr;
        return {};
    }
    auto const id = text_at(params, "default_payment_method");
    auto const* method = call.find("payment_method", id);
    if (!method) return refuse(no_such("payment_method", id, "default_payment_method"));
    if (text_at(*method, "customer") != text_at(subscription, "customer"))
        return refuse(bad_request("The customer does not have a payment method with the ID " + id +
                                      ". The payment method must be attached to the customer.",
                                  "default_payment_method", "resource_missing"));
    subscription["default_payment_method"] = id;
    return {};
}

Answer<void> set_source(Call& call, JsonObject& subscription, JsonObject const& params) {
    if (!params.contains("default_source")) return {};
    auto const id = text_at(params, "default_source");
    auto const* card = call.find("card", id);
    if (!id.empty() && (!card || text_at(*card, "customer") != text_at(subscription, "customer")))
        return refuse(no_such("source", id, "default_source"));
    subscription["default_source"] = or_null(id);
    return {};
}

void merge_object(JsonObject& subscription, JsonObject const& params, std::string_view name) {
    auto const* given = find(params, name);
    if (!given || !given->is_object()) return;
    auto& kept = subscription[name];
    if (!kept.is_object()) kept = JsonObject{};
    for (auto const& [key, value] : given->get_object()) kept.get_object()[key] = value;
}

Answer<void> check_collection(JsonObject const& subscription) {
    bool const is_sent = text_at(subscription, "collection_method") == "send_invoice";
    if (is_sent && !time_at(subscription, "days_until_due"))
        return refuse(bad_request("If collection method is set to `send_invoice`, `days_until_due` must be set.",
                                  "days_until_due", "parameter_missing"));
    if (!is_sent && time_at(subscription, "days_until_due"))
        return refuse(bad_request("You can only set `days_until_due` if the collection method is `send_invoice`.",
                                  "days_until_due"));
    return {};
}

void want_end(Call& call, JsonObject& subscription, Seconds at) {
    subscription["cancel_at"] = at;
    subscription["canceled_at"] = call.now();
    subscription["cancellation_details"].as_object()["reason"] = "cancellation_requested";
}

void want_no_end(JsonObject& subscription) {
    subscription["cancel_at"] = nullptr;
    subscription["canceled_at"] = nullptr;
    subscription["cancel_at_period_end"] = false;
    subscription["cancellation_details"].as_object()["reason"] = nullptr;
}

}  // namespace

Answer<void> copy_subscription_settings(Call& call, JsonObject& subscription, JsonObject const& params) {
    copy_given(subscription, params, plain_settings);
    TRY_VOID(set_payment_method(call, subscription, params));
    TRY_VOID(set_source(call, subscription, params));
    TRY_VOID(set_thresholds(subscription, params));
    merge_metadata(subscription, params);
    merge_object(subscription, params, "payment_settings");
    merge_object(subscription, params, "invoice_settings");
    merge_object(subscription, params, "automatic_tax");
    if (auto const* details = find(params, "cancellation_details"); details && details->is_object())
        copy_given(subscription["cancellation_details"].as_object(), details->get_object(), {"comment", "feedback"});
    if (auto const* trial = find(params, "trial_settings")) subscription["trial_settings"] = *trial;
    if (auto const* rates = find(params, "default_tax_rates"))
        subscription["default_tax_rates"] = TRY(read_tax_rates(call, *rates, "default_tax_rates"));
    call.complete("subscription", subscription);
    return check_collection(subscription);
}

Answer<void> set_cancellation(Call& call, JsonObject& subscription, JsonObject const& params) {
    auto const* at_period_end = find(params, "cancel_at_period_end");
    auto const* at = find(params, "cancel_at");
    if (!at_period_end && !at) return {};
    bool const wants_period_end = at_period_end && at_period_end->as_bool();
    if (wants_period_end && at && !at->is_null())
        return refuse(
            bad_request("You may only specify one of these parameters: cancel_at, cancel_at_period_end.", "cancel_at"));
    auto const items = load_items(call, text_at(subscription, "id"));
    auto const by_end = [](BilledItem const& item) { return item.period.end; };
    auto const latest_end = std::ranges::max(items, {}, by_end).period.end;
    if (wants_period_end) {
        if (!bool_at(subscription, "cancel_at_period_end")) want_end(call, subscription, latest_end);
        subscription["cancel_at_period_end"] = true;
        return {};
    }
    if (!at || at->is_null()) {
        if (time_at(subscription, "cancel_at") || bool_at(subscription, "cancel_at_period_end"))
            want_no_end(subscription);
        return {};
    }
    subscription["cancel_at_period_end"] = false;
    if (at->is_int64() && at->get_int64() <= call.now())
        return refuse(bad_request("`cancel_at` must be in the future.", "cancel_at"));
    if (at->is_int64())
        want_end(call, subscription, at->get_int64());
    else
        want_end(call, subscription, *at == Json("min_period_end") ? shortest_period(items).end : latest_end);
    return {};
}

}  // namespace billhook::sandbox
