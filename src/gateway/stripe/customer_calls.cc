#include "gateway/stripe/customer_calls.h"

#include "gateway/stripe/answer.h"
#include "gateway/stripe/parameters.h"
#include "gateway/stripe/tree.h"

namespace billhook::stripe {

Result<Customer> create_customer(Client const& client, NewCustomer const& wish, IdempotencyKey const& key) {
    auto metadata = wish.metadata;
    metadata[std::string(metadata_key::customer)] = wish.customer.str();
    Parameters body;
    body.put_text("name", wish.name).put_text("email", wish.email).put_text("test_clock", wish.test_clock_id);
    body.put("metadata", metadata);
    return parse_answer(client.post({"/v1/customers", {}}, body.object(), key), parse_customer);
}

Result<Customer> update_customer(Client const& client, std::string const& id, CustomerChange const& change) {
    Parameters body;
    body.put("name", change.name).put("email", change.email).put("metadata", change.metadata);
    body.put_object("invoice_settings", Parameters().put("default_payment_method", change.default_payment_method_id));
    return parse_answer(client.post_repeatable({"/v1/customers/{id}", {id}}, body.object()), parse_customer);
}

Result<Customer> retrieve_customer(Client const& client, std::string const& id) {
    return parse_answer(client.get({"/v1/customers/{id}", {id}}), parse_customer);
}

Result<std::vector<Customer>> search_customers(Client const& client, CustomerId const& customer) {
    // In Stripe's query language a quote or a backslash within a value is escaped by a backslash.
    std::string value;
    for (char const c : customer.str()) {
        if (c == '\'' || c == '"' || c == '\\') value += '\\';
        value += c;
    }
    Parameters query;
    query.put_text("query", "metadata['" + std::string(metadata_key::customer) + "']:'" + value + "'");
    auto const answer = TRY(client.get({"/v1/customers/search", {}}, query.object()));
    std::vector<Customer> customers;
    if (auto const* elements = elements_at(answer, "data"))
        for (auto const& element : *elements) customers.push_back(TRY(parse_customer(element)));
    return customers;
}

Status for_each_customer(Client const& client, std::function<Result<Client::Walk>(Customer const&)> const& visit) {
    return visit_all(client, {"/v1/customers", {}}, {}, parse_customer, visit);
}

Result<std::vector<PaymentMethod>> list_payment_methods(Client const& client, std::string const& customer_id) {
    return collect_all(client, {"/v1/customers/{id}/payment_methods", {customer_id}}, {}, parse_payment_method);
}

}  // namespace billhook::stripe
