#include "sandbox/testing/driver.h"

namespace billhook::sandbox::card_source_test {
namespace {

TEST(CardSources, are_the_customers_default_until_they_are_removed) {
    Driver stripe;
    auto const customer = stripe.post("/v1/customers", "source=tok_visa")["id"];
    auto const card = stripe.get("/v1/customers/" + customer)["default_source"];
    EXPECT_EQ(stripe.new_events(), "payment_method.attached customer.source.created customer.created");
    EXPECT_EQ(stripe.get("/v1/customers/" + customer + "/sources")["data.0.brand"], "Visa");
    EXPECT_EQ(stripe.get("/v1/customers/" + customer + "?expand[]=sources")["sources.data.0.id"], card);
    EXPECT_EQ(stripe.get("/v1/payment_methods/" + card)["customer"], customer);
    auto const second = stripe.post("/v1/customers/" + customer + "/sources", "source=tok_mastercard")["id"];
    EXPECT_EQ(stripe.get("/v1/customers/" + customer)["default_source"], card);
    EXPECT_EQ(stripe.remove("/v1/customers/" + customer + "/sources/" + card)["deleted"], "true");
    EXPECT_EQ(stripe.get("/v1/customers/" + customer)["default_source"], second);
    EXPECT_EQ(stripe.post("/v1/customers/" + customer, "default_source=" + card)["error.param"], "default_source");
    EXPECT_EQ(stripe.post("/v1/customers", "source=tok_nonsense")["error.param"], "source");
    EXPECT_EQ(stripe.post("/v1/customers", "source=tok_chargeDeclined").status, 402);
}

}  // namespace
}  // namespace billhook::sandbox::card_source_test
