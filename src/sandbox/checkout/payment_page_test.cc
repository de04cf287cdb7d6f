#include "sandbox/testing/driver.h"

namespace billhook::sandbox::payment_page_test {
namespace {

TEST(PaymentPages, complete_a_session_for_the_amount_that_is_expected) {
    Driver stripe;
    auto const session = stripe.post("/v1/checkout/sessions",
                                     "mode=payment&success_url=http://127.0.0.1/done&line_items[0][quantity]=2&"
                                     "line_items[0][price_data][currency]=usd&"
                                     "line_items[0][price_data][unit_amount]=1500&"
                                     "line_items[0][price_data][product_data][name]=Tool")["id"];
    auto const page = "/v1/payment_pages/" + session;
    EXPECT_EQ(stripe.get(page)["id"], session);
    auto const confirm = page + "/confirm";
    EXPECT_EQ(stripe.post(confirm, "payment_method=pm_card_visa&expected_amount=2999")["error.param"],
              "expected_amount");
    EXPECT_EQ(stripe.post(confirm, "payment_method=pm_card_authenticationRequired").status, 402);
    EXPECT_EQ(stripe.post(confirm, "payment_method=pm_card_visa_chargeDeclined").status, 402);
    EXPECT_EQ(stripe.get(page)["status"], "open");
    EXPECT_EQ(stripe.post(confirm, "payment_method=pm_card_visa&expected_amount=3000")["payment_status"], "paid");
    EXPECT_EQ(stripe.get(page)["status"], "complete");
    EXPECT_EQ(stripe.post("/v1/stripecli/sessions").status, 501);
}

}  // namespace
}  // namespace billhook::sandbox::payment_page_test
