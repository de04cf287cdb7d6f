#include "sandbox/billing/customer_discount.h"

#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

/// As its deletion shows it; empty where there was none.
JsonObject take_away(Call& call, std::string const& customer) {
    auto const id = text_at(*call.find(object_type::customer, customer), "discount");
    if (id.empty()) return {};
    call.edit(object_type::customer, customer)["discount"] = nullptr;
    call.emit_now("customer.discount.deleted", object_type::discount, id);
    auto gone = call.view(object_type::discount, id);
    gone["deleted"] = true;
    gone.erase("end");
    return gone;
}

Answer<Json> remove_customer_discount(Call& call) {
    auto const& id = call.path_id();
    call.use_clock_of(*TRY(call.need(object_type::customer, id)));
    auto const before = call.view(object_type::customer, id);
    auto gone = take_away(call, id);
    if (gone.empty())
        return refuse(
            ApiError{404, "invalid_request_error", "resource_missing", "No active discount for customer: " + id, ""});
    call.emit_change("customer.updated", object_type::customer, id, before);
    return gone;
}

}  // namespace

Answer<void> apply_customer_discount(Call& call, std::string const& customer) {
    for (auto const& [param, name] :
         {std::pair{"older_coupon", "coupon"}, std::pair{"older_promotion_code", "promotion_code"}}) {
        if (!call.has(param)) continue;
        auto const wanted = call.text(param);
        if (wanted.empty()) {
            take_away(call, customer);
            continue;
        }
        Json const given(JsonArray{JsonObject{{name, wanted}}});
        auto const ids = TRY(redeem_discounts(call, &given, {.customer = customer}, "discounts"));
        bool const had_one = !text_at(*call.find(object_type::customer, customer), "discount").empty();
        call.edit(object_type::customer, customer)["discount"] = ids.front();
        call.emit_now(had_one ? "customer.discount.updated" : "customer.discount.created", object_type::discount,
                      text_at(*call.find(object_type::customer, customer), "discount"));
    }
    return {};
}

JsonArray discounts_or_customers(Call& call, std::string const& customer, JsonArray const& own) {
    if (!own.empty()) return own;
    auto const id = text_at(*call.find(object_type::customer, customer), "discount");
    return id.empty() ? JsonArray{} : JsonArray{Json(id)};
}

void add_customer_discounts(World& world) {
    world.registry.on("DELETE /v1/customers/{id}/discount", remove_customer_discount);
}

}  // namespace billhook::sandbox
