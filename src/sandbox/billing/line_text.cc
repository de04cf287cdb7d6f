#include "sandbox/billing/line_text.h"

#include <array>

#include "base/money.h"

namespace billhook::sandbox {
namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string date_text(Seconds at) {
    auto const rfc3339 = to_rfc3339(Timestamp::from_seconds(at));  // "2025-11-10T…"
    auto const month = std::stoul(rfc3339.substr(5, 2));
    return std::to_string(std::stoi(rfc3339.substr(8, 2))) + " " + std::string(months[month - 1]) + " " +
           rfc3339.substr(0, 4);
}

std::string symbol_of(std::string const& currency) {
    if (currency == "usd") return "$";
    if (currency == "eur") return "€";
    if (currency == "gbp") return "£";
    if (currency == "jpy") return "¥";
    return {};
}

std::string unit_price_text(PriceTerms const& price) {
    auto const currency = Currency::parse(price.currency);
    if (!currency || price.unit_amount.scale > 0) return {};
    auto shown = to_display({price.unit_amount.value, *currency});
    auto const symbol = symbol_of(price.currency);
    return symbol.empty() ? shown : symbol + shown.substr(0, shown.find(' '));
}

std::string interval_text(Interval interval) {
    if (interval.count == 1) return std::string("/ ") + to_string(interval.unit);
    return "every " + std::to_string(interval.count) + " " + to_string(interval.unit) + "s";
}

std::string counted(SoldThing const& thing, std::int64_t quantity) {
    auto text = std::to_string(quantity) + " ";
    if (!thing.unit_label.empty()) text += thing.unit_label + " ";
    return text + "× " + thing.product_name;
}

}  // namespace

std::string purchase_text(SoldThing const& thing, PriceTerms const& price, std::int64_t quantity) {
    auto text = counted(thing, quantity);
    auto const unit_price = price.tiers.empty() ? unit_price_text(price) : std::string{};
    if (unit_price.empty()) return text;
    return text + " (at " + unit_price + (price.interval ? " " + interval_text(*price.interval) : "") + ")";
}

std::string proration_text(SoldThing const& thing, LineKind kind, std::int64_t quantity, Seconds from) {
    return std::string(kind == LineKind::credit ? "Unused" : "Remaining") + " time on " +
           (quantity == 1 ? thing.product_name : counted(thing, quantity)) + " after " + date_text(from);
}

std::string trial_text(SoldThing const& thing, std::int64_t quantity) {
    return "Free trial for " + counted(thing, quantity);
}

}  // namespace billhook::sandbox
