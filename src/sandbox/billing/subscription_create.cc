#include "sandbox/billing/subscription_create.h"

#include <algorithm>

#include "sandbox/billing/customer_currency.h"
#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/first_period.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/subscription_change.h"
#include "sandbox/billing/subscription_invoice.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/billing/taxes.h"
#include "sandbox/billing/threshold.h"
#include "sandbox/core/inner_operation.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

constexpr std::size_t subscriptions_max = 500;
constexpr std::size_t subscriptions_on_clock_max = 3;

JsonObject billing_mode(JsonObject const& params, std::int64_t now) {
    if (text_at(params, "billing_mode.type") == "classic") return {{"type", "classic"}, {"flexible", nullptr}};
    auto discounts = text_at(params, "billing_mode.flexible.proration_discounts");
    if (discounts.empty()) discounts = "included";
    return {{"type", "flexible"}, {"flexible", {{"proration_discounts", discounts}}}, {"updated_at", now}};
}

Answer<std::vector<BilledItem>> read_items_of_subscription_create(Call& call, JsonObject const& params,
                                                                  std::string& currency, Offer offer) {
    std::vector<BilledItem> items;
    auto const& given = array_at(params, "items");
    if (given.empty()) return refuse(missing_parameter("items"));
    if (given.size() > items_max) return refuse(bad_request("A subscription can have at most 20 items.", "items"));
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto const& wanted = given[i].as_object();
        auto const param = "items[" + std::to_string(i) + "]";
        auto const price = TRY(read_item_price(call, wanted, param));
        if (price.empty()) return refuse(missing_parameter(param + "[price]"));
        BilledItem item{.id = call.new_id("si_"),
                        .price = TRY(need_recurring_price(call, price, currency, param, offer)),
                        .quantity = int_at(wanted, "quantity", 1)};
        currency = item.price.currency;
        if (item.price.is_metered && wanted.contains("quantity"))
            return refuse(
                bad_request("Quantity should not be specified where usage_type is `metered`.", param + "[quantity]"));
        for (auto const& other : items) {
            if (other.price.id == price)
                return refuse(
                    bad_request("Cannot add multiple subscription items with the same plan: " + price, "items"));
            bool const is_classic = text_at(params, "billing_mode.type") == "classic";
            if (is_classic && other.price.interval != item.price.interval)
                return refuse(
                    bad_request("If multiple prices are specified, they must all have the same interval.", "items"));
        }
        if (auto const* metadata = find(wanted, "metadata"); metadata && metadata->is_object())
            item.metadata = metadata->get_object();
        if (auto const* rates = find(wanted, "tax_rates"))
            item.tax_rates = TRY(read_tax_rates(call, *rates, param + "[tax_rates]"));
        items.push_back(std::move(item));
    }
    return items;
}

Answer<void> redeem_all(Call& call, JsonObject const& params, std::string const& id, std::vector<BilledItem>& items,
                        Offer offer) {
    auto const customer = text_at(params, "customer");
    Purchase purchase{.currency = text_at(*call.find(object_type::subscription, id), "currency")};
    for (auto const& item : items)
        if (!item.price.is_metered) purchase.amount += amount_of(item.price, item.quantity);
    DiscountHolder const holder{.customer = customer, .subscription = id, .purchase = purchase, .offer = offer};
    call.edit(object_type::subscription, id)["discounts"] =
        TRY(redeem_discounts(call, find(params, "discounts"), holder, "discounts"));
    auto const& given = array_at(params, "items");
    for (std::size_t i = 0; i < items.size(); ++i)
        items[i].discounts =
            TRY(redeem_discounts(call, find(given[i].as_object(), "discounts"),
                                 {.customer = customer,
                                  .subscription = id,
                                  .item = items[i].id,
                                  .purchase = Purchase{.amount = amount_of(items[i].price, items[i].quantity),
                                                       .currency = purchase.currency},
                                  .offer = offer},
                                 "items[" + std::to_string(i) + "][discounts]"));
    return {};
}

Answer<void> add_one_off_items(Call& call, JsonObject const& params, std::string const& id) {
    std::size_t position = 0;
    for (auto const& entry : array_at(params, "add_invoice_items"))
        TRY(create_item_beside(call, id, entry.as_object(), "add_invoice_items[" + std::to_string(position++) + "]"));
    return {};
}

void store_subscription(Call& call, std::string const& id, JsonObject const& params, std::string const& currency,
                        FirstPeriod const& first) {
    adopt_currency(call, text_at(params, "customer"), currency);
    auto const& customer = *call.find("customer", text_at(params, "customer"));
    JsonObject subscription{{"id", id},
                            {"automatic_tax", {{"enabled", false}}},
                            {"billing_cycle_anchor", first.anchor},
                            {"billing_mode", billing_mode(params, call.now())},
                            {"cancel_at_period_end", false},
                            {"cancellation_details", JsonObject{}},
                            {"collection_method", "charge_automatically"},
                            {"created", call.now()},
                            {"currency", currency},
                            {"customer", params.at("customer")},
                            {"default_tax_rates", JsonArray{}},
                            {"discounts", JsonArray{}},
                            {"invoice_settings", {{"issuer", {{"type", "self"}}}}},
                            {"metadata", JsonObject{}},
                            {"payment_settings", {{"save_default_payment_method", "off"}}},
                            {"start_date", first.start},
                            {"status", first.trial_end ? "trialing" : "incomplete"},
                            {"test_clock", customer.at("test_clock")},
                            {"trial_end", or_null(first.trial_end)},
                            {"trial_settings", {{"end_behavior", {{"missing_payment_method", "create_invoice"}}}}},
                            {"trial_start", first.trial_end ? Json(first.start) : Json(nullptr)}};
    if (auto const* config = find(params, "billing_cycle_anchor_config")) {
        auto& kept = subscription["billing_cycle_anchor_config"].emplace_object();
        for (auto const* name : {"day_of_month", "hour", "minute", "month", "second"})
            kept[name] = find(*config, name) ? *find(*config, name) : Json(nullptr);
    }
    call.create(object_type::subscription, std::move(subscription));
}

std::string draft_first_invoice(Call& call, std::string const& id, std::vector<BilledItem>& items,
                                FirstPeriod const& first) {
    SubscriptionInvoice wanted{.subscription = id, .reason = "subscription_create"};
    std::vector<BilledItem*> billed;
    for (auto& item : items) {
        if (item.price.is_metered) continue;
        for (auto const& past : backdated_lines(call, id, item, first)) {
            wanted.lines.push_back(past);
            billed.push_back(is_billed_with_the_past(first) ? &item : nullptr);
        }
        if (is_billed_with_the_past(first)) continue;
        wanted.lines.push_back(first.trial_end ? trial_line(call, id, item, item.period)
                                               : item_line(call, id, item, item.period, first_amount(item, first)));
        billed.push_back(&item);
    }
    auto const drafted = draft_subscription_invoice(call, wanted);
    for (std::size_t i = 0; i < billed.size(); ++i)
        if (billed[i] && !first.trial_end) billed[i]->debits = {debit_of_line(call, drafted.line_ids[i])};
    for (auto& item : items) {
        // The draft may have used up a discount of the item.
        item.discounts = array_at(*call.find("subscription_item", item.id), "discounts");
        save_item(call, id, item);
    }
    return drafted.id;
}

Answer<void> collect_first_invoice(Call& call, std::string const& id, std::string const& invoice,
                                   PaymentTerms const& payment) {
    auto const& subscription = *call.find(object_type::subscription, id);
    if (text_at(subscription, "collection_method") == "send_invoice") {
        schedule_finalization(call, invoice);
        return {};
    }
    auto const due = int_at(*call.find("invoice", invoice), "amount_due");
    bool const is_charged_now = due > 0 && payment.behavior != PaymentBehavior::default_incomplete;
    if (is_charged_now && payment_method_of(call, *call.find("invoice", invoice)).empty())
        return refuse(no_payment_method());
    finalize_invoice(call, invoice);
    if (text_at(*call.find("invoice", invoice), "status") != "open") return {};
    if (!is_charged_now) {
        call.edit("invoice", invoice)["attempted"] = true;
        return {};
    }
    auto const outcome = attempt_payment(call, invoice, {AttemptKind::first_invoice, payment.presence});
    if (payment.behavior == PaymentBehavior::error_if_incomplete && outcome.kind != PaymentOutcome::Kind::succeeded)
        return refuse(refusal_of(outcome));
    return {};
}

/// Nothing is due and no card is known: the payer's page can set one up for later.
Answer<void> prepare_setup(Call& call, std::string const& id, PaymentTerms const& payment) {
    auto const& subscription = *call.find(object_type::subscription, id);
    bool const is_open = text_at(*call.find("invoice", text_at(subscription, "latest_invoice")), "status") == "open";
    if (payment.behavior != PaymentBehavior::default_incomplete || is_open) return {};
    if (!subscription_payment_method(call, subscription).empty()) return {};
    auto const made = TRY(perform(call, "POST", "/v1/setup_intents",
                                  {{"customer", subscription.at("customer")}, {"usage", "off_session"}}));
    call.edit(object_type::subscription, id)["pending_setup_intent"] = string_or(made, "id");
    return {};
}

Answer<void> check_limits(Call& call, JsonObject const& params, PaymentTerms const& payment) {
    if (payment.behavior == PaymentBehavior::pending_if_incomplete)
        return refuse(
            bad_request("`payment_behavior=pending_if_incomplete` can only be used when updating a "
                        "subscription.",
                        "payment_behavior"));
    auto const most = call.clock() == root_clock ? subscriptions_max : subscriptions_on_clock_max;
    if (call.store().where(object_type::subscription, "living", text_at(params, "customer")).size() >= most)
        return refuse(bad_request("The customer has the maximum of " + std::to_string(most) + " current subscriptions" +
                                      (most == subscriptions_max ? "." : " that a customer of a test clock can have."),
                                  "", "customer_max_subscriptions"));
    return {};
}

}  // namespace

Answer<std::string> create_subscription(Call& call, JsonObject const& params, Offer offer) {
    auto const customer = text_at(params, "customer");
    if (customer.empty()) return refuse(missing_parameter("customer"));
    call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
    auto const payment = read_payment_terms(params);
    TRY_VOID(check_limits(call, params, payment));
    auto currency = text_at(params, "currency");
    auto items = TRY(read_items_of_subscription_create(call, params, currency, offer));
    TRY_VOID(check_currency_of(call, customer, currency));
    auto const first = TRY(plan_first_period(call, params, items));

    auto id = call.new_id("sub_");
    auto const first_event = call.events.size();
    store_subscription(call, id, params, currency, first);
    TRY_VOID(redeem_all(call, params, id, items, offer));
    for (auto& item : items) {
        item.period = first_span(item, first);
        save_item(call, id, item);
    }
    for (std::size_t i = 0; i < items.size(); ++i)
        set_item_threshold(call, items[i].id, array_at(params, "items")[i].as_object());
    TRY_VOID(copy_subscription_settings(call, call.edit(object_type::subscription, id), params));
    TRY_VOID(set_cancellation(call, call.edit(object_type::subscription, id), params));
    TRY_VOID(add_one_off_items(call, params, id));
    auto const invoice = draft_first_invoice(call, id, items, first);
    bool const is_free = int_at(*call.find("invoice", invoice), "amount_due") == 0;
    bool const is_sent = text_at(*call.find(object_type::subscription, id), "collection_method") == "send_invoice";
    if (!first.trial_end && (is_free || is_sent)) call.edit(object_type::subscription, id)["status"] = "active";
    call.emit_now("customer.subscription.created", object_type::subscription, id);
    if (call.events.size() > first_event)  // the subscription's own event comes first
        std::rotate(call.events.begin() + static_cast<std::ptrdiff_t>(first_event), call.events.end() - 1,
                    call.events.end());
    TRY_VOID(collect_first_invoice(call, id, invoice, payment));
    TRY_VOID(prepare_setup(call, id, payment));
    if (first.trial_end && *first.trial_end - call.now() < 3 * 86'400) announce_trial_end(call, id);
    follow_up(call, id);
    return id;
}

}  // namespace billhook::sandbox
