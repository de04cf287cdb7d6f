// How subscriptions begin.

#include "sandbox/testing/billing_life.h"

namespace billhook::sandbox::subscription_create_test {
namespace {

TEST(SubscriptionCreate, paid_at_once) {
    BillingLife life;
    auto const made = life.subscribe("&expand[0]=latest_invoice.payments&metadata[tier]=pro");
    EXPECT_EQ(made["status"], "active");
    EXPECT_EQ(made["billing_mode.type"], "flexible");
    EXPECT_EQ(made["items.data.0.plan.id"], life.pro);
    EXPECT_EQ(made["latest_invoice.status"], "paid");
    EXPECT_EQ(made["latest_invoice.billing_reason"], "subscription_create");
    EXPECT_EQ(made["latest_invoice.amount_paid"], "2500");
    EXPECT_EQ(made["latest_invoice.attempt_count"], "1");
    EXPECT_EQ(made["latest_invoice.period_start"], made["latest_invoice.period_end"]);
    EXPECT_EQ(made["latest_invoice.number"].substr(8), "-0001");
    EXPECT_EQ(made["latest_invoice.payments.data.0.status"], "paid");
    EXPECT_EQ(made["latest_invoice.lines.data.0.description"], "1 × pro (at $25.00 / month)");
    EXPECT_EQ(made["latest_invoice.parent.subscription_details.metadata.tier"], "pro");
    EXPECT_EQ(life.new_events(),
              "customer.subscription.created invoice.created payment_intent.created invoice.finalized charge.succeeded "
              "payment_intent.succeeded invoice.updated invoice.paid invoice.payment_succeeded invoice_payment.paid "
              "customer.subscription.updated");
}

TEST(SubscriptionCreate, a_declined_card_leaves_it_incomplete) {
    BillingLife life("pm_card_chargeCustomerFail");
    auto const made = life.subscribe("&expand[0]=latest_invoice.payments");
    EXPECT_EQ(made.status, 200);
    EXPECT_EQ(made["status"], "incomplete");
    EXPECT_EQ(made["latest_invoice.status"], "open");
    EXPECT_EQ(made["latest_invoice.attempted"], "true");
    EXPECT_EQ(made["latest_invoice.attempt_count"], "0");
    EXPECT_EQ(made["latest_invoice.next_payment_attempt"], "null");
    EXPECT_EQ(made["latest_invoice.payments.data.0.status"], "open");
    EXPECT_EQ(life.change("description=x").status, 400);
    life.advance(23 * BillingLife::hour);
    EXPECT_EQ(life.present()["status"], "incomplete_expired");
    EXPECT_EQ(life.invoice()["status"], "void");
    EXPECT_EQ(life.change("metadata[k]=v").status, 200);
}

TEST(SubscriptionCreate, an_incomplete_one_is_paid_with_another_card) {
    BillingLife life("pm_card_chargeCustomerFail");
    life.subscribe();
    life.use_card("pm_card_visa");
    auto const paid = life.post("/v1/invoices/" + life.present()["latest_invoice"] + "/pay");
    EXPECT_EQ(paid["status"], "paid");
    EXPECT_EQ(life.present()["status"], "active");
}

TEST(SubscriptionCreate, default_incomplete_waits_for_the_payer) {
    BillingLife life("");
    auto const made = life.subscribe(
        "&payment_behavior=default_incomplete&payment_settings[save_default_payment_method]=on_subscription"
        "&expand[0]=latest_invoice.confirmation_secret&expand[1]=latest_invoice.payments");
    EXPECT_EQ(made["status"], "incomplete");
    auto const secret = made["latest_invoice.confirmation_secret.client_secret"];
    EXPECT_TRUE(secret.starts_with("pi_")) << secret;
    auto const intent = made["latest_invoice.payments.data.0.payment.payment_intent"];
    auto const confirmed = life.post("/v1/payment_intents/" + intent + "/confirm", "payment_method=pm_card_visa");
    EXPECT_EQ(confirmed["status"], "succeeded") << confirmed["error.message"];
    EXPECT_EQ(life.present()["status"], "active");
    EXPECT_EQ(life.present()["default_payment_method"], confirmed["payment_method"]);
    EXPECT_EQ(life.invoice()["status"], "paid");
    auto const card = life.get("/v1/payment_methods/" + confirmed["payment_method"]);
    EXPECT_EQ(card["customer"], life.customer) << "the first payment of a subscription is for later ones too";
    auto const again = life.get("/v1/invoices/" + life.present()["latest_invoice"] + "?expand[]=confirmation_secret");
    EXPECT_EQ(again["confirmation_secret.client_secret"], secret) << "readable still";
}

TEST(SubscriptionCreate, error_if_incomplete_leaves_nothing) {
    BillingLife life("pm_card_chargeCustomerFail");
    auto const refused = life.subscribe("&payment_behavior=error_if_incomplete");
    EXPECT_EQ(refused.status, 402);
    EXPECT_EQ(refused["error.code"], "card_declined");
    EXPECT_EQ(life.get("/v1/subscriptions?status=all&customer=" + life.customer)["data"], "[]");
    EXPECT_EQ(life.get("/v1/invoices?customer=" + life.customer)["data"], "[]");
    EXPECT_EQ(life.new_events(), "");
}

TEST(SubscriptionCreate, authentication_makes_it_incomplete) {
    BillingLife life("pm_card_authenticationRequired");
    auto const made = life.subscribe("&expand[0]=latest_invoice.payments");
    EXPECT_EQ(made["status"], "incomplete");
    auto const intent = made["latest_invoice.payments.data.0.payment.payment_intent"];
    EXPECT_EQ(life.get("/v1/payment_intents/" + intent)["status"], "requires_action");
    auto const refused = life.subscribe("&payment_behavior=error_if_incomplete");
    EXPECT_EQ(refused.status, 402);
    EXPECT_EQ(refused["error.code"], "subscription_payment_intent_requires_action");
}

TEST(SubscriptionCreate, refusals) {
    struct {
        char const* name;
        char const* form;
        int status;
        char const* code;
        char const* param;
    } const cases[] = {
        {"no items", "", 400, "parameter_missing", "items"},
        {"unknown price", "&items[0][price]=invalid", 400, "resource_missing", "items[0][price]"},
        {"nothing to charge", "&items[0][price]=PRO", 400, "resource_missing", "(absent)"},
        {"twice the same price", "&items[0][price]=PRO&items[1][price]=PRO", 400, "(absent)", "items"},
        {"trial in the past", "&items[0][price]=PRO&trial_end=1000", 400, "(absent)", "trial_end"},
        {"anchor too far", "&items[0][price]=PRO&billing_cycle_anchor=1800000000", 400, "(absent)",
         "billing_cycle_anchor"},
        {"unknown coupon", "&items[0][price]=PRO&discounts[0][coupon]=none", 400, "resource_missing",
         "discounts[0][coupon]"},
        {"send_invoice without days", "&items[0][price]=PRO&collection_method=send_invoice", 400, "parameter_missing",
         "days_until_due"},
        {"pending_if_incomplete is for updates", "&items[0][price]=PRO&payment_behavior=pending_if_incomplete", 400,
         "(absent)", "payment_behavior"},
    };
    for (auto const& c : cases) {
        BillingLife life("");
        std::string form = c.form;
        for (std::size_t at; (at = form.find("PRO")) != std::string::npos;) form.replace(at, 3, life.pro);
        auto const answered = life.post("/v1/subscriptions", "customer=" + life.customer + form);
        EXPECT_EQ(answered.status, c.status) << c.name;
        EXPECT_EQ(answered["error.code"], c.code) << c.name << ": " << answered["error.message"];
        EXPECT_EQ(answered["error.param"], c.param) << c.name;
        EXPECT_EQ(life.new_events(), "") << c.name;
    }
}

TEST(SubscriptionCreate, a_trial_needs_no_card) {
    BillingLife life("");
    auto const made = life.subscribe("&trial_period_days=14&expand[0]=latest_invoice");
    EXPECT_EQ(made["status"], "trialing");
    EXPECT_EQ(made["billing_cycle_anchor"], made["trial_end"]);
    EXPECT_EQ(made["items.data.0.current_period_end"], made["trial_end"]);
    EXPECT_EQ(made["latest_invoice.status"], "paid");
    EXPECT_EQ(made["latest_invoice.attempt_count"], "0");
    EXPECT_EQ(made["latest_invoice.lines.data.0.description"], "Free trial for 1 × pro");
    EXPECT_EQ(life.new_events(),
              "customer.subscription.created invoice.created invoice.finalized invoice.paid invoice.payment_succeeded");
}

TEST(SubscriptionCreate, an_invoice_may_be_sent_instead) {
    BillingLife life("");
    life.subscribe("&collection_method=send_invoice&days_until_due=10");
    EXPECT_EQ(life.present()["status"], "active");
    EXPECT_EQ(life.invoice()["status"], "draft");
    life.advance(2 * BillingLife::hour);
    EXPECT_EQ(life.invoice()["status"], "open");
    EXPECT_NE(life.new_events().find("invoice.sent"), std::string::npos);
    life.advance(11 * BillingLife::day);
    EXPECT_EQ(life.present()["status"], "past_due");
    auto const paid = life.post("/v1/invoices/" + life.present()["latest_invoice"] + "/pay", "paid_out_of_band=true");
    EXPECT_EQ(paid["status"], "paid") << paid["error.message"];
    EXPECT_EQ(life.present()["status"], "active");
}

TEST(SubscriptionCreate, the_anchor_may_be_configured) {
    BillingLife life;
    auto const made = life.subscribe("&billing_cycle_anchor_config[day_of_month]=31");
    EXPECT_EQ(made["billing_cycle_anchor"], "1738281600");  // 31 January 2025
    EXPECT_EQ(life.invoice()["total"], "2419");             // 30 of 31 days
}

TEST(SubscriptionCreate, a_backdated_start_bills_the_time_gone_by) {
    BillingLife life;
    auto const start = life.now - 31 * BillingLife::day;  // one December
    auto const made = life.subscribe("&backdate_start_date=" + std::to_string(start));
    EXPECT_EQ(made["start_date"], std::to_string(start));
    EXPECT_EQ(life.invoice()["total"], "5000");
}

TEST(SubscriptionCreate, invoice_items_come_along) {
    BillingLife life;
    auto const product = life.post("/v1/products", "name=Setup")["id"];
    auto const setup = life.post("/v1/prices", "currency=usd&unit_amount=900&product=" + product)["id"];
    life.subscribe("&add_invoice_items[0][price]=" + setup + "&add_invoice_items[0][quantity]=2");
    EXPECT_EQ(life.invoice()["total"], "4300");
    EXPECT_EQ(life.get("/v1/invoiceitems?pending=true&customer=" + life.customer)["data"], "[]");
}

// SEMANTICS section 18: at most three subscriptions per customer of a test clock.
TEST(SubscriptionCreate, a_customer_of_a_test_clock_has_three) {
    BillingLife life;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(life.subscribe().status, 200);
    auto const latest = life.subscription;
    auto const fourth = life.subscribe();
    EXPECT_EQ(fourth.status, 400);
    EXPECT_EQ(fourth["error.code"], "customer_max_subscriptions");
    EXPECT_EQ(life.remove("/v1/subscriptions/" + latest)["status"], "canceled");
    EXPECT_EQ(life.subscribe().status, 200) << "one that has ended does not count";
}

}  // namespace
}  // namespace billhook::sandbox::subscription_create_test
