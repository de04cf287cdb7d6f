#include "flow/price_book.h"

namespace billhook::flow {

PriceBook::PriceBook(std::vector<store::CatalogPrice> const& rows) {
    for (auto const& row : rows) {
        auto& meaning = meanings_[row.stripe_price_id];
        meaning.plan = row.plan;
        meaning.lookup_key = row.lookup_key;
        meaning.interval = row.interval;
        meaning.amounts[row.currency] = row.amount;
        if (row.is_active) offers_[{row.plan, row.interval, row.currency}] = {row.stripe_price_id, row.amount};
    }
}

PriceBook::Meaning const* PriceBook::find(std::string_view stripe_price_id) const {
    auto found = meanings_.find(stripe_price_id);
    return found == meanings_.end() ? nullptr : &found->second;
}

PriceBook::Offer const* PriceBook::find_offer(std::string_view plan, IntervalUnit interval,
                                              std::string_view currency) const {
    auto found = offers_.find({std::string(plan), interval, std::string(currency)});
    return found == offers_.end() ? nullptr : &found->second;
}

}  // namespace billhook::flow
