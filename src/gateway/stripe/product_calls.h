#pragma once
// Calls about products and prices, for `catalog plan` and `catalog apply`.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "gateway/stripe/client.h"
#include "gateway/stripe/product.h"

namespace billhook::stripe {

struct NewProduct {
    std::string id;  // chosen by us; empty: Stripe chooses
    std::string name;
    std::string description;
    std::string unit_label;
    Metadata metadata;
};

struct ProductChange {
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<bool> is_active;
    Metadata metadata;
};

struct NewPrice {
    std::string product_id;
    std::string currency;
    std::int64_t unit_amount = 0;
    std::map<std::string, std::int64_t> currency_options;  // further currencies
    std::optional<Interval> interval;                      // absent: a one-time price
    std::string meter_id;                                  // not empty: metered
    std::string lookup_key;
    bool takes_over_lookup_key = false;  // from the price that bears it now
    std::string nickname;
    Metadata metadata;
};

struct PriceChange {
    std::optional<bool> is_active;
    std::optional<std::string> lookup_key;
    bool takes_over_lookup_key = false;
    std::optional<std::string> nickname;
    Metadata metadata;
};

Result<Product> create_product(Client const& client, NewProduct const& wish, IdempotencyKey const& key);
Result<Product> update_product(Client const& client, std::string const& id, ProductChange const& change,
                               IdempotencyKey const& key);
Result<Product> retrieve_product(Client const& client, std::string const& id);
Status for_each_product(Client const& client, std::function<Result<Client::Walk>(Product const&)> const& visit);

Result<Price> create_price(Client const& client, NewPrice const& wish, IdempotencyKey const& key);
Result<Price> update_price(Client const& client, std::string const& id, PriceChange const& change,
                           IdempotencyKey const& key);
/// With its product and currency options.
Result<Price> retrieve_price(Client const& client, std::string const& id);
/// Active and inactive ones, with product and currency options. Any number of keys: asked ten at a time.
Result<std::vector<Price>> list_prices_by_lookup_keys(Client const& client, std::vector<std::string> const& keys);
/// Active and inactive ones of one product, with product and currency options.
Result<std::vector<Price>> list_prices_of_product(Client const& client, std::string const& product);
Status for_each_price(Client const& client, std::function<Result<Client::Walk>(Price const&)> const& visit);

}  // namespace billhook::stripe
