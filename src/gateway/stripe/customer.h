#pragma once
// Customer and PaymentMethod as Stripe describes them.

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/timestamp.h"
#include "gateway/stripe/metadata.h"

namespace billhook::stripe {

struct Customer {
    std::string id;
    std::string name;
    std::string email;
    std::string currency;                   // empty until the first invoice fixes it
    std::int64_t balance = 0;               // minor units; negative is credit
    std::string default_payment_method_id;  // of its invoice settings
    std::string default_source_id;          // the older way to keep a card
    std::string test_clock_id;
    bool is_delinquent = false;
    bool is_deleted = false;
    Metadata metadata;
    Timestamp created;
    bool has_default_payment() const { return !default_payment_method_id.empty() || !default_source_id.empty(); }
    bool operator==(Customer const&) const = default;
};

struct PaymentMethod {
    std::string id;
    std::string type;         // "card", "sepa_debit", …
    std::string customer_id;  // empty where it is not attached
    std::string brand;        // of a card, as the last four
    std::string last4;
    std::string wallet;  // "apple_pay", "google_pay"; empty where none
    int expiry_month = 0;
    int expiry_year = 0;
    Timestamp created;
    bool operator==(PaymentMethod const&) const = default;
};

Result<Customer> parse_customer(Json const& tree);
Result<PaymentMethod> parse_payment_method(Json const& tree);

}  // namespace billhook::stripe
