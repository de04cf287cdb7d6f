// Subscriptions over time: renewals, failed payments and what follows them, trials, ends.

#include "sandbox/testing/billing_life.h"

namespace billhook::sandbox::renewal_test {
namespace {

constexpr auto day = BillingLife::day, hour = BillingLife::hour;

TEST(Renewal, tells_of_each_step) {
    BillingLife life;
    life.subscribe();
    life.new_events();
    life.advance(24 * day);
    EXPECT_EQ(life.new_events(), "test_helpers.test_clock.advancing invoice.upcoming test_helpers.test_clock.ready");
    life.advance(7 * day);
    EXPECT_EQ(life.new_events(),
              "test_helpers.test_clock.advancing invoice.created customer.subscription.updated "
              "test_helpers.test_clock.ready");
    EXPECT_EQ(life.invoice()["status"], "draft");
    EXPECT_EQ(life.invoice()["billing_reason"], "subscription_cycle");
    EXPECT_EQ(life.invoice()["automatically_finalizes_at"], std::to_string(life.now + hour));
    life.advance(hour);
    EXPECT_EQ(life.new_events(),
              "test_helpers.test_clock.advancing payment_intent.created invoice.finalized charge.succeeded "
              "payment_intent.succeeded invoice.updated invoice.paid invoice.payment_succeeded invoice_payment.paid "
              "test_helpers.test_clock.ready");
    EXPECT_EQ(life.invoice()["number"].substr(8), "-0002");
}

TEST(Renewal, a_draft_can_be_changed_within_its_hour) {
    BillingLife life;
    life.subscribe();
    life.advance(31 * day);
    auto const draft = life.present()["latest_invoice"];
    auto const added =
        life.post("/v1/invoiceitems",
                  "customer=" + life.customer + "&amount=700&currency=usd&invoice=" + draft + "&description=Help");
    EXPECT_EQ(added.status, 200) << added["error.message"];
    EXPECT_EQ(life.invoice()["total"], "3200");
    life.advance(hour);
    EXPECT_EQ(life.invoice()["amount_paid"], "3200");
}

TEST(Renewal, failed_payments_are_retried_and_then_end_it) {
    BillingLife life;
    life.subscribe();
    life.use_card("pm_card_chargeCustomerFail");
    life.advance(31 * day + hour);
    EXPECT_EQ(life.present()["status"], "past_due");
    EXPECT_EQ(life.invoice()["attempt_count"], "1");
    EXPECT_EQ(life.invoice()["next_payment_attempt"], std::to_string(life.now + day));
    life.new_events();
    life.advance(day);
    EXPECT_EQ(life.new_events(),
              "test_helpers.test_clock.advancing charge.failed payment_intent.payment_failed invoice.payment_failed "
              "invoice.updated test_helpers.test_clock.ready");
    EXPECT_EQ(life.invoice()["attempt_count"], "2");
    life.advance(3 * day);
    life.advance(5 * day);
    EXPECT_EQ(life.present()["status"], "past_due");
    EXPECT_EQ(life.invoice()["attempt_count"], "4");
    life.advance(7 * day);
    EXPECT_EQ(life.present()["status"], "canceled");
    EXPECT_EQ(life.present()["cancellation_details.reason"], "payment_failed");
    EXPECT_EQ(life.invoice()["status"], "open");
    EXPECT_EQ(life.invoice()["next_payment_attempt"], "null");
}

TEST(Renewal, the_account_may_keep_it_unpaid) {
    Settings settings;
    settings.retry_days = {2};
    settings.after_last_retry = "mark_unpaid";
    BillingLife life("pm_card_visa", settings);
    life.subscribe();
    life.use_card("pm_card_chargeCustomerFail");
    life.advance(31 * day + hour);
    life.advance(2 * day);
    EXPECT_EQ(life.present()["status"], "unpaid");
    auto const unpaid = life.present()["latest_invoice"];
    life.advance(28 * day);
    EXPECT_NE(life.present()["latest_invoice"], unpaid);
    EXPECT_EQ(life.invoice()["status"], "draft");
    EXPECT_EQ(life.invoice()["auto_advance"], "false");
    life.use_card("pm_card_visa");
    EXPECT_EQ(life.post("/v1/invoices/" + life.present()["latest_invoice"] + "/pay")["status"], "paid");
    EXPECT_EQ(life.present()["status"], "active");
}

TEST(Renewal, paying_by_hand_brings_it_back) {
    BillingLife life;
    life.subscribe();
    life.use_card("pm_card_chargeCustomerFail");
    life.advance(31 * day + hour);
    auto const invoice = life.present()["latest_invoice"];
    auto const refused = life.post("/v1/invoices/" + invoice + "/pay");
    EXPECT_EQ(refused.status, 402);
    EXPECT_EQ(life.invoice()["attempt_count"], "1") << "attempts by hand do not count after the first";
    life.use_card("pm_card_visa");
    EXPECT_EQ(life.post("/v1/invoices/" + invoice + "/pay")["status"], "paid");
    EXPECT_EQ(life.present()["status"], "active");
}

TEST(Renewal, finalized_by_hand_fails_without_a_card) {
    BillingLife life;
    life.subscribe();
    auto const card = life.get("/v1/customers/" + life.customer)["invoice_settings.default_payment_method"];
    life.post("/v1/payment_methods/" + card + "/detach");
    life.advance(31 * day);
    life.post("/v1/invoices/" + life.present()["latest_invoice"] + "/finalize");
    EXPECT_EQ(life.present()["status"], "active");
    life.new_events();
    life.advance(hour);
    EXPECT_NE(life.new_events().find("invoice.payment_failed"), std::string::npos);
    EXPECT_EQ(life.present()["status"], "past_due");
    EXPECT_EQ(life.invoice()["attempted"], "true");
    EXPECT_EQ(life.invoice()["attempt_count"], "1");
    EXPECT_EQ(life.invoice()["next_payment_attempt"], std::to_string(life.now + day));
    life.new_events();
    life.advance(day);
    EXPECT_EQ(life.new_events(), "test_helpers.test_clock.advancing invoice.updated test_helpers.test_clock.ready");
    EXPECT_EQ(life.invoice()["attempt_count"], "2") << "counted, not executed";
}

TEST(Renewal, a_hard_decline_is_counted_but_not_tried_again) {
    BillingLife life;
    life.subscribe();
    life.use_card("pm_card_authenticationRequired");
    life.advance(31 * day + hour);
    EXPECT_EQ(life.present()["status"], "past_due");
    life.new_events();
    life.advance(day);
    EXPECT_EQ(life.new_events(), "test_helpers.test_clock.advancing invoice.updated test_helpers.test_clock.ready");
    EXPECT_EQ(life.invoice()["attempt_count"], "2");
    life.use_card("pm_card_visa");
    life.advance(3 * day);
    EXPECT_EQ(life.present()["status"], "active");
}

TEST(Renewal, off_session_authentication_is_announced_twice) {
    BillingLife life;
    life.subscribe();
    life.use_card("pm_card_authenticationRequired");
    life.advance(31 * day);
    life.new_events();
    life.advance(hour);
    EXPECT_EQ(life.new_events(),
              "test_helpers.test_clock.advancing payment_intent.created invoice.finalized charge.failed "
              "payment_intent.payment_failed invoice.payment_action_required invoice.payment_failed invoice.updated "
              "customer.subscription.updated test_helpers.test_clock.ready");
}

TEST(Renewal, giving_an_invoice_up_or_voiding_it_ends_past_due) {
    for (auto const* how : {"mark_uncollectible", "void"}) {
        BillingLife life;
        life.subscribe();
        life.use_card("pm_card_chargeCustomerFail");
        life.advance(31 * day + hour);
        auto const closed = life.post("/v1/invoices/" + life.present()["latest_invoice"] + "/" + how);
        EXPECT_EQ(closed.status, 200) << closed["error.message"];
        EXPECT_EQ(life.present()["status"], "active") << how;
    }
}

TEST(Renewal, paused_collection_goes_on_billing) {
    struct {
        char const* behavior;
        char const* status;
    } const cases[] = {{"keep_as_draft", "draft"}, {"mark_uncollectible", "uncollectible"}, {"void", "void"}};
    for (auto const& c : cases) {
        BillingLife life;
        life.subscribe();
        life.change(std::string("pause_collection[behavior]=") + c.behavior);
        life.advance(31 * day + hour);
        EXPECT_EQ(life.present()["status"], "active") << c.behavior;
        EXPECT_EQ(life.invoice()["status"], c.status) << c.behavior;
    }
    BillingLife life;
    life.subscribe();
    life.change("pause_collection[behavior]=void&pause_collection[resumes_at]=" + std::to_string(life.now + 40 * day));
    life.advance(40 * day);
    EXPECT_EQ(life.present()["pause_collection"], "null");
}

TEST(Trial, is_announced_before_it_ends) {
    BillingLife life;
    life.subscribe("&trial_period_days=14");
    life.new_events();
    life.advance(11 * day);
    EXPECT_EQ(life.new_events(),
              "test_helpers.test_clock.advancing invoice.upcoming customer.subscription.trial_will_end "
              "test_helpers.test_clock.ready");
    life.advance(3 * day);
    EXPECT_EQ(life.present()["status"], "active");
    EXPECT_EQ(life.invoice()["status"], "draft");
    life.advance(hour);
    EXPECT_EQ(life.invoice()["status"], "paid");
}

TEST(Trial, a_short_one_is_announced_at_once) {
    BillingLife life;
    life.subscribe("&trial_period_days=2");
    EXPECT_NE(life.new_events().find("trial_will_end"), std::string::npos);
    life.advance(day);
    EXPECT_EQ(life.new_events().find("trial_will_end"), std::string::npos);
}

TEST(Trial, its_end_is_announced_once) {
    constexpr auto notice = "customer.subscription.trial_will_end";
    BillingLife life;
    life.subscribe("&trial_period_days=14");
    life.advance(12 * day);
    life.new_events();
    life.change("items[0][id]=" + life.item() + "&items[0][quantity]=2");
    EXPECT_EQ(life.new_events().find(notice), std::string::npos) << "told a day ago";
    life.change("trial_end=" + std::to_string(life.now + day));
    EXPECT_NE(life.new_events().find(notice), std::string::npos) << "another end";
    auto const made = life.post("/v1/subscription_schedules", "from_subscription=" + life.subscription);
    auto const start = made["phases.0.start_date"], end = std::to_string(life.now + day);
    auto const planned =
        life.post("/v1/subscription_schedules/" + made["id"],
                  "phases[0][start_date]=" + start + "&phases[0][end_date]=" + end + "&phases[0][trial_end]=" + end +
                      "&phases[0][items][0][price]=" + life.pro + "&phases[1][items][0][price]=" + life.pro);
    EXPECT_EQ(planned.status, 200) << planned["error.message"];
    life.advance(day);
    EXPECT_EQ(life.present()["status"], "active");
    EXPECT_EQ(life.new_events().find(notice), std::string::npos) << "the trial's end itself";
}

TEST(Trial, may_end_without_a_card) {
    struct {
        char const* behavior;
        char const* status;
    } const cases[] = {{"cancel", "canceled"}, {"pause", "paused"}, {"create_invoice", "active"}};
    for (auto const& c : cases) {
        BillingLife life("");
        life.subscribe("&trial_period_days=14&trial_settings[end_behavior][missing_payment_method]=" +
                       std::string(c.behavior));
        life.advance(14 * day);
        EXPECT_EQ(life.present()["status"], c.status) << c.behavior;
        if (std::string(c.status) != "active") continue;
        life.advance(hour);
        EXPECT_EQ(life.present()["status"], "past_due");
    }
}

TEST(Trial, a_paused_one_is_resumed_with_a_card) {
    BillingLife life("");
    life.subscribe("&trial_period_days=14&trial_settings[end_behavior][missing_payment_method]=pause");
    life.advance(14 * day);
    EXPECT_EQ(life.present()["status_details.paused.subscription.type"], "trial_end_without_payment_method");
    life.advance(5 * day);
    life.use_card("pm_card_visa");
    auto const resumed = life.post("/v1/subscriptions/" + life.subscription + "/resume",
                                   "billing_cycle_anchor[type]=now&expand[0]=latest_invoice");
    EXPECT_EQ(resumed["status"], "active") << resumed["error.message"];
    EXPECT_EQ(resumed["latest_invoice.total"], "2500");
    EXPECT_EQ(resumed["items.data.0.current_period_start"], std::to_string(life.now));
}

struct Usage : testing::Test {
    Usage() {
        auto const meter = life.post("/v1/billing/meters",
                                     "display_name=Calls&event_name=calls&default_aggregation[formula]=sum")["id"];
        auto const product = life.post("/v1/products", "name=Calls")["id"];
        auto const calls = life.post("/v1/prices", "currency=usd&unit_amount=3&product=" + product +
                                                       "&recurring[interval]=month&recurring[usage_type]=metered"
                                                       "&recurring[meter]=" +
                                                       meter)["id"];
        life.subscribe("&items[1][price]=" + calls);
    }
    void use(int calls, std::int64_t at) {
        auto const used =
            life.post("/v1/billing/meter_events", "event_name=calls&payload[stripe_customer_id]=" + life.customer +
                                                      "&payload[value]=" + std::to_string(calls) +
                                                      "&timestamp=" + std::to_string(at));
        EXPECT_EQ(used.status, 200) << used["error.message"];
    }

    BillingLife life;
};

TEST_F(Usage, is_billed_in_arrears) {
    life.advance(10 * day);
    use(100, life.now);
    life.advance(21 * day + hour);
    EXPECT_EQ(life.invoice()["total"], "2800");
}

TEST_F(Usage, that_is_reported_within_the_draft_hour_is_billed_with_its_period) {
    life.advance(31 * day);
    auto const end = life.now;
    EXPECT_EQ(life.invoice()["total"], "2500");
    life.advance(hour / 2);
    use(100, end - 1);
    use(7, end);  // of the coming period
    life.advance(hour / 2);
    EXPECT_EQ(life.invoice()["lines.data.0.quantity"], "100");
    EXPECT_EQ(life.invoice()["lines.data.0.description"].substr(0, 4), "100 ");
    EXPECT_EQ(life.invoice()["amount_paid"], "2800");  // 2500 + 100 * 3
    use(50, end - 1);                                  // too late: its invoice is finalized
    life.advance(28 * day);
    EXPECT_EQ(life.invoice()["amount_paid"], "2521");  // 2500 + 7 * 3
}

TEST_F(Usage, written_by_hand_is_not_counted_again) {
    life.advance(31 * day);
    auto const draft = life.present()["latest_invoice"];
    auto const line = life.invoice()["lines.data.0.id"];
    life.post("/v1/invoices/" + draft + "/lines/" + line, "amount=40");
    use(100, life.now - 1);
    life.advance(hour);
    EXPECT_EQ(life.invoice()["amount_paid"], "2540");
}

// Stripe, "Pending updates reference".
TEST_F(Usage, that_reaches_a_threshold_ends_a_change_that_waits_for_its_payment) {
    life.change("billing_thresholds[amount_gte]=300");
    life.advance(10 * day);
    life.use_card("pm_card_chargeCustomerFail");
    life.change("items[0][id]=" + life.item() +
                "&items[0][quantity]=4&proration_behavior=always_invoice&payment_behavior=pending_if_incomplete");
    auto const unpaid = life.present()["latest_invoice"];
    ASSERT_EQ(life.present()["pending_update.subscription_items.0.quantity"], "4");
    use(100, life.now);
    life.new_events();
    life.advance(hour);
    EXPECT_EQ(life.invoice()["billing_reason"], "subscription_threshold");
    EXPECT_EQ(life.present()["pending_update"], "null");
    EXPECT_EQ(life.present()["items.data.0.quantity"], "1");
    EXPECT_EQ(life.get("/v1/invoices/" + unpaid)["status"], "void");
    EXPECT_NE(life.new_events().find("customer.subscription.pending_update_expired"), std::string::npos);
}

}  // namespace
}  // namespace billhook::sandbox::renewal_test
