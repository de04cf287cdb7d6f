#pragma once
// Calls about customers and their payment methods.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/customer/customer.h"
#include "gateway/stripe/client.h"
#include "gateway/stripe/customer.h"

namespace billhook::stripe {

/// What is absent stays as it is.
struct CustomerChange {
    std::optional<std::string> name;
    std::optional<std::string> email;
    std::optional<std::string> default_payment_method_id;
    Metadata metadata;  // merged into what is there; an empty value deletes its key
};

struct NewCustomer {
    CustomerId customer;  // becomes metadata billhook_customer
    std::string name;
    std::string email;
    std::string test_clock_id;  // test mode only
    Metadata metadata;
};

Result<Customer> create_customer(Client const& client, NewCustomer const& wish, IdempotencyKey const& key);
/// Says how things shall be, so it may be said again: without a key, under which a failure would be repeated for a day.
Result<Customer> update_customer(Client const& client, std::string const& id, CustomerChange const& change);
/// A deleted one answers with is_deleted.
Result<Customer> retrieve_customer(Client const& client, std::string const& id);
/// By metadata billhook_customer. Stripe's search lags behind by up to an hour, so an empty answer proves nothing about
/// the last hour; the idempotency key of create_customer covers that hour.
Result<std::vector<Customer>> search_customers(Client const& client, CustomerId const& customer);
Status for_each_customer(Client const& client, std::function<Result<Client::Walk>(Customer const&)> const& visit);

/// Newest first; all types.
Result<std::vector<PaymentMethod>> list_payment_methods(Client const& client, std::string const& customer_id);

}  // namespace billhook::stripe
