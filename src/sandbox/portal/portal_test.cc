// The customer portal's page, SEMANTICS section 13: what the configuration offers, and flows with what follows them.

#include "sandbox/testing/billing_life.h"

namespace billhook::sandbox::portal_test {
namespace {

struct Portal : testing::Test {
    Portal() { life.subscribe(); }

    std::string open(std::string const& features, std::string const& flow = {}) {
        auto const configuration = life.post("/v1/billing_portal/configurations", features);
        EXPECT_EQ(configuration.status, 200) << configuration["error.message"];
        auto const session = life.post("/v1/billing_portal/sessions",
                                       "customer=" + life.customer + "&configuration=" + configuration["id"] + flow);
        EXPECT_EQ(session.status, 200) << session["error.message"];
        return "/p/session/" + session["id"];
    }
    std::string page(std::string const& path) { return std::string(as_view(life.get(path).body.as_string())); }
    Answered press(std::string const& path, std::string const& action, std::string const& further = {}) {
        return life.post(path, "action=" + action + "&subscription=" + life.subscription + further);
    }
    static bool shows(Answered const& answer, std::string_view text) {
        return as_view(answer.body.as_string()).find(text) != std::string_view::npos;
    }
    static constexpr char cancels[] = "features[subscription_cancel][enabled]=true";
    static constexpr char updates[] =
        "features[subscription_update][enabled]=true&features[subscription_update][default_allowed_updates][]=price"
        "&features[subscription_update][proration_behavior]=always_invoice";
    BillingLife life;
};

TEST_F(Portal, offers_what_the_configuration_has_enabled) {
    struct Case {
        char const *features, *shown;
    };
    Case const cases[] = {
        {cancels, "Cancel at period end"},
        {"features[payment_method_update][enabled]=true", "Use this card"},
        {"features[invoice_history][enabled]=true", "<h2>Invoices</h2>"},
    };
    for (auto const& c : cases) {
        auto const shown = page(open(c.features));
        for (auto const& other : cases)
            EXPECT_EQ(shown.find(other.shown) != std::string::npos, other.shown == c.shown) << c.features;
    }
    auto const path = open(cases[2].features);
    EXPECT_TRUE(shows(press(path, "cancel"), "role=\"alert\""));
    EXPECT_TRUE(shows(press(path, "card", "&number=4242424242424242"), "role=\"alert\""));
    EXPECT_EQ(life.present()["cancel_at_period_end"], "false");
}

TEST_F(Portal, cancels_as_the_configuration_says) {
    EXPECT_EQ(press(open(cancels), "cancel").status, 200);
    EXPECT_EQ(life.present()["cancel_at_period_end"], "true");
    EXPECT_EQ(life.present()["status"], "active");
    EXPECT_EQ(press(open(cancels), "resume").status, 200);
    EXPECT_EQ(life.present()["cancel_at_period_end"], "false");
    auto const path = open(std::string(cancels) + "&features[subscription_cancel][mode]=immediately");
    EXPECT_NE(page(path).find("Cancel now"), std::string::npos);
    EXPECT_EQ(press(path, "cancel").status, 200);
    EXPECT_EQ(life.present()["status"], "canceled");
}

TEST_F(Portal, leads_on_when_a_flow_is_done) {
    auto const path =
        open(cancels,
             "&flow_data[type]=subscription_cancel&flow_data[subscription_cancel][subscription]=" + life.subscription +
                 "&flow_data[after_completion][type]=redirect"
                 "&flow_data[after_completion][redirect][return_url]=https://example.com/gone");
    EXPECT_NE(page(path).find("Cancel at period end"), std::string::npos);
    EXPECT_EQ(page(path).find("<h2>"), std::string::npos) << "nothing but the flow";
    auto const done = press(path, "cancel");
    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(done.headers.get_or("Location"), "https://example.com/gone");
    EXPECT_EQ(life.present()["cancel_at_period_end"], "true");
    EXPECT_NE(page(path).find("<h2>Subscriptions</h2>"), std::string::npos) << "the home page from now on";
}

TEST_F(Portal, replaces_the_card_in_a_flow) {
    auto const path = open("features[payment_method_update][enabled]=true",
                           "&flow_data[type]=payment_method_update"
                           "&flow_data[after_completion][type]=hosted_confirmation"
                           "&flow_data[after_completion][hosted_confirmation][custom_message]=Thanks!");
    EXPECT_NE(page(path).find("Use this card"), std::string::npos);
    EXPECT_TRUE(shows(press(path, "card", "&number=4000000000000002"), "role=\"alert\"")) << "the flow goes on";
    EXPECT_TRUE(shows(press(path, "card", "&number=5555555555554444"), "Thanks!"));
    auto const method = life.present()["default_payment_method"];
    EXPECT_EQ(life.get("/v1/payment_methods/" + method)["card.brand"], "mastercard");
}

// On the first day of a period the whole of the new price is owed and the whole of the old one credited: 4000 - 2500.
TEST_F(Portal, confirms_a_prepared_change) {
    auto const dear = life.price("dear", 4000);
    auto const flow =
        "&flow_data[type]=subscription_update_confirm"
        "&flow_data[subscription_update_confirm][subscription]=" +
        life.subscription + "&flow_data[subscription_update_confirm][items][0][id]=" + life.item() +
        "&flow_data[subscription_update_confirm][items][0][price]=" + dear +
        "&flow_data[subscription_update_confirm][items][0][quantity]=1";
    EXPECT_TRUE(shows(press(open(cancels, flow), "update"), "role=\"alert\"")) << "changes are not enabled";
    auto const path = open(
        updates + ("&features[subscription_update][products][0][product]=" + life.get("/v1/prices/" + dear)["product"] +
                   "&features[subscription_update][products][0][prices][0]=" + dear),
        flow);
    EXPECT_NE(page(path).find("dear, 40.00"), std::string::npos) << page(path);
    EXPECT_TRUE(shows(press(path, "update"), "The subscription was changed."));
    EXPECT_EQ(life.present()["items.data.0.price.id"], dear);
    EXPECT_EQ(life.invoice()["billing_reason"], "subscription_update");
    EXPECT_EQ(life.invoice()["amount_paid"], "1500");
    EXPECT_TRUE(shows(press(path, "update"), "role=\"alert\"")) << "once";
}

}  // namespace
}  // namespace billhook::sandbox::portal_test
