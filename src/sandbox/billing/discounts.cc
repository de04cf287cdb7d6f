#include "sandbox/billing/discounts.h"

#include "sandbox/billing/fields.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

JsonObject const* coupon_of(Call& call, JsonObject const& discount) {
    return call.store().find("coupon", text_at(discount, "source.coupon"));  // also a coupon deleted since
}

Answer<std::string> redeem_one(Call& call, Json const& given, DiscountHolder const& holder, std::string const& param) {
    if (auto existing = string_or(given, "discount"); !existing.empty()) {
        TRY(call.need(object_type::discount, existing, param + "[discount]"));
        return existing;
    }
    auto coupon_id = string_or(given, "coupon");
    auto const promotion_code = string_or(given, "promotion_code");
    if (coupon_id.empty() == promotion_code.empty())
        return refuse(bad_request("You must provide one of `coupon`, `promotion_code`, or `discount`.", param));
    if (holder.offer == Offer::on_sale_now && !promotion_code.empty())
        TRY(need_active_promotion_code(call, promotion_code, holder.customer, holder.purchase,
                                       param + "[promotion_code]"));
    else if (holder.offer == Offer::on_sale_now)
        TRY(need_valid_coupon(call, coupon_id, param + "[coupon]"));
    if (!promotion_code.empty())
        coupon_id = text_at(*call.store().find("promotion_code", promotion_code), "promotion.coupon");
    auto const& coupon = *call.store().find("coupon", coupon_id);  // also one deleted since it was agreed
    Json end = nullptr;
    if (text_at(coupon, "duration") == "repeating")
        end = add_intervals(call.now(), {IntervalUnit::month, 1}, int_at(coupon, "duration_in_months"));
    redeem(call, coupon_id, promotion_code);
    auto id = call.new_id("di_");
    call.create(object_type::discount, {{"id", id},
                                        {"customer", or_null(holder.customer)},
                                        {"end", end},
                                        {"invoice", or_null(holder.invoice)},
                                        {"invoice_item", or_null(holder.invoice_item)},
                                        {"promotion_code", or_null(promotion_code)},
                                        {"source", {{"type", "coupon"}, {"coupon", coupon_id}}},
                                        {"start", call.now()},
                                        {"subscription", or_null(holder.subscription)},
                                        {"subscription_item", or_null(holder.item)}});
    return id;
}

bool holds(JsonObject const& discount, Seconds at) {
    auto const end = time_at(discount, "end");
    return !end || at < *end;
}

}  // namespace

Answer<JsonArray> redeem_discounts(Call& call, Json const* given, DiscountHolder const& holder,
                                   std::string const& param) {
    JsonArray ids;
    if (!given || !given->is_array()) return ids;
    std::size_t position = 0;
    for (auto const& one : given->get_array())
        ids.emplace_back(TRY(redeem_one(call, one, holder, param + "[" + std::to_string(position++) + "]")));
    return ids;
}

std::vector<DiscountTerms> discount_terms_of(Call& call, JsonArray const& ids, std::string const& currency, Seconds at,
                                             std::string const& item) {
    std::vector<DiscountTerms> terms;
    for (auto const& id : ids) {
        auto const* discount = call.find(object_type::discount, as_view(id.as_string()));
        auto const* coupon = discount && holds(*discount, at) ? coupon_of(call, *discount) : nullptr;
        if (!coupon) continue;
        terms.push_back(discount_terms(text_at(*discount, "id"), *coupon, currency));
        terms.back().item = item;
    }
    return terms;
}

JsonArray holding_at(Call& call, JsonArray const& ids, Seconds at) {
    JsonArray holding;
    for (auto const& id : ids) {
        auto const* discount = call.find(object_type::discount, as_view(id.as_string()));
        if (discount && holds(*discount, at)) holding.push_back(id);
    }
    return holding;
}

bool is_once(Call& call, std::string const& id) {
    auto const* discount = call.find(object_type::discount, id);
    auto const* coupon = discount ? coupon_of(call, *discount) : nullptr;
    return coupon && text_at(*coupon, "duration") == "once";
}

}  // namespace billhook::sandbox
