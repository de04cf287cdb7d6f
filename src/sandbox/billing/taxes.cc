#include "sandbox/billing/taxes.h"

#include <algorithm>
#include <cmath>

#include "base/money.h"
#include "sandbox/billing/fields.h"

namespace billhook::sandbox {
namespace {

// Percentages have up to four decimals: 19.5 % = 195 000 millionths.
constexpr std::int64_t whole = 1'000'000;

struct Rate {
    std::string id;
    std::int64_t millionths = 0;
    bool is_inclusive = false;
    bool is_automatic = false;
};

bool is_automatic(JsonObject const& invoice) {
    return bool_at(invoice, "automatic_tax.enabled");
}

/// The rate of the sandbox's registration in a country, made when it is first needed: one for the prices that contain
/// their tax, one for the others.
std::string automatic_rate(Call& call, std::string const& country, bool is_inclusive) {
    auto const& percentage = call.world().settings.automatic_tax_percentage;
    for (auto const& [sequence, rate] : call.store().all("tax_rate"))
        if (text_at(rate->object, "sandbox_automatic_in") == country &&
            bool_at(rate->object, "inclusive") == is_inclusive)
            return rate->id;
    auto const id = call.new_id("txr_");
    Json const number = parse_json(percentage).value_or(Json(0));
    call.create("tax_rate", {{"id", id},
                             {"active", true},
                             {"country", country},
                             {"created", call.now()},
                             {"display_name", "Tax"},
                             {"effective_percentage", number},
                             {"inclusive", is_inclusive},
                             {"metadata", JsonObject{}},
                             {"percentage", number},
                             {"rate_type", "percentage"},
                             {"sandbox_automatic_in", country}});
    return id;
}

/// Whether the line's price contains its tax. A price that does not say is taken to be without.
bool contains_tax(Call& call, JsonObject const& line) {
    auto const* price = call.store().find("price", text_at(line, "pricing.price_details.price"));
    if (price) return text_at(*price, "tax_behavior") == "inclusive";
    auto const* item = call.store().find("invoiceitem", text_at(line, "parent.invoice_item_details.invoice_item"));
    return item && text_at(*item, "sandbox_tax_behavior") == "inclusive";
}

/// The ids of the rates by which a line is taxed: its own, or else the invoice's. Automatic tax has one rate, and needs
/// to know where the customer lives.
JsonArray rate_ids(Call& call, JsonObject const& invoice, JsonObject const& line) {
    if (!is_automatic(invoice)) {
        auto own = array_at(line, "sandbox_tax_rates");
        return own.empty() ? array_at(invoice, "default_tax_rates") : own;
    }
    auto const country = text_at(invoice, "customer_address.country");
    return country.empty() ? JsonArray{} : JsonArray{automatic_rate(call, country, contains_tax(call, line))};
}

std::vector<Rate> rates_of(Call& call, JsonObject const& invoice, JsonObject const& line) {
    std::vector<Rate> rates;
    // A customer who is exempt, or who owes the tax himself, is billed none.
    auto const exempt = text_at(invoice, "customer_tax_exempt");
    if (!exempt.empty() && exempt != "none") return rates;
    for (auto const& id : rate_ids(call, invoice, line)) {
        auto const* rate = call.store().find("tax_rate", as_view(id.as_string()));
        if (!rate) continue;
        auto const percent = rate->at("percentage").to_number<double>();
        rates.push_back(
            {text_at(*rate, "id"), std::llround(percent * 10'000), bool_at(*rate, "inclusive"), is_automatic(invoice)});
    }
    return rates;
}

std::int64_t taxable_amount(JsonObject const& line) {
    auto amount = int_at(line, "amount");
    for (auto const& discount : array_at(line, "discount_amounts")) amount -= int_at(discount.as_object(), "amount");
    return amount;
}

JsonObject shown(Rate const& rate, std::int64_t amount, std::int64_t taxable) {
    return {{"amount", amount},
            {"tax_behavior", rate.is_inclusive ? "inclusive" : "exclusive"},
            {"tax_rate_details", {{"tax_rate", rate.id}}},
            {"taxability_reason", rate.is_automatic ? "standard_rated" : "not_available"},
            {"taxable_amount", taxable},
            {"type", "tax_rate_details"}};
}

void write_automatic_status(Call& call, std::string const& id) {
    if (!is_automatic(*call.find("invoice", id))) return;
    bool const is_located = !text_at(*call.find("invoice", id), "customer_address.country").empty();
    auto& automatic = call.edit("invoice", id)["automatic_tax"].as_object();
    automatic["status"] = is_located ? "complete" : "requires_location_inputs";
    automatic["provider"] = "stripe";
}

}  // namespace

InvoiceTaxes write_taxes(Call& call, std::string const& invoice, std::vector<std::string> const& lines) {
    write_automatic_status(call, invoice);
    struct Sum {
        Rate rate;
        std::int64_t amount = 0, taxable = 0;
    };
    std::vector<Sum> sums;  // by rate, in the order in which they are met
    for (auto const& id : lines) {
        auto const rates = rates_of(call, *call.find("invoice", invoice), *call.find("line_item", id));
        std::int64_t contained = whole;
        for (auto const& rate : rates)
            if (rate.is_inclusive) contained += rate.millionths;
        auto const amount = taxable_amount(*call.find("line_item", id));
        auto const net = amount - multiply_ratio(amount, contained - whole, contained);
        JsonArray taxes;
        for (auto const& rate : rates) {
            auto const tax = rate.is_inclusive ? multiply_ratio(amount, rate.millionths, contained)
                                               : multiply_ratio(net, rate.millionths, whole);
            auto at = std::ranges::find(sums, rate.id, [](Sum const& sum) { return sum.rate.id; });
            if (at == sums.end()) at = sums.insert(sums.end(), {.rate = rate});
            at->amount += tax;
            at->taxable += net;
            taxes.emplace_back(shown(rate, tax, net));
        }
        if (auto const& present = *call.find("line_item", id); present.at("taxes") != taxes)
            call.edit("line_item", id)["taxes"] = std::move(taxes);
    }
    InvoiceTaxes all;
    for (auto const& sum : sums) {
        (sum.rate.is_inclusive ? all.inclusive : all.exclusive) += sum.amount;
        all.totals.emplace_back(shown(sum.rate, sum.amount, sum.taxable));
    }
    return all;
}

Answer<JsonArray> read_tax_rates(Call& call, Json const& given, std::string const& param) {
    JsonArray ids;
    if (!given.is_array()) return ids;
    for (auto const& id : given.get_array()) {
        auto const place = param + "[" + std::to_string(ids.size()) + "]";
        TRY(call.need("tax_rate", std::string(as_view(id.as_string())), place));
        ids.push_back(id);
    }
    return ids;
}

}  // namespace billhook::sandbox
