#include "base/money.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace billhook {
namespace {

constexpr std::array<std::string_view, 16> zero_decimal = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga",
                                                           "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"};
constexpr std::array<std::string_view, 5> three_decimal = {"bhd", "jod", "kwd", "omr", "tnd"};

}  // namespace

Result<Currency> Currency::parse(std::string_view code) {
    std::string lower;
    for (char c : code) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c < 'a' || c > 'z') break;
        lower += c;
    }
    if (lower.size() != 3 || code.size() != 3)
        return fail(invalid("currency", "expected a three-letter ISO 4217 code such as usd"));
    return Currency(std::move(lower));
}

int Currency::exponent() const {
    if (std::ranges::find(zero_decimal, code_) != zero_decimal.end()) return 0;
    if (std::ranges::find(three_decimal, code_) != three_decimal.end()) return 3;
    return 2;
}

std::int64_t multiply_ratio(std::int64_t a, std::int64_t numerator, std::int64_t denominator) {
    CHECK(denominator > 0);
    __extension__ using Wide = __int128;
    Wide const product = Wide{a} * numerator;
    Wide const magnitude = product < 0 ? -product : product;
    Wide const rounded = (2 * magnitude + denominator) / (Wide{2} * denominator);
    return static_cast<std::int64_t>(product < 0 ? -rounded : rounded);
}

std::string to_display(Money const& money) {
    int const exponent = money.currency.exponent();
    bool const is_negative = money.amount < 0;
    std::string digits = std::to_string(is_negative ? -money.amount : money.amount);
    if (exponent > 0) {
        if (digits.size() <= static_cast<std::size_t>(exponent)) digits.insert(0, exponent + 1 - digits.size(), '0');
        digits.insert(digits.size() - exponent, ".");
    }
    std::string code = money.currency.code();
    std::ranges::transform(code, code.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    return (is_negative ? "-" : "") + digits + " " + code;
}

}  // namespace billhook
