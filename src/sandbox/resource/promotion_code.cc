// Promotion codes: what a customer types to redeem a coupon.

#include "sandbox/core/object_type.h"
#include "sandbox/resource/coupon.h"
#include "sandbox/resource/currency.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string coupon_of(JsonObject const& code) {
    return string_or(code.at("promotion"), "coupon");
}

ApiError not_redeemable(std::string const& why, std::string const& param) {
    return bad_request("This promotion code cannot be redeemed because " + why + ".", param,
                       "promotion_code_not_redeemable");
}

/// Whether the customer has ever paid anything, by card or otherwise.
bool has_paid(Call& call, std::string const& customer) {
    if (customer.empty()) return false;
    for (auto const& [sequence, charge] : call.store().where("charge", "customer", customer))
        if (charge->object.at("paid") == Json(true)) return true;
    for (auto const& [sequence, invoice] : call.store().where("invoice", "customer", customer))
        if (invoice->object.at("status") == Json("paid") && int_or(invoice->object, "amount_paid") > 0) return true;
    return false;
}

/// In a currency for which no minimum is set the code does not hold.
bool reaches_minimum(JsonObject const& restrictions, Purchase const& purchase) {
    if (!restrictions.at("minimum_amount").is_int64()) return true;
    auto const* options = find(restrictions, "currency_options");
    auto const* option = options ? find(*options, purchase.currency) : nullptr;
    return option && purchase.amount >= int_or(*option, "minimum_amount");
}

// A code must be unique among the active ones that the same customer could redeem.
Answer<void> check_code(Call& call, std::string const& code, Json const& customer) {
    for (auto const& [sequence, other] : call.store().where(object_type::promotion_code, "code", upper(code))) {
        auto const& others_customer = other->object.at("customer");
        bool const overlaps = others_customer.is_null() || customer.is_null() || others_customer == customer;
        if (overlaps && is_active(call.world(), other->object, call.now()))
            return refuse(bad_request("An active promotion code with `code: " + code + "` already exists.", "code",
                                      "resource_already_exists"));
    }
    return {};
}

Answer<void> set_restrictions(JsonObject& code, JsonObject const& params) {
    auto& kept = code["restrictions"].as_object();
    auto const* given = find(params, "restrictions");
    if (!given) return {};
    copy_given(kept, given->as_object(), {"first_time_transaction", "minimum_amount"});
    auto const currency = string_or(*given, "minimum_amount_currency");
    if (find(*given, "minimum_amount")) {
        if (currency.empty()) return refuse(missing_parameter("restrictions[minimum_amount_currency]"));
        auto const known = TRY(read_currency(currency, "restrictions[minimum_amount_currency]"));
        kept["minimum_amount_currency"] = known;
        kept["currency_options"] = JsonObject{{known, JsonObject{{"minimum_amount", kept["minimum_amount"]}}}};
    }
    if (auto const* options = find(*given, "currency_options")) {
        if (kept["minimum_amount"].is_null())
            return refuse(bad_request("currency_options needs a minimum_amount.", "restrictions[currency_options]"));
        for (auto const& [currency_code, option] : options->as_object())
            kept["currency_options"]
                .as_object()[TRY(read_currency(std::string(currency_code), "restrictions[currency_options]"))] = option;
    }
    return {};
}

Answer<void> set_limits_promotion_code(Call& call, JsonObject& code, JsonObject const& coupon) {
    if (auto const* at = find(call.params, "expires_at")) {
        if (at->as_int64() <= call.now())
            return refuse(bad_request("The expires_at must be in the future.", "expires_at"));
        if (auto const& by = coupon.at("redeem_by"); by.is_int64() && at->as_int64() > by.get_int64())
            return refuse(bad_request("The promotion code cannot expire after its coupon.", "expires_at"));
        code["expires_at"] = *at;
    }
    auto const* most = find(call.params, "max_redemptions");
    if (!most) return {};
    if (most->as_int64() < 1)
        return refuse(bad_request("This value must be greater than or equal to 1.", "max_redemptions",
                                  "parameter_invalid_integer"));
    if (auto const& coupons = coupon.at("max_redemptions");
        coupons.is_int64() && most->as_int64() > coupons.get_int64())
        return refuse(bad_request("max_redemptions cannot exceed that of the coupon.", "max_redemptions"));
    code["max_redemptions"] = *most;
    return {};
}

Answer<Json> create_promotion_code(Call& call) {
    auto const coupon_id = call.text("promotion.coupon");
    if (coupon_id.empty()) return refuse(missing_parameter("promotion[coupon]"));
    auto const* coupon = TRY(need_valid_coupon(call, coupon_id, "promotion[coupon]"));
    auto const id = call.new_id("promo_");
    auto spelt = call.text("code");
    if (spelt.empty()) spelt = upper(call.world().random.alphanumeric(8));
    Json customer = nullptr;
    if (auto const given = call.text("customer"); !given.empty()) {
        TRY(call.need("customer", given, "customer"));
        customer = given;
    }
    JsonObject code{{"id", id},
                    {"active", true},
                    {"code", spelt},
                    {"created", call.now()},
                    {"customer", customer},
                    {"promotion", JsonObject{{"type", "coupon"}, {"coupon", coupon_id}}},
                    {"restrictions", JsonObject{{"first_time_transaction", false}}},
                    {"times_redeemed", 0}};
    copy_given(code, call.params, {"active"});
    TRY_VOID(set_limits_promotion_code(call, code, *coupon));
    TRY_VOID(set_restrictions(code, call.params));
    merge_metadata(code, call.params);
    if (code["active"].as_bool()) TRY_VOID(check_code(call, spelt, customer));
    call.create(object_type::promotion_code, std::move(code));
    call.emit_now("promotion_code.created", object_type::promotion_code, id);
    return call.view(object_type::promotion_code, id);
}

Answer<Json> update_promotion_code(Call& call) {
    auto const& id = call.path_id();
    auto const* current = TRY(call.need(object_type::promotion_code, id));
    auto const before = call.view(object_type::promotion_code, id);
    if (auto const* active = find(call.params, "active");
        active && active->as_bool() && !current->at("active").as_bool()) {
        auto candidate = *current;
        candidate["active"] = true;
        if (!is_active(call.world(), candidate, call.now()))
            return refuse(bad_request(
                "This promotion code cannot be activated: it or its coupon has expired or is used up.", "active"));
        TRY_VOID(check_code(call, string_or(current->at("code"), ""), current->at("customer")));
    }
    auto& code = call.edit(object_type::promotion_code, id);
    copy_given(code, call.params, {"active"});
    TRY_VOID(set_restrictions(code, call.params));
    merge_metadata(code, call.params);
    call.emit_change("promotion_code.updated", object_type::promotion_code, id, before);
    return call.view(object_type::promotion_code, id);
}

Answer<Json> list_promotion_codes(Call& call) {
    ListQuery query{.type = object_type::promotion_code};
    if (auto const code = call.text("code"); !code.empty()) {
        query.index = "code";
        query.key = upper(code);
    }
    query.keep = [&](JsonObject const& code) {
        auto const* active = find(call.params, "active");
        auto const coupon = call.text("coupon"), customer = call.text("customer");
        return (!active || active->as_bool() == is_active(call.world(), code, call.now())) &&
               (coupon.empty() || coupon_of(code) == coupon) &&
               (customer.empty() || code.at("customer") == Json(customer));
    };
    return call.list(query);
}

}  // namespace

bool is_active(World& world, JsonObject const& code, std::int64_t now) {
    if (!code.at("active").as_bool()) return false;
    auto const& expires_at = code.at("expires_at");
    auto const& most = code.at("max_redemptions");
    if (expires_at.is_int64() && expires_at.get_int64() <= now) return false;
    if (most.is_int64() && code.at("times_redeemed").as_int64() >= most.get_int64()) return false;
    auto const* coupon = world.store.find("coupon", coupon_of(code));
    return coupon && is_valid(*coupon, now);
}

Answer<JsonObject const*> need_active_promotion_code(Call& call, std::string const& id, std::string const& customer,
                                                     std::optional<Purchase> const& purchase,
                                                     std::string const& param) {
    auto const* code = TRY(call.need(object_type::promotion_code, id, param));
    auto const& only_for = code->at("customer");
    bool const is_for_another = only_for.is_string() && as_view(only_for.get_string()) != customer;
    auto const& restrictions = code->at("restrictions").as_object();
    if (!is_active(call.world(), *code, call.now()) || is_for_another)
        return refuse(not_redeemable("it is not active, or belongs to another customer", param));
    if (restrictions.at("first_time_transaction").as_bool() && has_paid(call, customer))
        return refuse(not_redeemable("the associated customer has prior transactions", param));
    if (purchase && !reaches_minimum(restrictions, *purchase))
        return refuse(not_redeemable("the order does not reach the code's minimum amount", param));
    return code;
}

JsonObject const* find_promotion_code(World& world, std::string const& code, std::string const& customer,
                                      std::int64_t now) {
    for (auto const& [sequence, candidate] : world.store.where(object_type::promotion_code, "code", upper(code))) {
        auto const& only_for = candidate->object.at("customer");
        if (only_for.is_string() && as_view(only_for.get_string()) != customer) continue;
        if (is_active(world, candidate->object, now)) return &candidate->object;
    }
    return nullptr;
}

void add_promotion_codes(World& world) {
    world.store.add_index(object_type::promotion_code, "code", [](JsonObject const& code) {
        return upper(std::string(as_view(code.at("code").as_string())));
    });
    world.views.provide(object_type::promotion_code, "active", [&world](JsonObject const& code) -> Json {
        return is_active(world, code, world.now(root_clock));
    });
    auto& registry = world.registry;
    registry.on("POST /v1/promotion_codes", create_promotion_code);
    registry.on("POST /v1/promotion_codes/{id}", update_promotion_code);
    registry.on("GET /v1/promotion_codes/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::promotion_code, call.path_id()));
        return call.view(object_type::promotion_code, call.path_id());
    });
    registry.on("GET /v1/promotion_codes", list_promotion_codes);
}

}  // namespace billhook::sandbox
