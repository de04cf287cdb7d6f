#include "tests/money/money_case.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/timestamp.h"

namespace billhook::money {
namespace {

using Words = std::vector<std::string>;

Words split(std::string const& text, char separator = ' ') {
    Words words;
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, separator);)
        if (!word.empty()) words.push_back(word);
    return words;
}

std::int64_t time(std::string const& text) {
    auto const at = parse_rfc3339(text);
    if (!at) throw std::runtime_error("no time: " + text);
    return at->seconds();
}

SpanSpec span(std::string const& text) {
    auto const dots = text.find("..");
    if (dots == std::string::npos) throw std::runtime_error("no span: " + text);
    return {time(text.substr(0, dots)), time(text.substr(dots + 2))};
}

std::int64_t after(std::string const& word, std::string const& prefix) {
    if (!word.starts_with(prefix)) throw std::runtime_error("expected " + prefix + "…, found " + word);
    return std::stoll(word.substr(prefix.size()));
}

PriceSpec price(Words const& words) {
    PriceSpec made{words.at(1), std::stoll(words.at(2)), words.at(3), words.at(4)};
    if (auto const digits = made.interval.find_first_not_of("0123456789"); digits > 0) {
        made.interval_count = std::stoi(made.interval.substr(0, digits));
        made.interval = made.interval.substr(digits);
    }
    made.is_metered = std::ranges::find(words, "metered") != words.end();
    made.is_inclusive = std::ranges::find(words, "inclusive") != words.end();
    return made;
}

CouponSpec coupon(Words const& words) {
    auto const duration = split(words.at(3), ':');
    return {words.at(1), words.at(2), duration.at(0), duration.size() > 1 ? duration[1] : ""};
}

/// AMOUNT [KIND] PRICE xQUANTITY A..B
LineSpec line(Words const& words, bool has_kind) {
    std::size_t at = 1;
    LineSpec made{.amount = std::stoll(words.at(at++))};
    if (has_kind) made.kind = words.at(at++);
    made.price = words.at(at++);
    made.quantity = after(words.at(at++), "x");
    made.span = span(words.at(at++));
    if (words.size() > at) made.gross = after(words[at], "gross=");
    return made;
}

void read_expectation(Step& step, Words const& words) {
    auto const& first = words.front();
    if (first == "invoice")
        step.invoices.push_back({.reason = words.at(1),
                                 .total = after(words.at(2), "total="),
                                 .due = after(words.at(3), "due="),
                                 .tax = words.size() > 4 ? std::optional(after(words[4], "tax=")) : std::nullopt});
    else if (first == "line")
        step.invoices.at(step.invoices.size() - 1).lines.push_back(line(words, true));
    else if (first == "pending")
        step.pending.push_back(line(words, false));
    else if (first == "charged")
        step.charged = std::stoll(words.at(1));
    else if (first == "balance")
        step.balance = std::stoll(words.at(1));
    else if (first == "period")
        step.periods[words.at(1)] = span(words.at(2));
    else if (first == "status")
        step.status = words.at(1);
    else
        throw std::runtime_error("unknown statement: " + first);
}

void read_statement(std::vector<Case>& cases, Words const& words, int line_number) {
    auto const& first = words.front();
    if (first == "case") {
        cases.push_back({.file = cases.empty() ? "" : cases.back().file, .name = words.at(1)});
        return;
    }
    auto& current = cases.at(cases.size() - 1);
    if (first == "mode")
        current.mode = words.at(1);
    else if (first == "tax")
        current.taxed_country = words.at(1);
    else if (first == "price")
        current.prices.push_back(price(words));
    else if (first == "coupon")
        current.coupons.push_back(coupon(words));
    else if (first == "at")
        current.steps.push_back({line_number, time(words.at(1)), words.at(2), Words(words.begin() + 3, words.end())});
    else
        read_expectation(current.steps.at(current.steps.size() - 1), words);
}

}  // namespace

std::vector<Case> read_cases(std::string const& path) {
    std::vector<Case> cases;
    std::ifstream in(path);
    if (!in) throw std::runtime_error("cannot read " + path);
    int line_number = 0;
    for (std::string text; std::getline(in, text);) {
        ++line_number;
        auto const words = split(text);
        if (words.empty() || words.front().starts_with('#')) continue;
        try {
            read_statement(cases, words, line_number);
        } catch (std::exception const& error) {
            throw std::runtime_error(path + ":" + std::to_string(line_number) + ": " + error.what());
        }
    }
    for (auto& read : cases) read.file = std::filesystem::path(path).stem().string();
    return cases;
}

std::optional<std::string> option(Words const& words, std::string const& name) {
    for (auto const& word : words)
        if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
    return std::nullopt;
}

std::string show(SpanSpec const& shown) {
    return to_rfc3339(Timestamp::from_seconds(shown.start)) + ".." + to_rfc3339(Timestamp::from_seconds(shown.end));
}

std::string show(LineSpec const& shown) {
    return std::to_string(shown.amount) + " " + shown.kind + " " + shown.price + " x" + std::to_string(shown.quantity) +
           " " + show(shown.span) + (shown.gross ? " gross=" + std::to_string(*shown.gross) : "");
}

}  // namespace billhook::money
