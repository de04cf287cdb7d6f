#pragma once
// Money: an integer amount in the currency's minor unit (cents, yen, fils). It never passes through double.
// Currency: three lower-case letters, as Stripe spells them; exponent = number of minor digits (0, 2 or 3).
// Source: ISO 4217; Stripe, "Supported currencies" (zero-decimal and three-decimal lists).

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace billhook {

class Currency {
  public:
    Currency() = default;
    /// Accepts any three ASCII letters; stores them in lower case.
    static Result<Currency> parse(std::string_view code);

    std::string const& code() const { return code_; }
    int exponent() const;
    auto operator<=>(Currency const&) const = default;

  private:
    explicit Currency(std::string code) : code_(std::move(code)) {}
    std::string code_;
};

struct Money {
    std::int64_t amount = 0;  // minor units; negative is a credit
    Currency currency;
    auto operator<=>(Money const&) const = default;
};

/// round(a × numerator / denominator), half away from zero, without overflow. denominator > 0.
std::int64_t multiply_ratio(std::int64_t a, std::int64_t numerator, std::int64_t denominator);

/// "25.00 USD", "1500 JPY", "1.234 KWD".
std::string to_display(Money const& money);

}  // namespace billhook
