// The rules for a new price.

#include <algorithm>
#include <charconv>

#include "sandbox/resource/currency.h"
#include "sandbox/resource/price.h"
#include "sandbox/resource/product.h"

namespace billhook::sandbox {
namespace {

std::string decimal_text(std::string text) {
    if (text.find('.') == std::string::npos) return text;
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
}

// unit_amount and unit_amount_decimal say the same; one that a minor unit cannot hold leaves the integer null.
Answer<void> set_amount(JsonObject& into, JsonObject const& given, std::string_view name, std::string const& where) {
    auto const decimal_name = std::string(name) + "_decimal";
    auto const* amount = find(given, name);
    auto const* decimal = find(given, decimal_name);
    if (amount && decimal)
        return refuse(bad_request(
            "You may only specify one of these parameters: " + std::string(name) + ", " + decimal_name + ".",
            nested_param(where, name), "parameter_unknown"));
    into[name] = nullptr;
    into[decimal_name] = nullptr;
    if (amount) {
        if (amount->as_int64() < 0)
            return refuse(
                bad_request("Invalid non-negative integer", nested_param(where, name), "parameter_invalid_integer"));
        into[name] = *amount;
        into[decimal_name] = std::to_string(amount->as_int64());
    }
    if (!decimal) return {};
    auto const text = decimal_text(std::string(as_view(decimal->as_string())));
    auto const point = text.find('.');
    if (text.starts_with('-'))
        return refuse(bad_request("Invalid non-negative decimal", nested_param(where, decimal_name)));
    if (point != std::string::npos && text.size() - point - 1 > 12)
        return refuse(
            bad_request("Invalid decimal: at most 12 decimal places are allowed", nested_param(where, decimal_name)));
    into[decimal_name] = text;
    std::int64_t whole = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc{} && end == text.data() + text.size()) into[name] = whole;
    return {};
}

Answer<JsonArray> read_tiers(JsonArray const& given, std::string const& where) {
    JsonArray tiers;
    std::int64_t reached = 0;
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto const& tier = given[i].as_object();
        auto const path = nested_param(where, "tiers[" + std::to_string(i) + "]");
        JsonObject kept;
        TRY_VOID(set_amount(kept, tier, "flat_amount", path));
        TRY_VOID(set_amount(kept, tier, "unit_amount", path));
        if (kept["flat_amount_decimal"].is_null() && kept["unit_amount_decimal"].is_null())
            return refuse(bad_request("Each tier needs a `unit_amount` or a `flat_amount`.", path));
        auto const* up_to = find(tier, "up_to");
        bool const is_last = i + 1 == given.size();
        if (up_to->is_int64()) {
            if (is_last)
                return refuse(
                    bad_request("The last tier must have `up_to` set to 'inf'.", nested_param(path, "up_to")));
            if (up_to->get_int64() <= reached)
                return refuse(bad_request("Tiers must be ordered by `up_to`.", nested_param(path, "up_to")));
            reached = up_to->get_int64();
            kept["up_to"] = reached;
        } else {
            if (!is_last)
                return refuse(
                    bad_request("Only the last tier may have `up_to` set to 'inf'.", nested_param(path, "up_to")));
            kept["up_to"] = nullptr;
        }
        tiers.push_back(std::move(kept));
    }
    return tiers;
}

// The amount in one currency: per unit, in tiers, or chosen by the payer.
Answer<void> set_pricing(JsonObject& into, JsonObject const& given, std::string const& where, bool is_tiered) {
    auto const* tiers = find(given, "tiers");
    auto const* custom = find(given, "custom_unit_amount");
    TRY_VOID(set_amount(into, given, "unit_amount", where));
    bool const has_amount = !into["unit_amount_decimal"].is_null();
    into["custom_unit_amount"] = nullptr;
    if (is_tiered) {
        if (!tiers || tiers->as_array().empty()) return refuse(missing_parameter(nested_param(where, "tiers")));
        if (has_amount)
            return refuse(bad_request("You cannot set `unit_amount` when `billing_scheme` is 'tiered'.",
                                      nested_param(where, "unit_amount")));
        into["tiers"] = TRY(read_tiers(tiers->as_array(), where));
        return {};
    }
    if (tiers)
        return refuse(
            bad_request("`tiers` can only be used when `billing_scheme` is 'tiered'.", nested_param(where, "tiers")));
    if (custom) {
        if (has_amount)
            return refuse(bad_request("You may only specify one of these parameters: custom_unit_amount, unit_amount.",
                                      nested_param(where, "custom_unit_amount")));
        into["custom_unit_amount"] = JsonObject{{"maximum", nullptr}, {"minimum", nullptr}, {"preset", nullptr}};
        copy_given(into["custom_unit_amount"].as_object(), custom->as_object(), {"maximum", "minimum", "preset"});
        return {};
    }
    if (!has_amount)
        return refuse(bad_request("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
                                  nested_param(where, "unit_amount"), "parameter_missing"));
    return {};
}

Answer<JsonObject> read_recurring(Call& call, JsonObject const& given, std::string const& where) {
    JsonObject recurring{{"interval", given.at("interval")},
                         {"interval_count", 1},
                         {"meter", nullptr},
                         {"trial_period_days", nullptr},
                         {"usage_type", "licensed"}};
    copy_given(recurring, given, {"interval_count", "meter", "trial_period_days", "usage_type"});
    auto const interval = as_view(recurring["interval"].as_string());
    auto const count = recurring["interval_count"].as_int64();
    // Three years at most.
    int const most = interval == "day" ? 1095 : interval == "week" ? 156 : interval == "month" ? 36 : 3;
    if (count < 1 || count > most)
        return refuse(
            bad_request("Invalid interval_count: must be between 1 and " + std::to_string(most) + " for this interval.",
                        nested_param(where, "interval_count"), "parameter_invalid_integer"));
    bool const is_metered = recurring["usage_type"] == Json("metered");
    if (is_metered && recurring["meter"].is_null())
        return refuse(bad_request("Metered prices must be backed by a meter: pass `recurring[meter]`.",
                                  nested_param(where, "meter"), "parameter_missing"));
    if (recurring["meter"].is_string()) {
        if (!is_metered)
            return refuse(
                bad_request("`meter` can only be set when `usage_type` is 'metered'.", nested_param(where, "meter")));
        TRY(call.need("billing.meter", as_view(recurring["meter"].get_string()), nested_param(where, "meter")));
    }
    return recurring;
}

Answer<std::string> choose_product(Call& call, JsonObject const& params, std::string const& where) {
    auto product = string_or(params, "product");
    auto const* data = find(params, "product_data");
    if (product.empty() == (data == nullptr))
        return refuse(bad_request("You must specify either `product` or `product_data` when creating a price.",
                                  nested_param(where, "product"), "parameter_missing"));
    if (data) return create_product(call, data->as_object(), nested_param(where, "product_data"));
    TRY(call.need("product", product, nested_param(where, "product")));
    return product;
}

}  // namespace

Answer<void> take_lookup_key(Call& call, std::string const& key, bool may_transfer, std::string const& own_id) {
    std::vector<std::string> holders;
    for (auto const& [sequence, price] : call.store().where("price", "lookup_key", key))
        if (price->id != own_id) holders.push_back(price->id);
    for (auto const& holder : holders) {
        if (!may_transfer)
            return refuse(bad_request("A price (`" + holder + "`) already uses that lookup key.", "lookup_key"));
        auto const before = call.view("price", holder);
        call.edit("price", holder)["lookup_key"] = nullptr;
        call.emit_change("price.updated", "price", holder, before);
    }
    return {};
}

Answer<JsonObject> read_currency_options(JsonObject const& given, std::string const& where, bool is_tiered) {
    JsonObject options;
    for (auto const& [code, option] : given) {
        auto const path = nested_param(where, "currency_options[" + std::string(code) + "]");
        auto const currency = TRY(read_currency(std::string(code), path));
        JsonObject kept{{"tax_behavior", "unspecified"}};
        TRY_VOID(set_pricing(kept, option.as_object(), path, is_tiered));
        copy_given(kept, option.as_object(), {"tax_behavior"});
        options[currency] = std::move(kept);
    }
    return options;
}

std::string nested_param(std::string const& outer, std::string_view name) {
    if (outer.empty()) return std::string(name);
    auto const bracket = name.find('[');
    return outer + "[" + std::string(name.substr(0, bracket)) + "]" +
           (bracket == std::string_view::npos ? std::string{} : std::string(name.substr(bracket)));
}

Answer<std::string> create_price(Call& call, JsonObject const& params, std::string const& where) {
    Json const all(params);
    auto const currency = TRY(read_currency(string_or(all, "currency"), nested_param(where, "currency")));
    auto const scheme = string_or(all, "billing_scheme", "per_unit");
    bool const is_tiered = scheme == "tiered";
    auto const* recurring = find(params, "recurring");
    JsonObject price{
        {"active", true},       {"billing_scheme", scheme},      {"created", call.now()},
        {"currency", currency}, {"tax_behavior", "unspecified"}, {"type", recurring ? "recurring" : "one_time"}};
    TRY_VOID(set_pricing(price, params, where, is_tiered));
    if (is_tiered && !find(params, "tiers_mode")) return refuse(missing_parameter(nested_param(where, "tiers_mode")));
    if (recurring)
        price["recurring"] = TRY(read_recurring(call, recurring->as_object(), nested_param(where, "recurring")));
    copy_given(price, params, {"active", "lookup_key", "nickname", "tax_behavior", "tiers_mode", "transform_quantity"});
    merge_metadata(price, params);

    JsonObject options;
    if (auto const* given = find(params, "currency_options"))
        options = TRY(read_currency_options(given->as_object(), where, is_tiered));
    JsonObject own{{"tax_behavior", price["tax_behavior"]}};
    for (auto const* name : {"unit_amount", "unit_amount_decimal", "custom_unit_amount"}) own[name] = price[name];
    if (is_tiered) own["tiers"] = price["tiers"];
    options[currency] = std::move(own);
    price["currency_options"] = std::move(options);

    price["product"] = TRY(choose_product(call, params, where));
    auto id = string_or(all, "id");
    if (id.empty()) id = call.new_id("price_");
    if (call.store().find("price", id))
        return refuse(bad_request("Plan already exists.", nested_param(where, "id"), "resource_already_exists"));
    if (auto const key = string_or(all, "lookup_key"); !key.empty())
        TRY_VOID(take_lookup_key(call, key, bool_or(all, "transfer_lookup_key"), id));
    price["id"] = id;
    call.create("price", std::move(price));
    if (recurring) call.emit("plan.created", plan_of(*call.find("price", id)));
    call.emit_now("price.created", "price", id);
    return id;
}

JsonObject plan_of(JsonObject const& price) {
    auto const& recurring = price.at("recurring").as_object();
    JsonObject plan{{"id", price.at("id")},
                    {"object", "plan"},
                    {"active", price.at("active")},
                    {"amount", price.at("unit_amount")},
                    {"amount_decimal", price.at("unit_amount_decimal")},
                    {"billing_scheme", price.at("billing_scheme")},
                    {"created", price.at("created")},
                    {"currency", price.at("currency")},
                    {"interval", recurring.at("interval")},
                    {"interval_count", recurring.at("interval_count")},
                    {"livemode", false},
                    {"metadata", price.at("metadata")},
                    {"meter", recurring.at("meter")},
                    {"nickname", price.at("nickname")},
                    {"product", price.at("product")},
                    {"tiers_mode", price.at("tiers_mode")},
                    {"transform_usage", price.at("transform_quantity")},
                    {"trial_period_days", recurring.at("trial_period_days")},
                    {"usage_type", recurring.at("usage_type")}};
    return plan;
}

}  // namespace billhook::sandbox
