#include "sandbox/checkout/session_discounts.h"

#include "sandbox/billing/discount_terms.h"
#include "sandbox/billing/fields.h"
#include "sandbox/checkout/checkout_session.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/coupon.h"

namespace billhook::sandbox {
namespace {

/// The discount as a session shows it: {coupon, promotion_code}.
Answer<JsonObject> resolve(Call& call, Json const& wanted, JsonObject const& session, std::string const& param) {
    auto const coupon = string_or(wanted, "coupon");
    auto const code = string_or(wanted, "promotion_code");
    if (coupon.empty() == code.empty())
        return refuse(bad_request("You must provide one of `coupon` or `promotion_code`.", param));
    if (code.empty()) {
        TRY(need_valid_coupon(call, coupon, param + "[coupon]"));
        return JsonObject{{"coupon", coupon}, {"promotion_code", nullptr}};
    }
    Purchase const purchase{.amount = int_at(session, "amount_subtotal"), .currency = text_at(session, "currency")};
    auto const* found =
        TRY(need_active_promotion_code(call, code, text_at(session, "customer"), purchase, param + "[promotion_code]"));
    return JsonObject{{"coupon", text_at(*found, "promotion.coupon")}, {"promotion_code", code}};
}

/// Each line's own share, written to the line; the sum is answered.
std::int64_t lower_lines(Call& call, JsonArray const& ids, std::vector<DiscountTerms> const& terms) {
    std::vector<DiscountableLine> lines;
    for (auto const& id : ids) {
        auto const& line = *call.store().find("item", as_view(id.as_string()));
        auto const& price = *call.store().find("price", text_at(line, "price"));
        lines.push_back({int_at(line, "amount_subtotal"), {}, text_at(price, "product")});
    }
    auto const taken = apply_discounts(lines, terms);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        std::int64_t of_line = 0;
        for (auto const amount : taken[i]) of_line += amount;
        auto& line = call.edit("item", as_view(ids[i].as_string()));
        line["amount_discount"] = of_line;
        line["amount_total"] = lines[i].amount - of_line;
        sum += of_line;
    }
    return sum;
}

}  // namespace

Answer<void> discount_session(Call& call, std::string const& id, JsonArray const& wanted) {
    auto const& present = *call.find(object_type::checkout_session, id);
    auto const currency = text_at(present, "currency");
    JsonArray shown;
    std::vector<DiscountTerms> terms;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto one = TRY(resolve(call, wanted[i], present, "discounts[" + std::to_string(i) + "]"));
        terms.push_back(discount_terms(std::to_string(i), *call.find("coupon", text_at(one, "coupon")), currency));
        shown.emplace_back(std::move(one));
    }
    auto const lines = call.store().find(object_type::checkout_wish, id)->at("items").as_array();
    auto const taken = lower_lines(call, lines, terms);
    auto& session = call.edit(object_type::checkout_session, id);
    session["discounts"] = std::move(shown);
    session["amount_total"] = int_at(session, "amount_subtotal") - taken;
    session["total_details"].as_object()["amount_discount"] = taken;
    session["payment_status"] = session["amount_total"] == 0 ? "no_payment_required" : "unpaid";
    return {};
}

Answer<void> discount_session_by_code(Call& call, std::string const& id, std::string const& typed) {
    auto const* found = find_promotion_code(
        call.world(), typed, text_at(*call.find(object_type::checkout_session, id), "customer"), call.now());
    if (!found) return refuse(bad_request("This promotion code is not valid.", "promotion_code"));
    return discount_session(call, id, JsonArray{JsonObject{{"promotion_code", text_at(*found, "id")}}});
}

JsonArray session_discounts(JsonObject const& session) {
    JsonArray wanted;
    auto const* shown = find(session, "discounts");
    if (!shown || !shown->is_array()) return wanted;
    for (auto const& one : shown->get_array()) {
        auto const code = string_or(one, "promotion_code");
        wanted.emplace_back(code.empty() ? JsonObject{{"coupon", string_or(one, "coupon")}}
                                         : JsonObject{{"promotion_code", code}});
    }
    return wanted;
}

void redeem_session_discounts(Call& call, JsonObject const& session) {
    auto const* shown = find(session, "discounts");
    if (!shown || !shown->is_array()) return;
    for (auto const& one : JsonArray(shown->get_array()))
        redeem(call, string_or(one, "coupon"), string_or(one, "promotion_code"));
}

}  // namespace billhook::sandbox
