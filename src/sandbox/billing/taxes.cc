#include "sandbox/billing/taxes.h"

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

/// The rate of the sandbox's registration in a country, made when it is first needed.
std::string automatic_rate(Call& call, std::string const& country) {
    auto const& percentage = call.world().settings.automatic_tax_percentage;
    for (auto const& [sequence, rate] : call.store().all("tax_rate"))
        if (text_at(rate->object, "sandbox_automatic_in") == country) return rate->id;
    auto const id = call.new_id("txr_");
    Json const number = parse_json(percentage).value_or(Json(0));
    call.create("tax_rate", {{"id", id},
                             {"active", true},
                             {"country", country},
                             {"created", call.now()},
                             {"display_name", "Tax"},
                             {"effective_percentage", number},
                             {"inclusive", false},
                             {"metadata", JsonObject{}},
                             {"percentage", number},
                             {"rate_type", "percentage"},
                             {"sandbox_automatic_in", country}});
    return id;
}

/// The ids of the rates by which an invoice is taxed. Automatic tax needs to know where the customer lives.
JsonArray rate_ids(Call& call, JsonObject const& invoice) {
    if (!is_automatic(invoice)) return array_at(invoice, "default_tax_rates");
    auto const country = text_at(invoice, "customer_address.country");
    return country.empty() ? JsonArray{} : JsonArray{automatic_rate(call, country)};
}

std::vector<Rate> rates_of(Call& call, JsonObject const& invoice) {
    std::vector<Rate> rates;
    // A customer who is exempt, or who owes the tax himself, is billed none.
    auto const exempt = text_at(invoice, "customer_tax_exempt");
    if (!exempt.empty() && exempt != "none") return rates;
    for (auto const& id : rate_ids(call, invoice)) {
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
    auto const rates = rates_of(call, *call.find("invoice", invoice));
    std::int64_t contained = whole;
    for (auto const& rate : rates)
        if (rate.is_inclusive) contained += rate.millionths;
    std::vector<std::int64_t> sums(rates.size(), 0), bases(rates.size(), 0);
    for (auto const& id : lines) {
        auto const amount = taxable_amount(*call.find("line_item", id));
        auto const net = amount - multiply_ratio(amount, contained - whole, contained);
        JsonArray taxes;
        for (std::size_t i = 0; i < rates.size(); ++i) {
            auto const tax = rates[i].is_inclusive ? multiply_ratio(amount, rates[i].millionths, contained)
                                                   : multiply_ratio(net, rates[i].millionths, whole);
            sums[i] += tax;
            bases[i] += net;
            taxes.emplace_back(shown(rates[i], tax, net));
        }
        if (auto const& present = *call.find("line_item", id); present.at("taxes") != taxes)
            call.edit("line_item", id)["taxes"] = std::move(taxes);
    }
    InvoiceTaxes all;
    for (std::size_t i = 0; i < rates.size(); ++i) {
        (rates[i].is_inclusive ? all.inclusive : all.exclusive) += sums[i];
        all.totals.emplace_back(shown(rates[i], sums[i], bases[i]));
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
