#include "sandbox/billing/products.h"

#include "sandbox/billing/fields.h"

namespace billhook::sandbox {

SoldThing sold_thing(Call& call, std::string const& id) {
    auto const* product = call.store().find("product", id);
    if (!product) return {.product_name = id};
    return {.product_name = text_at(*product, "name"), .unit_label = text_at(*product, "unit_label")};
}

}  // namespace billhook::sandbox
