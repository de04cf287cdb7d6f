// When drafts are finalized and sent invoices are due. SEMANTICS.md section 10.

#include "sandbox/testing/billing_life.h"

namespace billhook::sandbox::finalization_test {
namespace {

constexpr std::int64_t day = BillingLife::day, hour = BillingLife::hour;

struct Announced : testing::Test {
    Announced() {
        stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1/hook&enabled_events[]=invoice.created");
        auto const customer = stripe.post("/v1/customers",
                                          "payment_method=pm_card_visa&"
                                          "invoice_settings[default_payment_method]=pm_card_visa")["id"];
        stripe.post("/v1/invoiceitems", "customer=" + customer + "&amount=1200&currency=usd");
        invoice = stripe.post(
            "/v1/invoices", "customer=" + customer + "&pending_invoice_items_behavior=include&auto_advance=true")["id"];
    }
    Answered present() { return stripe.get("/v1/invoices/" + invoice); }
    void wait(std::int64_t seconds) {
        stripe.clock.set(stripe.clock.now() + Duration::seconds(seconds));
        stripe.sandbox.run_due();
    }
    std::int64_t now() { return stripe.clock.now().seconds(); }
    Driver stripe;
    std::string invoice;
};

TEST_F(Announced, a_drafts_hour_begins_when_its_endpoints_know_of_it) {
    EXPECT_EQ(present()["webhooks_delivered_at"], "null");
    wait(5 * hour);
    EXPECT_EQ(present()["status"], "draft");
    stripe.deliver();
    EXPECT_EQ(present()["webhooks_delivered_at"], std::to_string(now()));
    EXPECT_EQ(present()["automatically_finalizes_at"], std::to_string(now() + hour));
    wait(hour - 1);
    EXPECT_EQ(present()["status"], "draft");
    wait(1);
    EXPECT_EQ(present()["status"], "paid");
    EXPECT_EQ(present()["automatically_finalizes_at"], "null");
}

TEST_F(Announced, without_an_acknowledgement_three_days_are_the_latest) {
    stripe.webhooks.status = 500;
    stripe.deliver();
    wait(72 * hour - 1);
    EXPECT_EQ(present()["status"], "draft");
    wait(1);
    EXPECT_EQ(present()["status"], "paid");
}

TEST_F(Announced, where_time_is_advanced_endpoints_answer_at_once) {
    stripe.deliver();
    auto const to = now() + 40 * day;
    stripe.post("/v1/test_helpers/test_clocks/clock_sandbox/advance", "frozen_time=" + std::to_string(to));
    EXPECT_EQ(present()["status"], "paid");
    auto const paid_at = std::stoll(present()["status_transitions.paid_at"]);
    EXPECT_EQ(paid_at - std::stoll(present()["created"]), hour);
}

TEST(SentInvoice, is_announced_before_it_is_due_and_when_it_is_overdue) {
    BillingLife life;
    life.subscribe("&collection_method=send_invoice&days_until_due=10");
    life.advance(hour);
    EXPECT_EQ(life.invoice()["due_date"], std::to_string(life.now + 10 * day));
    life.new_events();
    life.advance(7 * day);
    EXPECT_EQ(life.new_events(), "test_helpers.test_clock.advancing invoice.will_be_due test_helpers.test_clock.ready");
    life.advance(3 * day);
    EXPECT_EQ(life.new_events(),
              "test_helpers.test_clock.advancing invoice.overdue customer.subscription.updated "
              "test_helpers.test_clock.ready");
    EXPECT_EQ(life.present()["status"], "past_due");
}

TEST(TestClock, takes_an_existing_customer) {
    Driver stripe;
    auto const customer = stripe.post("/v1/customers", "email=a@example.com")["id"];
    auto const form = "frozen_time=1735689600&customer=" + customer;
    auto const clock = stripe.post("/v1/test_helpers/test_clocks", form);
    EXPECT_EQ(stripe.get("/v1/customers/" + customer)["test_clock"], clock["id"]);
    EXPECT_EQ(stripe.post("/v1/test_helpers/test_clocks", form)["error.param"], "customer") << "it is on one already";
}

TEST(AutomaticTax, needs_to_know_where_the_customer_lives) {
    BillingLife life;
    EXPECT_EQ(life.subscribe("&automatic_tax[enabled]=true").status, 200);
    EXPECT_EQ(life.invoice()["automatic_tax.status"], "requires_location_inputs");
    EXPECT_EQ(life.invoice()["total"], "2500");
    life.post("/v1/customers/" + life.customer, "address[country]=DE");
    life.advance(31 * day + hour);
    auto const taxed = life.invoice();
    EXPECT_EQ(taxed["automatic_tax.status"], "complete");
    EXPECT_EQ(taxed["total_taxes.0.amount"], "500");
    EXPECT_EQ(taxed["total_taxes.0.taxability_reason"], "standard_rated");
    auto const rate = life.get("/v1/tax_rates/" + taxed["total_taxes.0.tax_rate_details.tax_rate"]);
    EXPECT_EQ(rate["country"], "DE");
    EXPECT_EQ(rate["percentage"], "20");
}

}  // namespace
}  // namespace billhook::sandbox::finalization_test
