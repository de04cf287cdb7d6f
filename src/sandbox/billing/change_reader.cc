// Reading a change from parameters, and the checks that need no plan.

#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/subscription_change.h"
#include "sandbox/billing/taxes.h"
#include "sandbox/resource/price.h"

namespace billhook::sandbox {
namespace {

Answer<ItemChange> read_item_change(Call& call, std::string const& subscription, JsonObject const& given,
                                    std::string param) {
    ItemChange change{.id = text_at(given, "id"), .is_deleted = bool_at(given, "deleted"), .param = std::move(param)};
    if (!change.id.empty()) {
        auto const* item = call.find("subscription_item", change.id);
        if (!item || text_at(*item, "subscription") != subscription)
            return refuse(no_such("subscription_item", change.id, change.param + "[id]"));
    }
    change.price = TRY(read_item_price(call, given, change.param));
    change.quantity = time_at(given, "quantity");
    if (change.quantity && *change.quantity < 0)
        return refuse(bad_request("This value must be greater than or equal to 0.", change.param + "[quantity]",
                                  "parameter_invalid_integer"));
    if (auto const* discounts = find(given, "discounts")) {
        change.sets_discounts = true;
        change.discounts = *discounts;
    }
    if (auto const* metadata = find(given, "metadata")) change.metadata["metadata"] = *metadata;
    if (auto const* rates = find(given, "tax_rates"))
        change.tax_rates = TRY(read_tax_rates(call, *rates, change.param + "[tax_rates]"));
    if (change.id.empty() && change.price.empty()) return refuse(missing_parameter(change.param + "[price]"));
    return change;
}

Answer<void> read_trial(Call& call, SubscriptionChange& change, JsonObject const& given, std::string const& where) {
    auto const* trial_end = find(given, "trial_end");
    if (!trial_end || trial_end->is_null()) return {};
    if (trial_end->is_string()) {
        change.ends_trial = true;
        return {};
    }
    change.trial_end = trial_end->as_int64();
    if (*change.trial_end <= call.now())
        return refuse(bad_request("Timestamp must be an integer Unix timestamp in the future.",
                                  nested_param(where, "trial_end")));
    return {};
}

}  // namespace

ProrationBehavior read_proration_behavior(JsonObject const& params) {
    auto const text = text_at(params, "proration_behavior");
    if (text == "none") return ProrationBehavior::none;
    return text == "always_invoice" ? ProrationBehavior::always_invoice : ProrationBehavior::create_prorations;
}

Answer<std::string> read_item_price(Call& call, JsonObject const& item, std::string const& param) {
    auto price = text_at(item, "price");
    if (price.empty()) price = text_at(item, "plan");
    auto const* data = find(item, "price_data");
    if (!data || !data->is_object()) return price;
    if (!price.empty())
        return refuse(bad_request("You may only specify one of these parameters: price, price_data.", param));
    return create_price(call, data->get_object(), param + "[price_data]");
}

Answer<PriceTerms> need_recurring_price(Call& call, std::string const& id, std::string const& currency,
                                        std::string const& param, Offer offer) {
    auto const& price = *TRY(call.need("price", id, param + "[price]"));
    auto terms = price_terms(price, currency);
    if (!terms.interval)
        return refuse(
            bad_request("The price specified is set to `type=one_time` but this field only accepts prices "
                        "with `type=recurring`.",
                        param + "[price]"));
    if (offer == Offer::on_sale_now && !bool_at(price, "active"))
        return refuse(bad_request("The price specified is inactive. This field only accepts active prices.",
                                  param + "[price]", "resource_missing"));
    if (!currency.empty() && terms.currency != currency)
        return refuse(bad_request("The price specified supports currencies of `" + terms.currency +
                                      "`. This does not match the expected currency: `" + currency + "`.",
                                  param + "[price]"));
    return terms;
}

Answer<SubscriptionChange> read_change(Call& call, std::string const& subscription, JsonObject const& given,
                                       std::string const& where) {
    SubscriptionChange change{.proration = read_proration_behavior(given),
                              .proration_date = time_at(given, "proration_date")};
    change.resets_anchor = text_at(given, "billing_cycle_anchor.type") == "now";
    if (change.resets_anchor && change.proration_date)
        return refuse(
            bad_request("You cannot specify `proration_date` when `billing_cycle_anchor=now`", "proration_date"));
    TRY_VOID(read_trial(call, change, given, where));
    std::size_t position = 0;
    for (auto const& item : array_at(given, "items")) {
        auto param = nested_param(where, "items[" + std::to_string(position++) + "]");
        change.items.push_back(TRY(read_item_change(call, subscription, item.as_object(), std::move(param))));
    }
    if (auto const* discounts = find(given, "discounts")) {
        auto const customer = text_at(*call.find("subscription", subscription), "customer");
        change.discounts = TRY(redeem_discounts(call, discounts, {.customer = customer, .subscription = subscription},
                                                nested_param(where, "discounts")));
    }
    return change;
}

}  // namespace billhook::sandbox
