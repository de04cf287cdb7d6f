#pragma once
// Discount objects: a coupon redeemed for a subscription, an item, or an invoice, from a start to an end.

#include <string>
#include <vector>

#include "sandbox/billing/discount_terms.h"
#include "sandbox/billing/offer.h"
#include "sandbox/billing/period.h"
#include "sandbox/core/call.h"
#include "sandbox/resource/coupon.h"

namespace billhook::sandbox {

struct DiscountHolder {
    std::string customer;
    std::string subscription = {};
    std::string item = {};
    std::string invoice = {};
    std::string invoice_item = {};
    std::optional<Purchase> purchase = {};
    Offer offer = Offer::on_sale_now;
};

/// Redeems what a `discounts` parameter lists (coupon, promotion_code, or an existing discount) and answers the ids.
/// null or nothing given: no discounts.
Answer<JsonArray> redeem_discounts(Call& call, Json const* given, DiscountHolder const& holder,
                                   std::string const& param);

/// What those of the discounts that hold at this time take off; `item` narrows them to the lines of one item.
std::vector<DiscountTerms> discount_terms_of(Call& call, JsonArray const& ids, std::string const& currency, Seconds at,
                                             std::string const& item = {});

/// Only those that still hold at this time.
JsonArray holding_at(Call& call, JsonArray const& ids, Seconds at);
bool is_once(Call& call, std::string const& discount);

}  // namespace billhook::sandbox
