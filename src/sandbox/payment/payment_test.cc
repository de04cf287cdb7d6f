#include <gtest/gtest.h>

#include "sandbox/testing/billing_life.h"

namespace billhook::sandbox::payment_test {
namespace {

std::string new_customer(Driver& stripe) {
    return stripe.post("/v1/customers", "email=a@example.com")["id"];
}

struct CardCase {
    char const* token;
    int attach_status;
    int status;        // of an off-session payment
    char const* word;  // the intent's status, or the error's code
    char const* decline_code;
};

// SEMANTICS 12 and Stripe's "Testing" page, off session.
constexpr CardCase cases[] = {
    {"pm_card_visa", 200, 200, "succeeded", ""},
    {"pm_card_mastercard", 200, 200, "succeeded", ""},
    {"pm_card_amex", 200, 200, "succeeded", ""},
    {"pm_card_threeDSecureOptional", 200, 200, "succeeded", ""},
    {"pm_card_authenticationRequiredSetupForOffSession", 200, 200, "succeeded", ""},
    {"pm_card_chargeDeclined", 402, 402, "card_declined", "generic_decline"},
    {"pm_card_visa_chargeDeclinedInsufficientFunds", 402, 402, "card_declined", "insufficient_funds"},
    {"pm_card_visa_chargeDeclinedLostCard", 402, 402, "card_declined", "lost_card"},
    {"pm_card_radarBlock", 402, 402, "card_declined", "fraudulent"},
    {"pm_card_chargeDeclinedExpiredCard", 402, 402, "expired_card", "(absent)"},
    {"pm_card_chargeDeclinedIncorrectCvc", 402, 402, "incorrect_cvc", "(absent)"},
    {"pm_card_cvcCheckFail", 402, 402, "incorrect_cvc", "(absent)"},
    {"pm_card_chargeDeclinedProcessingError", 402, 402, "processing_error", "(absent)"},
    {"pm_card_chargeCustomerFail", 200, 402, "card_declined", "generic_decline"},
    {"pm_card_authenticationRequired", 200, 402, "authentication_required", "authentication_required"},
    {"pm_card_authenticationRequiredOnSetup", 200, 402, "authentication_required", "authentication_required"},
};

TEST(Payment, EachTestCardDoesWhatIsPublished) {
    for (auto const& c : cases) {
        Driver stripe;
        auto const customer = new_customer(stripe);
        auto const attached =
            stripe.post(std::string("/v1/payment_methods/") + c.token + "/attach", "customer=" + customer);
        EXPECT_EQ(attached.status, c.attach_status) << c.token;
        auto const paid = stripe.post("/v1/payment_intents",
                                      "amount=2000&currency=usd&confirm=true&off_session=true"
                                      "&payment_method=" +
                                          std::string(c.token));
        EXPECT_EQ(paid.status, c.status) << c.token;
        if (c.status == 200) {
            EXPECT_EQ(paid["status"], c.word) << c.token;
        } else {
            EXPECT_EQ(paid["error.code"], c.word) << c.token;
            EXPECT_EQ(paid["error.decline_code"], c.decline_code) << c.token;
            EXPECT_EQ(stripe.get("/v1/payment_intents/" + paid["error.payment_intent.id"])["status"],
                      "requires_payment_method")
                << "a declined attempt is kept";
        }
    }
}

// Recorded: a method that nobody holds pays once, one that was let go of never again.
TEST(Payment, AMethodWithoutACustomerPaysOnce) {
    Driver stripe;
    auto const pay = [&](std::string const& method, std::string const& more = "") {
        return stripe.post("/v1/payment_intents",
                           "amount=2000&currency=usd&confirm=True&payment_method=" + method + more);
    };
    auto const card = stripe.get("/v1/payment_methods/pm_card_visa")["id"];
    EXPECT_NE(stripe.get("/v1/payment_methods/pm_card_visa")["id"], card) << "each reading makes one";
    EXPECT_EQ(pay(card)["status"], "succeeded");
    auto const again = pay(card);
    EXPECT_EQ(again.status, 400);
    EXPECT_EQ(again["error.message"].substr(0, 74),
              "The provided PaymentMethod was previously used with a PaymentIntent withou");
    auto const declined = stripe.get("/v1/payment_methods/pm_card_chargeDeclined")["id"];
    EXPECT_EQ(pay(declined).status, 402);
    EXPECT_EQ(pay(declined).status, 400) << "an attempt is a use";
    auto const customer = new_customer(stripe);
    EXPECT_EQ(stripe.post("/v1/payment_methods/" + card + "/attach", "customer=" + customer).status, 400);

    auto const kept = pay("pm_card_visa", "&setup_future_usage=on_session&customer=" + customer);
    EXPECT_EQ(kept["setup_future_usage"], "on_session");
    EXPECT_EQ(stripe.get("/v1/payment_methods/" + kept["payment_method"])["customer"], customer);
    EXPECT_EQ(pay(kept["payment_method"], "&customer=" + customer)["status"], "succeeded") << "as often as one likes";
    EXPECT_EQ(pay(kept["payment_method"])["error.param"], "payment_method") << "only for its customer";
    EXPECT_EQ(pay(kept["payment_method"], "&customer=" + new_customer(stripe)).status, 400);
    stripe.post("/v1/payment_methods/" + kept["payment_method"] + "/detach");
    EXPECT_EQ(pay(kept["payment_method"], "&customer=" + customer).status, 400);
}

TEST(Payment, CardsHaveTheirCountriesAndKinds) {
    Driver stripe;
    struct Case {
        char const *token, *brand, *country, *funding;
    };
    constexpr Case known[] = {
        {"pm_card_visa", "visa", "US", "credit"},      {"pm_card_mastercard_prepaid", "mastercard", "US", "prepaid"},
        {"pm_card_visa_debit", "visa", "US", "debit"}, {"pm_card_jp", "visa", "JP", "credit"},
        {"pm_card_de", "visa", "DE", "credit"},
    };
    for (auto const& c : known) {
        auto const card = stripe.get(std::string("/v1/payment_methods/") + c.token);
        EXPECT_EQ(card["card.brand"], c.brand) << c.token;
        EXPECT_EQ(card["card.country"], c.country) << c.token;
        EXPECT_EQ(card["card.funding"], c.funding) << c.token;
    }
}

TEST(Payment, TheBanksQuestionIsAnsweredOnAPage) {
    Driver stripe;
    auto const asked = stripe.post("/v1/payment_intents",
                                   "amount=2000&currency=usd&confirm=true&payment_method=pm_card_authenticationRequired"
                                   "&return_url=https://example.com/back");
    ASSERT_EQ(asked["status"], "requires_action");
    EXPECT_EQ(asked["next_action.type"], "redirect_to_url");
    auto const page = stripe.post("/challenge/" + asked["id"], "challenge=complete");
    EXPECT_EQ(page.status, 303);
    EXPECT_EQ(stripe.get("/v1/payment_intents/" + asked["id"])["status"], "succeeded");

    auto const refused = stripe.post(
        "/v1/payment_intents", "amount=2000&currency=usd&confirm=true&payment_method=pm_card_authenticationRequired");
    EXPECT_EQ(refused["next_action.type"], "use_stripe_sdk");
    EXPECT_EQ(stripe.post("/challenge/" + refused["id"], "challenge=fail").status, 200);
    auto const after = stripe.get("/v1/payment_intents/" + refused["id"]);
    EXPECT_EQ(after["status"], "requires_payment_method");
    EXPECT_EQ(after["last_payment_error.code"], "payment_intent_authentication_failure");
}

TEST(Payment, ASetUpCardPaysOffSession) {
    Driver stripe;
    auto const customer = new_customer(stripe);
    auto const method = stripe.post("/v1/payment_methods",
                                    "type=card&card[number]=4000002500003155&card[exp_month]=1"
                                    "&card[exp_year]=2040&card[cvc]=123")["id"];
    auto const setup =
        stripe.post("/v1/setup_intents", "customer=" + customer + "&payment_method=" + method + "&confirm=true");
    ASSERT_EQ(setup["status"], "requires_action");
    EXPECT_EQ(stripe.post("/challenge/" + setup["id"], "challenge=complete").status, 200);
    EXPECT_EQ(stripe.get("/v1/setup_intents/" + setup["id"])["status"], "succeeded");
    EXPECT_EQ(stripe.get("/v1/payment_methods/" + method)["customer"], customer);
    auto const paid = stripe.post(
        "/v1/payment_intents",
        "amount=500&currency=eur&confirm=true&off_session=true&customer=" + customer + "&payment_method=" + method);
    EXPECT_EQ(paid["status"], "succeeded");
}

TEST(Payment, ARealCardIsNeitherTakenNorKept) {
    Driver stripe;
    auto const answer = stripe.post("/v1/payment_methods",
                                    "type=card&card[number]=4012888888881881&card[exp_month]=1"
                                    "&card[exp_year]=2040");
    EXPECT_EQ(answer.status, 402);
    EXPECT_EQ(answer["error.decline_code"], "test_mode_live_card");
    EXPECT_EQ(answer["error.message"].find("4012"), std::string::npos);
}

TEST(Payment, RefundsAddUpToTheCharge) {
    Driver stripe;
    auto const paid =
        stripe.post("/v1/payment_intents", "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa");
    auto const charge = paid["latest_charge"];
    EXPECT_EQ(stripe.post("/v1/refunds", "charge=" + charge + "&amount=400")["status"], "succeeded");
    EXPECT_EQ(stripe.post("/v1/refunds", "charge=" + charge + "&amount=700").status, 400);
    EXPECT_EQ(stripe.post("/v1/refunds", "payment_intent=" + paid["id"])["amount"], "600");
    EXPECT_EQ(stripe.post("/v1/refunds", "charge=" + charge)["error.code"], "charge_already_refunded");
    EXPECT_EQ(stripe.get("/v1/charges/" + charge)["refunded"], "true");
}

TEST(Payment, DetachingForgetsTheDefault) {
    Driver stripe;
    auto const customer = new_customer(stripe);
    auto const method = stripe.post("/v1/payment_methods/pm_card_visa/attach", "customer=" + customer)["id"];
    stripe.post("/v1/customers/" + customer, "invoice_settings[default_payment_method]=" + method);
    EXPECT_EQ(stripe.get("/v1/customers/" + customer + "/payment_methods")["data.0.id"], method);
    EXPECT_EQ(stripe.post("/v1/payment_methods/" + method + "/detach")["customer"], "null");
    EXPECT_EQ(stripe.get("/v1/customers/" + customer)["invoice_settings.default_payment_method"], "null");
    EXPECT_EQ(stripe.post("/v1/payment_methods/" + method + "/detach").status, 400);
}

struct ExpiryCase {
    char const *month, *year;
    char const* refused;  // the part that is named; empty: taken
    char const* kept_year;
};

// SEMANTICS section 12: any future expiry; what is past is a card_error of 402. The clock stands in January 2027, and a
// card is good until its month ends.
constexpr ExpiryCase expiries[] = {
    {"1", "2027", "", "2027"}, {"12", "2027", "", "2027"}, {"1", "27", "", "2027"},     {"12", "2026", "year", ""},
    {"12", "26", "year", ""},  {"1", "2024", "year", ""},  {"13", "2040", "month", ""}, {"0", "2040", "month", ""},
    {"1", "2077", "", "2077"}, {"1", "2078", "year", ""},
};

TEST(Payment, ACardHasAFutureExpiry) {
    Driver stripe;
    for (auto const& c : expiries) {
        auto const expiry = std::string("&card[exp_month]=") + c.month + "&card[exp_year]=" + c.year;
        for (auto const* what : {"/v1/payment_methods", "/v1/tokens"}) {
            auto const made = stripe.post(what, (std::string(what).ends_with("methods") ? "type=card&" : "") +
                                                    std::string("card[number]=4242424242424242") + expiry);
            bool const is_taken = std::string_view(c.refused).empty();
            EXPECT_EQ(made.status, is_taken ? 200 : 402) << expiry;
            if (is_taken) {
                EXPECT_EQ(made["card.exp_year"], c.kept_year) << expiry;
            } else {
                EXPECT_EQ(made["error.type"], "card_error") << expiry;
                EXPECT_EQ(made["error.code"], std::string("invalid_expiry_") + c.refused) << expiry;
                EXPECT_EQ(made["error.param"], std::string("exp_") + c.refused) << expiry;
            }
        }
    }
    stripe.clock.set(stripe.clock.now() + Duration::days(31));
    EXPECT_EQ(
        stripe.post("/v1/payment_methods",
                    "type=card&card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=2027")["error.code"],
        "invalid_expiry_month");
}

TEST(Payment, AChangedExpiryIsAFutureOneToo) {
    Driver stripe;
    auto const path = "/v1/payment_methods/" + stripe.get("/v1/payment_methods/pm_card_visa")["id"];
    EXPECT_EQ(stripe.post(path, "card[exp_year]=2020")["error.code"], "invalid_expiry_year");
    EXPECT_EQ(stripe.get(path)["card.exp_year"], "2034");
    EXPECT_EQ(stripe.post(path, "card[exp_month]=3&card[exp_year]=2041")["card.exp_year"], "2041");
}

std::string attach(BillingLife& life) {
    return life.post("/v1/payment_methods/pm_card_visa/attach", "customer=" + life.customer)["id"];
}

// SEMANTICS section 4: the order of methods; section 11: without one nothing is charged, and retries are counted.
TEST(Payment, ADetachedCardPaysNoRenewal) {
    BillingLife life;
    auto const own = attach(life);
    life.subscribe("&default_payment_method=" + own);
    auto const common = life.get("/v1/customers/" + life.customer)["invoice_settings.default_payment_method"];
    life.new_events();
    life.post("/v1/payment_methods/" + own + "/detach");
    EXPECT_EQ(life.new_events(), "payment_method.detached customer.subscription.updated");
    EXPECT_EQ(life.present()["default_payment_method"], "null");
    life.advance(31 * BillingLife::day + 2 * BillingLife::hour);
    EXPECT_EQ(life.invoice()["status"], "paid");
    EXPECT_EQ(life.get("/v1/charges?customer=" + life.customer)["data.0.payment_method"], common);

    life.post("/v1/payment_methods/" + common + "/detach");
    life.new_events();
    auto const charges = [&] {
        return life.get("/v1/charges?customer=" + life.customer).body.at("data").as_array().size();
    };
    auto const before = charges();
    life.advance(28 * BillingLife::day);
    EXPECT_EQ(life.present()["status"], "past_due");
    EXPECT_EQ(life.invoice()["status"], "open");
    EXPECT_EQ(life.invoice()["attempt_count"], "1");
    life.advance(BillingLife::day + BillingLife::hour);
    EXPECT_EQ(life.invoice()["attempt_count"], "2");
    EXPECT_EQ(charges(), before);
}

TEST(Payment, ADetachedCardIsNoInvoicesDefault) {
    BillingLife life;
    auto const own = attach(life);
    auto const draft = life.post("/v1/invoices", "customer=" + life.customer + "&default_payment_method=" + own)["id"];
    life.new_events();
    life.post("/v1/payment_methods/" + own + "/detach");
    EXPECT_EQ(life.new_events(), "payment_method.detached invoice.updated");
    EXPECT_EQ(life.get("/v1/invoices/" + draft)["default_payment_method"], "null");
}

}  // namespace
}  // namespace billhook::sandbox::payment_test
