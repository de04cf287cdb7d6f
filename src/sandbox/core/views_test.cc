// What an event carries is what a read shows: the written text and the view are the same.

#include <gtest/gtest.h>

#include "sandbox/core/world.h"
#include "sandbox/testing/driver.h"

namespace billhook::sandbox::views_test {
namespace {

Json parsed(std::string const& text) {
    return parse_json(text, {.depth_max = 64, .bytes_max = 1 << 24}).value();
}

/// A customer's life that leaves objects of many types behind.
void live(Driver& stripe) {
    auto const price = stripe.post("/v1/prices",
                                   "currency=usd&unit_amount=2500&recurring[interval]=month&"
                                   "product_data[name]=Pro \"annual\"&product_data[unit_label]=user");
    stripe.post("/v1/coupons", "id=tenth&percent_off=10&duration=forever");
    auto const customer = stripe.post("/v1/customers",
                                      "payment_method=pm_card_visa&name=Zo\xc3\xab\n&metadata[a]=b&"
                                      "invoice_settings[default_payment_method]=pm_card_visa");
    stripe.post("/v1/subscriptions",
                "customer=" + customer["id"] + "&items[0][price]=" + price["id"] + "&discounts[0][coupon]=tenth");
    auto const gone = stripe.post("/v1/products", "name=Gone");
    stripe.remove("/v1/products/" + gone["id"]);
    stripe.post("/v1/test_helpers/test_clocks/clock_sandbox/advance",
                "frozen_time=" + std::to_string(stripe.clock.now().seconds() + 40 * 86'400));
}

TEST(Views, the_written_text_is_the_view) {
    Driver stripe;
    live(stripe);
    auto& world = stripe.sandbox.world();
    int compared = 0;
    for (auto const* type :
         {"customer", "product", "price", "coupon", "payment_method", "subscription", "subscription_item", "invoice",
          "line_item", "invoice_payment", "payment_intent", "charge", "discount"}) {
        for (auto const& [sequence, stored] : world.store.all(type)) {
            std::string text;
            world.views.write(text, type, stored->id);
            EXPECT_EQ(parsed(text), Json(world.views.view(type, stored->id))) << type;
            ++compared;
        }
    }
    EXPECT_GE(compared, 15);
}

TEST(Views, a_deleted_object_is_written_as_its_stub) {
    Driver stripe;
    auto const product = stripe.post("/v1/products", "name=Gone");
    stripe.remove("/v1/products/" + product["id"]);
    std::string text;
    stripe.sandbox.world().views.write(text, "product", product["id"]);
    EXPECT_EQ(parsed(text), (Json{{"id", product["id"]}, {"object", "product"}, {"deleted", true}}));
}

}  // namespace
}  // namespace billhook::sandbox::views_test
