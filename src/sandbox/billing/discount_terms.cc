#include "sandbox/billing/discount_terms.h"

#include <algorithm>
#include <cmath>

#include "base/money.h"
#include "sandbox/billing/fields.h"

namespace billhook::sandbox {
namespace {

bool applies(DiscountTerms const& discount, DiscountableLine const& line) {
    if (!discount.item.empty() && discount.item != line.item) return false;
    return discount.products.empty() || std::ranges::find(discount.products, line.product) != discount.products.end();
}

}  // namespace

DiscountTerms discount_terms(std::string id, JsonObject const& coupon, std::string const& currency) {
    DiscountTerms terms;
    terms.id = std::move(id);
    if (auto const* percent = find(coupon, "percent_off"); percent && percent->is_number())
        terms.percent_millionths = std::llround(percent->to_number<double>() * 10'000);
    if (text_at(coupon, "currency") == currency)
        terms.amount_off = int_at(coupon, "amount_off");
    else
        terms.amount_off = int_at(coupon, "currency_options." + currency + ".amount_off");
    for (auto const& product : array_at(coupon, "applies_to.products"))
        if (product.is_string()) terms.products.emplace_back(as_view(product.get_string()));
    return terms;
}

std::vector<std::vector<std::int64_t>> apply_discounts(std::vector<DiscountableLine> const& lines,
                                                       std::vector<DiscountTerms> const& discounts) {
    std::vector<std::vector<std::int64_t>> taken(lines.size(), std::vector<std::int64_t>(discounts.size(), 0));
    std::vector<std::int64_t> left;
    for (auto const& line : lines) left.push_back(std::max<std::int64_t>(line.amount, 0));

    for (std::size_t d = 0; d < discounts.size(); ++d) {
        auto const& discount = discounts[d];
        std::int64_t base = 0;
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (applies(discount, lines[i])) base += left[i];
        auto const fixed = std::min(discount.amount_off, base);
        std::int64_t seen = 0, given = 0;  // of a fixed amount, so that the parts add up to the whole
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (!applies(discount, lines[i])) continue;
            auto off = multiply_ratio(left[i], discount.percent_millionths, 1'000'000);
            if (fixed > 0) {
                seen += left[i];
                auto const so_far = multiply_ratio(fixed, seen, base);
                off = so_far - given;
                given = so_far;
            }
            off = std::min(off, left[i]);
            taken[i][d] = off;
            left[i] -= off;
        }
    }
    return taken;
}

}  // namespace billhook::sandbox
