#include "gateway/stripe/product.h"

#include "gateway/stripe/tree.h"

namespace billhook::stripe {

Result<Product> parse_product(Json const& tree) {
    Product product;
    product.id = TRY(require_id(tree, "product"));
    product.name = string_or(tree, "name");
    product.description = string_or(tree, "description");
    product.unit_label = string_or(tree, "unit_label");
    product.default_price_id = id_at(tree, "default_price");
    product.is_active = bool_or(tree, "active");
    product.is_deleted = bool_or(tree, "deleted");
    product.metadata = metadata_at(tree);
    product.created = time_or_zero(tree, "created");
    return product;
}

// A "plan" is the older name of a recurring price: the same id, its fields one level higher.
Result<Price> parse_price(Json const& tree) {
    bool const is_plan = string_or(tree, "object") == "plan";
    Price price;
    price.id = TRY(require_id(tree, "price"));
    price.lookup_key = string_or(tree, "lookup_key");
    price.product_id = id_at(tree, "product");
    if (auto const* product = object_at(tree, "product")) price.product = TRY(parse_product(*product));
    price.currency = string_or(tree, "currency");
    price.unit_amount = find_int(tree, is_plan ? "amount" : "unit_amount");
    if (auto const* options = object_at(tree, "currency_options"))
        for (auto const& [currency, option] : options->get_object())
            if (auto const amount = find_int(option, "unit_amount"))
                price.currency_options.emplace(std::string(currency), *amount);
    price.interval = string_or(tree, is_plan ? "interval" : "recurring.interval");
    price.interval_count = int_or(tree, is_plan ? "interval_count" : "recurring.interval_count", 1);
    price.is_metered = string_or(tree, is_plan ? "usage_type" : "recurring.usage_type") == "metered";
    price.meter_id = id_at(tree, is_plan ? "meter" : "recurring.meter");
    price.nickname = string_or(tree, "nickname");
    price.tax_behavior = string_or(tree, "tax_behavior");
    price.is_active = bool_or(tree, "active");
    price.is_deleted = bool_or(tree, "deleted");
    price.metadata = metadata_at(tree);
    price.created = time_or_zero(tree, "created");
    return price;
}

Discount parse_discount(Json const& tree) {
    Discount discount;
    discount.id = id_at(tree, "");
    discount.coupon_id = id_at(tree, {"source.coupon", "coupon"});
    discount.promotion_code_id = id_at(tree, "promotion_code");
    discount.end = time_at(tree, "end");
    return discount;
}

}  // namespace billhook::stripe
