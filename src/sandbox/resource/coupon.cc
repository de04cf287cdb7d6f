#include "sandbox/resource/coupon.h"

#include "sandbox/core/object_type.h"
#include "sandbox/resource/currency.h"
#include "sandbox/resource/resources.h"
#include "sandbox/surface/parameters.h"

namespace billhook::sandbox {
namespace {

constexpr std::size_t name_length_max = 40;

Answer<void> set_worth(JsonObject& coupon, JsonObject const& params) {
    auto const* percent = find(params, "percent_off");
    auto const* amount = find(params, "amount_off");
    if (!percent && !amount)
        return refuse(bad_request("Must provide percent_off or amount_off.", "percent_off", "parameter_missing"));
    if (percent && amount)
        return refuse(
            bad_request("You may only specify one of these parameters: amount_off, percent_off.", "amount_off"));
    if (percent) {
        auto const value = percent->to_number<double>();
        if (value <= 0 || value > 100)
            return refuse(bad_request("Invalid percent_off: must be greater than 0 and at most 100.", "percent_off"));
        coupon["percent_off"] = *percent;
        return {};
    }
    if (amount->as_int64() <= 0)
        return refuse(
            bad_request("This value must be greater than or equal to 1.", "amount_off", "parameter_invalid_integer"));
    if (!find(params, "currency"))
        return refuse(bad_request("You must pass currency when passing amount_off", "currency", "parameter_missing"));
    coupon["amount_off"] = *amount;
    auto const currency = TRY(read_currency(string_or(params, "currency"), "currency"));
    coupon["currency"] = currency;
    coupon["currency_options"] = JsonObject{{currency, JsonObject{{"amount_off", *amount}}}};
    return {};
}

Answer<void> set_duration(JsonObject& coupon, JsonObject const& params) {
    coupon["duration"] = string_or(params, "duration", "once");
    auto const* months = find(params, "duration_in_months");
    bool const repeats = coupon["duration"] == Json("repeating");
    if (repeats && !months)
        return refuse(bad_request("duration_in_months is required when duration is repeating.", "duration_in_months",
                                  "parameter_missing"));
    if (!months) return {};
    if (!repeats)
        return refuse(
            bad_request("duration_in_months can only be set when duration is repeating.", "duration_in_months"));
    if (months->as_int64() < 1)
        return refuse(bad_request("This value must be greater than or equal to 1.", "duration_in_months",
                                  "parameter_invalid_integer"));
    coupon["duration_in_months"] = *months;
    return {};
}

Answer<void> set_currency_options(JsonObject& coupon, JsonObject const& params) {
    auto const* options = find(params, "currency_options");
    if (!options) return {};
    if (coupon["amount_off"].is_null())
        return refuse(bad_request("currency_options can only be used with amount_off.", "currency_options"));
    for (auto const& [code, option] : options->as_object())
        coupon["currency_options"].as_object()[TRY(read_currency(std::string(code), "currency_options"))] = option;
    return {};
}

Answer<void> set_limits_coupon(Call& call, JsonObject& coupon) {
    if (auto const* by = find(call.params, "redeem_by")) {
        if (by->as_int64() <= call.now())
            return refuse(bad_request("The redeem_by must be in the future.", "redeem_by"));
        coupon["redeem_by"] = *by;
    }
    if (auto const* most = find(call.params, "max_redemptions")) {
        if (most->as_int64() < 1)
            return refuse(bad_request("This value must be greater than or equal to 1.", "max_redemptions",
                                      "parameter_invalid_integer"));
        coupon["max_redemptions"] = *most;
    }
    auto const* applies_to = find(call.params, "applies_to");
    auto const* products = applies_to ? find(*applies_to, "products") : nullptr;
    if (!products) return {};
    for (auto const& product : products->as_array())
        TRY(call.need("product", as_view(product.as_string()), "applies_to[products]"));
    coupon["applies_to"] = *applies_to;
    return {};
}

Answer<void> check_name(Call& call) {
    if (character_count(call.text("name")) <= name_length_max) return {};
    return refuse(bad_request("Invalid string: name must be at most 40 characters", "name"));
}

Answer<Json> create_coupon(Call& call) {
    auto id = call.text("id");
    if (id.empty()) id = call.world().random.alphanumeric(8);
    if (call.store().find(object_type::coupon, id))
        return refuse(bad_request("Coupon already exists.", "id", "resource_already_exists"));
    TRY_VOID(check_name(call));
    JsonObject coupon{
        {"id", id}, {"amount_off", nullptr}, {"created", call.now()}, {"times_redeemed", 0}, {"valid", true}};
    TRY_VOID(set_worth(coupon, call.params));
    TRY_VOID(set_duration(coupon, call.params));
    TRY_VOID(set_currency_options(coupon, call.params));
    TRY_VOID(set_limits_coupon(call, coupon));
    copy_given(coupon, call.params, {"name"});
    merge_metadata(coupon, call.params);
    call.create(object_type::coupon, std::move(coupon));
    call.emit_now("coupon.created", object_type::coupon, id);
    return call.view(object_type::coupon, id);
}

Answer<Json> update_coupon(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need(object_type::coupon, id));
    TRY_VOID(check_name(call));
    auto const before = call.view(object_type::coupon, id);
    auto& coupon = call.edit(object_type::coupon, id);
    copy_given(coupon, call.params, {"name"});
    merge_metadata(coupon, call.params);
    TRY_VOID(set_currency_options(coupon, call.params));
    call.emit_change("coupon.updated", object_type::coupon, id, before);
    return call.view(object_type::coupon, id);
}

Answer<Json> remove_coupon(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need(object_type::coupon, id));
    auto const last = call.view(object_type::coupon, id);
    auto stub = call.remove(object_type::coupon, id);
    call.emit("coupon.deleted", last);
    return stub;
}

}  // namespace

bool is_valid(JsonObject const& coupon, std::int64_t now) {
    if (coupon.contains("deleted")) return false;
    auto const& by = coupon.at("redeem_by");
    auto const& most = coupon.at("max_redemptions");
    if (by.is_int64() && by.get_int64() <= now) return false;
    return !most.is_int64() || coupon.at("times_redeemed").as_int64() < most.get_int64();
}

Answer<JsonObject const*> need_valid_coupon(Call& call, std::string const& id, std::string const& param) {
    auto const* coupon = TRY(call.need(object_type::coupon, id, param));
    if (is_valid(*coupon, call.now())) return coupon;
    return refuse(bad_request("Coupon expired: " + id, param, "coupon_expired"));
}

void redeem(Call& call, std::string const& coupon, std::string const& promotion_code) {
    auto const count = [&](std::string_view counted, std::string const& id) {
        auto& times = call.edit(counted, id)["times_redeemed"];
        times = times.as_int64() + 1;
    };
    count(object_type::coupon, coupon);
    if (!promotion_code.empty()) count("promotion_code", promotion_code);
}

void add_coupons(World& world) {
    world.views.provide(object_type::coupon, "valid",
                        [&world](JsonObject const& coupon) -> Json { return is_valid(coupon, world.now(root_clock)); });
    auto& registry = world.registry;
    registry.on("POST /v1/coupons", create_coupon);
    registry.on("POST /v1/coupons/{id}", update_coupon);
    registry.on("DELETE /v1/coupons/{id}", remove_coupon);
    registry.on("GET /v1/coupons/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::coupon, call.path_id()));
        return call.view(object_type::coupon, call.path_id());
    });
    registry.on("GET /v1/coupons", [](Call& call) { return call.list({.type = object_type::coupon}); });
}

}  // namespace billhook::sandbox
