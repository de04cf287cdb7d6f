#include "sandbox/billing/customer_currency.h"

#include "sandbox/billing/fields.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/customer_balance.h"

namespace billhook::sandbox {
namespace {

/// The currency of an object of the customer that is not this one; empty where all fit.
std::string other_currency(Call& call, std::string_view type, std::string_view index, std::string const& customer,
                           std::string const& currency) {
    for (auto const& [sequence, stored] : call.store().where(type, index, customer))
        if (auto own = text_at(stored->object, "currency"); !own.empty() && own != currency) return own;
    return {};
}

std::string conflicting_currency(Call& call, std::string const& customer, std::string const& currency) {
    for (auto const& [type, index] : {std::pair{object_type::subscription, std::string_view("living")},
                                      std::pair{object_type::invoiceitem, std::string_view("pending")},
                                      std::pair{object_type::checkout_session, std::string_view("awaited_by")}})
        if (auto other = other_currency(call, type, index, customer, currency); !other.empty()) return other;
    return {};
}

}  // namespace

Answer<void> check_currency_of(Call& call, std::string const& customer, std::string const& currency) {
    auto const other = conflicting_currency(call, customer, currency);
    if (other.empty()) return {};
    return refuse(
        bad_request("You cannot combine currencies on a single customer. This customer has an active subscription, "
                    "subscription schedule, discount, quote, invoice item or active subscription mode checkout session "
                    "with currency " +
                    other + "."));
}

void adopt_currency(Call& call, std::string const& customer, std::string const& currency) {
    auto const& payer = *call.find(object_type::customer, customer);
    if (text_at(payer, "currency") != currency) change_customer_currency(call, customer, currency);
}

}  // namespace billhook::sandbox
