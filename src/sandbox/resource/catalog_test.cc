// Coupons, promotion codes, tax rates, features, portal configurations.

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::catalog_test {
namespace {

struct Refusal {
    char const* target;
    char const* form;
    char const* param;
};

void expect_refused(Driver& stripe, std::initializer_list<Refusal> cases) {
    for (auto const& c : cases) {
        auto const answer = stripe.post(c.target, c.form);
        EXPECT_EQ(answer.status, 400) << c.target << " " << c.form;
        EXPECT_EQ(answer["error.param"], c.param) << c.target << " " << c.form << " " << answer["error.message"];
    }
}

TEST(Coupons, FollowTheirRules) {
    Driver stripe;
    expect_refused(stripe,
                   {
                       {"/v1/coupons", "", "percent_off"},
                       {"/v1/coupons", "percent_off=10&amount_off=5&currency=usd", "amount_off"},
                       {"/v1/coupons", "percent_off=0", "percent_off"},
                       {"/v1/coupons", "percent_off=101", "percent_off"},
                       {"/v1/coupons", "amount_off=5", "currency"},
                       {"/v1/coupons", "percent_off=10&duration=repeating", "duration_in_months"},
                       {"/v1/coupons", "percent_off=10&duration=once&duration_in_months=2", "duration_in_months"},
                       {"/v1/coupons", "percent_off=10&redeem_by=5", "redeem_by"},
                       {"/v1/coupons", "percent_off=10&applies_to[products][]=prod_none", "applies_to[products]"},
                   });
    auto const coupon =
        stripe.post("/v1/coupons", "id=TENOFF&percent_off=12.5&duration=repeating&duration_in_months=3");
    EXPECT_EQ(coupon["percent_off"], "1.25E1") << coupon[""];
    EXPECT_EQ(coupon["valid"], "true");
    EXPECT_EQ(stripe.post("/v1/coupons", "id=TENOFF&percent_off=10")["error.code"], "resource_already_exists");
    EXPECT_EQ(stripe.remove("/v1/coupons/TENOFF")["deleted"], "true");
    EXPECT_EQ(stripe.get("/v1/coupons/TENOFF").status, 404);
    EXPECT_EQ(stripe.new_events(), "coupon.created coupon.deleted");
}

TEST(Coupons, EndAtTheirDate) {
    Driver stripe;
    auto const by = std::to_string(stripe.clock.now().seconds() + 60);
    stripe.post("/v1/coupons", "id=SOON&amount_off=500&currency=usd&redeem_by=" + by);
    auto const code = stripe.post("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=SOON&code=Spring");
    EXPECT_EQ(code["active"], "true") << code[""];
    stripe.clock.set(stripe.clock.now() + Duration::seconds(61));
    EXPECT_EQ(stripe.get("/v1/coupons/SOON")["valid"], "false");
    EXPECT_EQ(stripe.get("/v1/promotion_codes/" + code["id"])["active"], "false");
    EXPECT_EQ(stripe.get("/v1/promotion_codes?active=true")["data"], "[]");
}

TEST(PromotionCodes, AreUniqueWithoutRegardToCase) {
    Driver stripe;
    stripe.post("/v1/coupons", "id=TEN&percent_off=10");
    std::string const form = "promotion[type]=coupon&promotion[coupon]=TEN&code=";
    auto const first = stripe.post("/v1/promotion_codes", form + "Spring");
    EXPECT_EQ(first.status, 200) << first[""];
    EXPECT_EQ(stripe.post("/v1/promotion_codes", form + "SPRING").status, 400);
    EXPECT_EQ(stripe.get("/v1/promotion_codes?code=spring")["data.0.id"], first["id"]);
    stripe.post("/v1/promotion_codes/" + first["id"], "active=false");
    EXPECT_EQ(stripe.post("/v1/promotion_codes", form + "spring").status, 200);
    EXPECT_EQ(stripe.post("/v1/promotion_codes/" + first["id"], "active=true").status, 400);
    auto const expanded = stripe.get("/v1/promotion_codes/" + first["id"] + "?expand[]=promotion.coupon");
    EXPECT_EQ(expanded["promotion.coupon.percent_off"], "10");
    expect_refused(
        stripe,
        {
            {"/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=NONE", "promotion[coupon]"},
            {"/v1/promotion_codes", "promotion[type]=coupon", "promotion[coupon]"},
            {"/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=TEN&restrictions[minimum_amount]=5",
             "restrictions[minimum_amount_currency]"},
        });
    auto const restricted =
        stripe.post("/v1/promotion_codes",
                    "promotion[type]=coupon&promotion[coupon]=TEN&restrictions[minimum_amount]=5&"
                    "restrictions[minimum_amount_currency]=usd&expand[]=restrictions.currency_options");
    EXPECT_EQ(restricted["restrictions.currency_options.usd.minimum_amount"], "5") << restricted[""];
}

TEST(PromotionCodes, HoldTheirRestrictions) {
    Driver stripe;
    stripe.post("/v1/coupons", "id=ten&percent_off=10&duration=once");
    auto const code = [&](std::string const& spelt, std::string const& restrictions) {
        auto const made = stripe.post(
            "/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=ten&code=" + spelt + "&" + restrictions);
        EXPECT_EQ(made.status, 200) << made["error.message"];
        return made["id"];
    };
    auto const first = code("FIRST", "restrictions[first_time_transaction]=true");
    auto const large = code("LARGE", "restrictions[minimum_amount]=5000&restrictions[minimum_amount_currency]=usd");
    auto const price =
        stripe.post("/v1/prices", "currency=usd&unit_amount=2500&recurring[interval]=month&product_data[name]=Pro");
    auto const customer = stripe.post("/v1/customers",
                                      "payment_method=pm_card_visa&"
                                      "invoice_settings[default_payment_method]=pm_card_visa");
    auto const subscribe = [&](std::string const& promotion_code, int quantity) {
        return stripe.post("/v1/subscriptions", "customer=" + customer["id"] + "&items[0][price]=" + price["id"] +
                                                    "&items[0][quantity]=" + std::to_string(quantity) +
                                                    "&discounts[0][promotion_code]=" + promotion_code);
    };
    EXPECT_EQ(subscribe(large, 1)["error.code"], "promotion_code_not_redeemable") << "2500 of 5000";
    EXPECT_EQ(subscribe(first, 1).status, 200);
    auto const again = subscribe(first, 1);
    EXPECT_EQ(again["error.param"], "discounts[0][promotion_code]");
    EXPECT_EQ(again["error.code"], "promotion_code_not_redeemable") << "the customer has paid before";
    EXPECT_EQ(subscribe(large, 2).status, 200) << "2 x 2500";
    EXPECT_EQ(stripe.get("/v1/promotion_codes/" + first)["times_redeemed"], "1");
}

TEST(Currencies, AreThoseOfStripe) {
    Driver stripe;
    expect_refused(stripe, {
                               {"/v1/prices", "currency=xyz&unit_amount=5&product_data[name]=a", "currency"},
                               {"/v1/prices", "currency=us&unit_amount=5&product_data[name]=a", "currency"},
                               {"/v1/coupons", "amount_off=5&currency=zzz", "currency"},
                               {"/v1/payment_intents", "amount=500&currency=abc", "currency"},
                           });
    for (auto const* currency : {"usd", "EUR", "jpy", "kwd", "zmw"})
        EXPECT_EQ(
            stripe.post("/v1/prices", "unit_amount=5000&product_data[name]=a&currency=" + std::string(currency)).status,
            200)
            << currency;
}

TEST(TaxRates, AreMadeAndArchived) {
    Driver stripe;
    auto const rate = stripe.post("/v1/tax_rates", "display_name=VAT&percentage=19&inclusive=false&country=DE");
    EXPECT_EQ(rate["percentage"], "19") << rate[""];
    stripe.post("/v1/tax_rates/" + rate["id"], "active=false");
    EXPECT_EQ(stripe.get("/v1/tax_rates?active=true")["data"], "[]");
    EXPECT_EQ(stripe.new_events(), "tax_rate.created tax_rate.updated");
    expect_refused(stripe, {{"/v1/tax_rates", "display_name=VAT&percentage=190&inclusive=false", "percentage"}});
}

TEST(Features, AreAttachedToProducts) {
    Driver stripe;
    auto const product = stripe.post("/v1/products", "name=Pro")["id"];
    auto const feature = stripe.post("/v1/entitlements/features", "lookup_key=sso&name=Single%20sign-on")["id"];
    EXPECT_EQ(stripe.post("/v1/entitlements/features", "lookup_key=sso&name=Again").status, 400);
    auto const attached = stripe.post("/v1/products/" + product + "/features", "entitlement_feature=" + feature);
    EXPECT_EQ(attached["entitlement_feature.lookup_key"], "sso") << attached[""];
    EXPECT_EQ(stripe.get("/v1/products/" + product + "/features")["data.0.id"], attached["id"]);
    EXPECT_EQ(stripe.remove("/v1/products/" + product + "/features/" + attached["id"])["deleted"], "true");
    EXPECT_EQ(stripe.get("/v1/products/" + product + "/features")["data"], "[]");
}

TEST(PortalConfigurations, FillWhatIsNotGiven) {
    Driver stripe;
    auto const first =
        stripe.post("/v1/billing_portal/configurations",
                    "features[subscription_cancel][enabled]=true&features[invoice_history][enabled]=true");
    EXPECT_EQ(first["is_default"], "true") << first[""];
    EXPECT_EQ(first["features.subscription_cancel.mode"], "at_period_end");
    auto const second = stripe.post("/v1/billing_portal/configurations",
                                    "features[invoice_history][enabled]=false&login_page[enabled]=true");
    EXPECT_EQ(second["is_default"], "false");
    EXPECT_NE(second["login_page.url"], "null");
    EXPECT_EQ(stripe.post("/v1/billing_portal/configurations/" + first["id"], "active=false").status, 400);
    EXPECT_EQ(stripe.get("/v1/billing_portal/configurations?is_default=true")["data.0.id"], first["id"]);
}

TEST(Account, IsShown) {
    Driver stripe;
    EXPECT_EQ(stripe.get("/v1/account")["object"], "account");
    EXPECT_EQ(stripe.get("/v1/balance")["available.0.currency"], "usd");
}

}  // namespace
}  // namespace billhook::sandbox::catalog_test
