#include <gtest/gtest.h>

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::checkout_test {
namespace {

std::string path_of(std::string const& url) {
    return url.substr(url.find("/c/pay/"));
}

Answered open_payment(Driver& stripe, std::string const& more = {}) {
    auto const price = stripe.post("/v1/prices", "currency=eur&unit_amount=1500&product_data[name]=Course")["id"];
    return stripe.post(
        "/v1/checkout/sessions",
        "mode=payment&success_url=https://example.com/done?s={CHECKOUT_SESSION_ID}&line_items[0][price]=" + price +
            "&line_items[0][quantity]=2" + more);
}

TEST(Checkout, APaymentIsMadeOnThePage) {
    Driver stripe;
    auto const session = open_payment(stripe);
    ASSERT_EQ(session["status"], "open");
    EXPECT_EQ(session["amount_total"], "3000");
    EXPECT_EQ(session["payment_status"], "unpaid");
    auto const page = path_of(session["url"]);
    EXPECT_EQ(stripe.get(page).status, 200);
    auto const paid =
        stripe.post(page, "number=4242 4242 4242 4242&exp_month=1&exp_year=2040&cvc=1&email=b@example.com");
    EXPECT_EQ(paid.status, 303);
    EXPECT_EQ(paid.headers.get_or("Location"), "https://example.com/done?s=" + session["id"]);
    auto const after = stripe.get("/v1/checkout/sessions/" + session["id"]);
    EXPECT_EQ(after["status"], "complete");
    EXPECT_EQ(after["payment_status"], "paid");
    EXPECT_EQ(after["url"], "null");
    EXPECT_EQ(stripe.get("/v1/payment_intents/" + after["payment_intent"])["amount_received"], "3000");
    EXPECT_EQ(stripe.get(page).status, 410) << "a second press changes nothing";
    EXPECT_EQ(stripe.get("/v1/checkout/sessions/" + session["id"] + "/line_items")["data.0.quantity"], "2");
}

TEST(Checkout, ARefusedCardLeavesTheSessionOpenAndNothingBehind) {
    Driver stripe;
    auto const session = open_payment(stripe);
    for (auto const* number : {"4000000000000002", "4000000000009995", "4111111111111111"}) {
        auto const page = stripe.post(path_of(session["url"]), std::string("email=b@example.com&number=") + number);
        EXPECT_EQ(page.status, 200) << number;
        EXPECT_NE(std::string(as_view(page.body.get_string())).find("role=\"alert\""), std::string::npos) << number;
    }
    EXPECT_EQ(stripe.get("/v1/checkout/sessions/" + session["id"])["status"], "open");
    EXPECT_EQ(stripe.get("/v1/customers")["data"], "[]");
    EXPECT_EQ(stripe.post(path_of(session["url"]), "number=4242424242424242").status, 303);
}

TEST(Checkout, APurchaseThatLeadsNowhereIsKept) {
    Driver stripe;
    auto const price = stripe.post("/v1/prices", "currency=eur&unit_amount=1500&product_data[name]=Course")["id"];
    auto const session =
        stripe.post("/v1/checkout/sessions",
                    "mode=payment&ui_mode=embedded_page&redirect_on_completion=never&line_items[0][price]=" + price +
                        "&line_items[0][quantity]=1");
    auto const page = "/c/pay/" + session["id"];
    EXPECT_EQ(stripe.post(page, "number=4000000000000002").status, 200) << "refused, and shown";
    EXPECT_EQ(stripe.get("/v1/checkout/sessions/" + session["id"])["status"], "open");
    EXPECT_EQ(stripe.post(page, "number=4242424242424242").status, 200);
    auto const after = stripe.get("/v1/checkout/sessions/" + session["id"]);
    EXPECT_EQ(after["status"], "complete");
    EXPECT_EQ(after["payment_status"], "paid");
    EXPECT_EQ(stripe.get("/v1/payment_intents/" + after["payment_intent"])["amount_received"], "1500");
}

// SEMANTICS section 13: after_expiration.recovery gives a recovery URL (recovered_from).
TEST(Checkout, AnExpiredSessionCanBeRecovered) {
    Driver stripe;
    auto const session = open_payment(stripe,
                                      "&client_reference_id=basket&after_expiration[recovery][enabled]=true"
                                      "&after_expiration[recovery][allow_promotion_codes]=true");
    EXPECT_EQ(session["after_expiration.recovery.url"], "null");
    auto const path = "/c/recover/" + session["id"];
    EXPECT_EQ(stripe.get(path).status, 410) << "it is open still";
    stripe.clock.set(stripe.clock.now() + Duration::hours(24));
    stripe.sandbox.run_due();
    auto const expired = stripe.get("/v1/checkout/sessions/" + session["id"]);
    EXPECT_EQ(expired["status"], "expired");
    EXPECT_TRUE(expired["after_expiration.recovery.url"].ends_with(path));
    EXPECT_EQ(expired["after_expiration.recovery.expires_at"],
              std::to_string(stripe.clock.now().seconds() + 30 * 86'400));
    auto const led = stripe.get(path);
    EXPECT_EQ(led.status, 303);
    auto const location = led.headers.get_or("Location");
    auto const id = location.substr(location.rfind('/') + 1);
    auto const recovered = stripe.get("/v1/checkout/sessions/" + id);
    EXPECT_NE(id, session["id"]);
    EXPECT_EQ(recovered["recovered_from"], session["id"]);
    EXPECT_EQ(recovered["status"], "open");
    EXPECT_EQ(recovered["amount_total"], "3000");
    EXPECT_EQ(recovered["client_reference_id"], "basket");
    EXPECT_EQ(recovered["allow_promotion_codes"], "true");
    EXPECT_EQ(recovered["expires_at"], std::to_string(stripe.clock.now().seconds() + 86'400));
    EXPECT_EQ(stripe.post("/c/pay/" + id, "number=4242424242424242").status, 303);
    stripe.clock.set(stripe.clock.now() + Duration::days(30));
    EXPECT_EQ(stripe.get(path).status, 410);
}

TEST(Checkout, OnlyASessionThatAsksForItCanBeRecovered) {
    Driver stripe;
    auto const session = open_payment(stripe);
    EXPECT_EQ(stripe.post("/v1/checkout/sessions/" + session["id"] + "/expire")["after_expiration"], "null");
    EXPECT_EQ(stripe.get("/c/recover/" + session["id"]).status, 410);
    EXPECT_EQ(stripe.get("/c/recover/cs_none").status, 410);
}

TEST(Checkout, TheBanksQuestionComesFirst) {
    Driver stripe;
    auto const session = open_payment(stripe);
    auto const page = path_of(session["url"]);
    EXPECT_EQ(stripe.post(page, "number=4000002760003184").status, 303);
    EXPECT_EQ(stripe.get("/v1/checkout/sessions/" + session["id"])["status"], "open");
    EXPECT_EQ(stripe.post(page + "/challenge", "challenge=fail").status, 200);
    EXPECT_EQ(stripe.get("/v1/checkout/sessions/" + session["id"])["status"], "open");
    EXPECT_EQ(stripe.post(page, "number=4000002760003184").status, 303);
    EXPECT_EQ(stripe.post(page + "/challenge", "challenge=complete").status, 303);
    EXPECT_EQ(stripe.get("/v1/checkout/sessions/" + session["id"])["status"], "complete");
}

TEST(Checkout, ASessionExpiresByItselfAndByRequest) {
    Driver stripe;
    auto const customer = stripe.post("/v1/customers")["id"];
    auto const first = open_payment(stripe, "&customer=" + customer);
    EXPECT_EQ(stripe.post("/v1/checkout/sessions/" + first["id"] + "/expire")["status"], "expired");
    EXPECT_EQ(stripe.post("/v1/checkout/sessions/" + first["id"] + "/expire").status, 400);
    EXPECT_EQ(stripe.get(path_of(first["url"])).status, 410);
    auto const second = open_payment(stripe, "&customer=" + customer);
    stripe.clock.set(stripe.clock.now() + Duration::hours(24));
    EXPECT_EQ(stripe.get("/v1/checkout/sessions/" + second["id"]).status, 200);
    EXPECT_EQ(stripe.get("/v1/checkout/sessions/" + second["id"])["status"], "expired");
}

TEST(Checkout, WrongSessionsAreRefused) {
    Driver stripe;
    auto const recurring = stripe.post("/v1/prices",
                                       "currency=eur&unit_amount=900&recurring[interval]=month"
                                       "&product_data[name]=Plan")["id"];
    struct Case {
        std::string form;
        char const* param;
    };
    std::vector<Case> const cases = {
        {"success_url=https://e.com", "mode"},
        {"mode=payment&success_url=https://e.com", "line_items"},
        {"mode=payment&line_items[0][price]=" + recurring + "&line_items[0][quantity]=1", "success_url"},
        {"mode=payment&success_url=https://e.com&line_items[0][price]=" + recurring + "&line_items[0][quantity]=1",
         "line_items"},
        {"mode=subscription&success_url=https://e.com&line_items[0][price]=nope&line_items[0][quantity]=1",
         "line_items[0][price]"},
        {"mode=subscription&success_url=https://e.com&line_items[0][price]=" + recurring, "line_items[0][quantity]"},
        {"mode=setup&success_url=https://e.com&expires_at=5", "expires_at"},
        {"mode=setup&success_url=https://e.com&customer=cus_no", "customer"},
    };
    for (auto const& c : cases) {
        auto const answer = stripe.post("/v1/checkout/sessions", c.form);
        EXPECT_EQ(answer.status, 400) << c.form;
        EXPECT_EQ(answer["error.param"], c.param) << c.form;
    }
}

TEST(Checkout, ASetupKeepsTheCard) {
    Driver stripe;
    auto const customer = stripe.post("/v1/customers")["id"];
    auto const session =
        stripe.post("/v1/checkout/sessions", "mode=setup&success_url=https://e.com&customer=" + customer);
    EXPECT_EQ(session["payment_status"], "no_payment_required");
    EXPECT_EQ(stripe.post(path_of(session["url"]), "number=5555555555554444").status, 303);
    EXPECT_EQ(stripe.get("/v1/customers/" + customer + "/payment_methods")["data.0.card.brand"], "mastercard");
}

}  // namespace
}  // namespace billhook::sandbox::checkout_test
