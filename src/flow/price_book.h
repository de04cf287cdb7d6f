#pragma once
// PriceBook: which Stripe price stands for which plan, both ways. Made from what `catalog apply` left in the store; a
// price that was replaced stays known, because older subscriptions still bear it. Immutable once made.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/calendar.h"
#include "store/catalog_store.h"

namespace billhook::flow {

class PriceBook {
  public:
    PriceBook() = default;
    explicit PriceBook(std::vector<store::CatalogPrice> const& rows);

    struct Meaning {
        std::string plan;
        std::string lookup_key;
        IntervalUnit interval = IntervalUnit::month;
        std::map<std::string, std::int64_t, std::less<>> amounts = {};  // minor units, by currency
    };
    /// What a Stripe price stands for, replaced or not; null where it is none of ours.
    Meaning const* find(std::string_view stripe_price_id) const;

    struct Offer {
        std::string stripe_price_id;
        std::int64_t amount = 0;  // minor units
    };
    /// The price to sell now; null where the plan is not sold like that.
    Offer const* find_offer(std::string_view plan, IntervalUnit interval, std::string_view currency) const;

  private:
    struct OfferKey {
        std::string plan;
        IntervalUnit interval;
        std::string currency;
        auto operator<=>(OfferKey const&) const = default;
    };
    std::map<std::string, Meaning, std::less<>> meanings_;
    std::map<OfferKey, Offer> offers_;
};

}  // namespace billhook::flow
