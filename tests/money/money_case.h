#pragma once
// A money case as it is written in a .cases file (the grammar is in README.md).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace billhook::money {

struct PriceSpec {
    std::string name;
    std::int64_t amount = 0;
    std::string currency;
    std::string interval;  // week, month, year
    int interval_count = 1;
    bool is_metered = false;
    bool is_inclusive = false;
};

struct CouponSpec {
    std::string name;
    std::string percent;
    std::string duration;
    std::string months;  // of repeating
};

struct SpanSpec {
    std::int64_t start = 0, end = 0;
    auto operator<=>(SpanSpec const&) const = default;
};

/// A line of an invoice, or an item that waits (its kind is then "any").
struct LineSpec {
    std::int64_t amount = 0;
    std::string kind = "any";
    std::string price;
    std::int64_t quantity = 1;
    SpanSpec span;
    std::optional<std::int64_t> gross = {};  // before discounts; compared where any line of the invoice says it
    auto operator<=>(LineSpec const&) const = default;
};

struct InvoiceSpec {
    std::string reason;
    std::int64_t total = 0, due = 0;
    std::optional<std::int64_t> tax = {};
    std::vector<LineSpec> lines = {};
};

struct Step {
    int line_number = 0;
    std::int64_t at = 0;
    std::string verb;
    std::vector<std::string> words;  // "starter", "x1", "proration=none", …
    std::vector<InvoiceSpec> invoices = {};
    std::optional<std::int64_t> charged = {};
    std::vector<LineSpec> pending = {};
    std::optional<std::int64_t> balance = {};
    std::map<std::string, SpanSpec> periods = {};
    std::optional<std::string> status = {};
};

struct Case {
    std::string file;
    std::string name;
    std::string mode = "flexible";
    std::string taxed_country = {};  // where the customer lives and pays automatic tax; empty: no tax
    std::vector<PriceSpec> prices = {};
    std::vector<CouponSpec> coupons = {};
    std::vector<Step> steps = {};
};

/// Stops with a message naming file and line where a statement is not of the grammar.
std::vector<Case> read_cases(std::string const& path);

/// The value of the word "name=value"; nothing where it is not among the words.
std::optional<std::string> option(std::vector<std::string> const& words, std::string const& name);

std::string show(SpanSpec const& span);
std::string show(LineSpec const& line);

}  // namespace billhook::money
