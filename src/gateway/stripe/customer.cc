#include "gateway/stripe/customer.h"

#include "gateway/stripe/tree.h"

namespace billhook::stripe {

Result<Customer> parse_customer(Json const& tree) {
    Customer customer;
    customer.id = TRY(require_id(tree, "customer"));
    customer.name = string_or(tree, "name");
    customer.email = string_or(tree, "email");
    customer.currency = string_or(tree, "currency");
    // Before 2019-10-17 the balance was called account_balance.
    customer.balance = int_or(tree, "balance", int_or(tree, "account_balance"));
    customer.default_payment_method_id = id_at(tree, "invoice_settings.default_payment_method");
    customer.default_source_id = id_at(tree, "default_source");
    customer.test_clock_id = id_at(tree, "test_clock");
    customer.is_delinquent = bool_or(tree, "delinquent");
    customer.is_deleted = bool_or(tree, "deleted");
    customer.metadata = metadata_at(tree);
    customer.created = time_or_zero(tree, "created");
    return customer;
}

Result<PaymentMethod> parse_payment_method(Json const& tree) {
    PaymentMethod method;
    method.id = TRY(require_id(tree, "payment method"));
    method.type = string_or(tree, "type");
    method.customer_id = id_at(tree, "customer");
    method.created = time_or_zero(tree, "created");
    // The details lie under the name of the type.
    if (auto const* details = find(tree, method.type); details && details->is_object()) {
        method.brand = first_string(*details, {"brand", "bank_name", "bank"});
        method.last4 = string_or(*details, "last4");
        method.wallet = string_or(*details, "wallet.type");
        method.expiry_month = static_cast<int>(int_or(*details, "exp_month"));
        method.expiry_year = static_cast<int>(int_or(*details, "exp_year"));
    }
    return method;
}

}  // namespace billhook::stripe
