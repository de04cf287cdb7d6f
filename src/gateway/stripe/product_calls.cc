#include "gateway/stripe/product_calls.h"

#include <algorithm>

#include "gateway/stripe/answer.h"
#include "gateway/stripe/parameters.h"

namespace billhook::stripe {
namespace {

constexpr std::size_t lookup_keys_max = 10;  // Stripe's bound for one request

void put_lookup_key(Parameters& body, std::string_view lookup_key, bool takes_over) {
    body.put_text("lookup_key", lookup_key);
    if (takes_over && !lookup_key.empty()) body.put("transfer_lookup_key", Json(true));
}

// Inactive prices too: a price that was switched off still bears its key.
Result<std::vector<Price>> list_prices(Client const& client, std::vector<std::string> const& keys) {
    JsonArray lookup_keys;
    for (auto const& key : keys) lookup_keys.emplace_back(key);
    Parameters query;
    query.put("lookup_keys", Json(std::move(lookup_keys))).expand({"data.product", "data.currency_options"});
    return collect_all(client, {"/v1/prices", {}}, query.object(), parse_price);
}

}  // namespace

Result<Product> create_product(Client const& client, NewProduct const& wish, IdempotencyKey const& key) {
    Parameters body;
    body.put_text("id", wish.id).put_text("name", wish.name).put_text("description", wish.description);
    body.put_text("unit_label", wish.unit_label).put("metadata", wish.metadata);
    return parse_answer(client.post({"/v1/products", {}}, body.object(), key), parse_product);
}

Result<Product> update_product(Client const& client, std::string const& id, ProductChange const& change,
                               IdempotencyKey const& key) {
    Parameters body;
    body.put("name", change.name).put("description", change.description).put("active", change.is_active);
    body.put("metadata", change.metadata);
    return parse_answer(client.post({"/v1/products/{id}", {id}}, body.object(), key), parse_product);
}

Result<Product> retrieve_product(Client const& client, std::string const& id) {
    return parse_answer(client.get({"/v1/products/{id}", {id}}), parse_product);
}

Status for_each_product(Client const& client, std::function<Result<Client::Walk>(Product const&)> const& visit) {
    return visit_all(client, {"/v1/products", {}}, {}, parse_product, visit);
}

Result<Price> create_price(Client const& client, NewPrice const& wish, IdempotencyKey const& key) {
    Parameters body;
    body.put_text("product", wish.product_id).put_text("currency", wish.currency);
    body.put("unit_amount", Json(wish.unit_amount));
    put_lookup_key(body, wish.lookup_key, wish.takes_over_lookup_key);
    body.put_text("nickname", wish.nickname).put("metadata", wish.metadata);
    Parameters options;
    for (auto const& [currency, amount] : wish.currency_options)
        options.put_object(currency, Parameters().put("unit_amount", Json(amount)));
    body.put_object("currency_options", options);
    if (wish.interval) {
        Parameters recurring;
        recurring.put_text("interval", to_string(wish.interval->unit));
        recurring.put("interval_count", Json(wish.interval->count));
        if (!wish.meter_id.empty()) recurring.put_text("usage_type", "metered").put_text("meter", wish.meter_id);
        body.put_object("recurring", recurring);
    }
    body.expand({"product", "currency_options"});
    return parse_answer(client.post({"/v1/prices", {}}, body.object(), key), parse_price);
}

Result<Price> update_price(Client const& client, std::string const& id, PriceChange const& change,
                           IdempotencyKey const& key) {
    Parameters body;
    body.put("active", change.is_active).put("nickname", change.nickname).put("metadata", change.metadata);
    if (change.lookup_key) put_lookup_key(body, *change.lookup_key, change.takes_over_lookup_key);
    body.expand({"product", "currency_options"});
    return parse_answer(client.post({"/v1/prices/{id}", {id}}, body.object(), key), parse_price);
}

Result<Price> retrieve_price(Client const& client, std::string const& id) {
    return parse_answer(
        client.get({"/v1/prices/{id}", {id}}, Parameters().expand({"product", "currency_options"}).object()),
        parse_price);
}

Result<std::vector<Price>> list_prices_by_lookup_keys(Client const& client, std::vector<std::string> const& keys) {
    std::vector<Price> prices;
    for (std::size_t from = 0; from < keys.size(); from += lookup_keys_max) {
        auto const to = std::min(from + lookup_keys_max, keys.size());
        std::vector<std::string> const some(keys.begin() + static_cast<std::ptrdiff_t>(from),
                                            keys.begin() + static_cast<std::ptrdiff_t>(to));
        auto const found = TRY(list_prices(client, some));
        prices.insert(prices.end(), found.begin(), found.end());
    }
    return prices;
}

Result<std::vector<Price>> list_prices_of_product(Client const& client, std::string const& product) {
    Parameters query;
    query.put_text("product", product).expand({"data.product", "data.currency_options"});
    return collect_all(client, {"/v1/prices", {}}, query.object(), parse_price);
}

Status for_each_price(Client const& client, std::function<Result<Client::Walk>(Price const&)> const& visit) {
    auto const query = Parameters().expand({"data.product", "data.currency_options"});
    return visit_all(client, {"/v1/prices", {}}, query.object(), parse_price, visit);
}

}  // namespace billhook::stripe
