#pragma once
// Payment methods: cards that a payer keeps. A token such as pm_card_visa makes a new one each time it is used.

#include <string>
#include <string_view>

#include "sandbox/core/call.h"
#include "sandbox/payment/test_card.h"

namespace billhook::sandbox {

struct CardDetails {
    TestCard const* card = nullptr;
    int exp_month = 12;
    int exp_year = 2034;
    JsonObject billing_details = {};
    std::string_view wallet = {};        // "apple_pay" or "google_pay"
    std::string_view id_prefix = "pm_";  // "card_" of a legacy source
};

/// The card that `number`, `exp_month` and `exp_year` describe; only test numbers are known.
Answer<CardDetails> read_card_number(Call const& call, Json const& card);
/// The year with four digits, where it was given with two; 402 for a month that has ended on the call's clock.
Answer<int> read_expiry_year(Call const& call, int month, int year);
/// The new payment method's id, attached to nobody.
std::string create_card_method(Call& call, CardDetails const& details);
/// An existing id as it is, a test token as a new method; else "No such PaymentMethod", naming the parameter.
Answer<std::string> resolve_payment_method(Call& call, std::string const& id_or_token, std::string_view param);
/// It has paid without being a customer's, or was detached: as long as no customer holds it, it may not be used again.
void mark_spent(Call& call, std::string const& method);
/// One that no customer holds pays once; one that was detached pays never again.
bool is_spent(Call const& call, std::string const& method);
/// Refuses cards that decline already here (402), and methods that belong to somebody else.
Answer<void> attach_payment_method(Call& call, std::string const& method, std::string const& customer);
TestCard const& card_of(Call& call, std::string_view method);

/// Remembers that the holder agreed to later payments without being present.
void mark_set_up(Call& call, std::string const& method);
bool is_set_up(Call& call, std::string_view method);

/// The holder has just answered the bank's question for the next payment with this method, and for that one only.
void mark_authenticated(Call& call, std::string const& method);
bool take_authentication(Call& call, std::string_view method);

void add_payment_methods(World& world);

}  // namespace billhook::sandbox
