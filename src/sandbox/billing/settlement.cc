#include "sandbox/billing/settlement.h"

#include <algorithm>
#include <array>

namespace billhook::sandbox {
namespace {

struct Minimum {
    std::string_view currency;
    std::int64_t amount;
};

constexpr std::array<Minimum, 24> minimums = {
    {{"aed", 200}, {"aud", 50}, {"bgn", 100}, {"brl", 50},    {"cad", 50},  {"chf", 50}, {"czk", 1500}, {"dkk", 250},
     {"eur", 50},  {"gbp", 30}, {"hkd", 400}, {"huf", 17500}, {"inr", 50},  {"jpy", 50}, {"mxn", 1000}, {"myr", 200},
     {"nok", 300}, {"nzd", 50}, {"pln", 200}, {"ron", 200},   {"sek", 300}, {"sgd", 50}, {"thb", 1000}, {"usd", 50}}};

}  // namespace

Settlement settle(std::int64_t total, std::int64_t balance, std::int64_t least) {
    auto const wanted = std::max<std::int64_t>(total + balance, 0);
    auto const due = wanted < least ? 0 : wanted;
    return {due, total + balance - due};
}

std::int64_t minimum_charge(std::string_view currency) {
    auto const at = std::ranges::find(minimums, currency, &Minimum::currency);
    return at == minimums.end() ? 0 : at->amount;
}

}  // namespace billhook::sandbox
