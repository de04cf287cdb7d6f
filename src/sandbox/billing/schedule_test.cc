// Subscription schedules and previews.

#include "sandbox/testing/billing_life.h"

namespace billhook::sandbox::schedule_test {
namespace {

constexpr auto day = BillingLife::day, hour = BillingLife::hour;

struct Downgrade : testing::Test {
    Downgrade() {
        life.subscribe();
        small = life.price("small", 900);
        auto const made = life.post("/v1/subscription_schedules", "from_subscription=" + life.subscription);
        schedule = made["id"];
        start = made["phases.0.start_date"];
        end = made["phases.0.end_date"];
    }

    std::string first_phase() const {
        return "phases[0][start_date]=" + start + "&phases[0][end_date]=" + end +
               "&phases[0][items][0][price]=" + life.pro + "&phases[0][items][0][quantity]=1";
    }
    std::string second_phase() const {
        return "&phases[1][items][0][price]=" + small +
               "&phases[1][duration][interval]=month&phases[1][proration_behavior]=none";
    }
    Answered plan(std::string const& form) { return life.post("/v1/subscription_schedules/" + schedule, form); }
    /// Redeems the coupon elsewhere.
    void use_up(std::string const& coupon) {
        auto const used = life.post("/v1/invoices", "customer=" + life.customer + "&discounts[0][coupon]=" + coupon);
        EXPECT_EQ(used.status, 200) << used["error.message"];
    }
    Answered planned() { return life.get("/v1/subscription_schedules/" + schedule); }

    BillingLife life;
    std::string small, schedule, start, end;
};

TEST_F(Downgrade, is_carried_out_at_the_period_end) {
    EXPECT_EQ(life.present()["schedule"], schedule);
    auto const answered = plan(first_phase() + second_phase() + "&end_behavior=release");
    EXPECT_EQ(answered["status"], "active") << answered["error.message"];
    EXPECT_EQ(answered["phases.1.start_date"], end);
    EXPECT_EQ(answered["current_phase.start_date"], start);
    EXPECT_EQ(life.present()["items.data.0.price.id"], life.pro);
    life.new_events();
    life.advance(31 * day);
    EXPECT_EQ(life.present()["items.data.0.price.id"], small);
    EXPECT_EQ(life.invoice()["total"], "900");
    EXPECT_EQ(planned()["current_phase.start_date"], end);
    EXPECT_NE(life.new_events().find("customer.subscription.updated subscription_schedule.updated invoice.created "
                                     "customer.subscription.updated"),
              std::string::npos);
    life.advance(28 * day + hour);
    EXPECT_EQ(planned()["status"], "released");
    EXPECT_EQ(planned()["released_subscription"], life.subscription);
    EXPECT_EQ(life.present()["schedule"], "null");
    EXPECT_EQ(life.invoice()["total"], "900");
    EXPECT_NE(life.new_events().find("subscription_schedule.expiring"), std::string::npos);
}

TEST_F(Downgrade, to_another_interval_begins_a_whole_one) {
    auto const yearly = life.price("yearly", 9900, "year");
    plan(first_phase() + "&phases[1][items][0][price]=" + yearly +
         "&phases[1][duration][interval]=year&phases[1][proration_behavior]=none");
    life.advance(31 * day + hour);
    EXPECT_EQ(life.invoice()["total"], "9900");
    EXPECT_EQ(life.invoice()["billing_reason"], "subscription_cycle");
    EXPECT_EQ(life.present()["items.data.0.current_period_start"], end);
    EXPECT_EQ(life.present()["items.data.0.current_period_end"], "1769904000");  // 1 February 2026
}

TEST_F(Downgrade, can_be_called_off) {
    plan(first_phase() + second_phase());
    life.new_events();
    auto const released = life.post("/v1/subscription_schedules/" + schedule + "/release");
    EXPECT_EQ(released["status"], "released");
    EXPECT_EQ(life.new_events(), "subscription_schedule.released customer.subscription.updated");
    life.advance(31 * day + hour);
    EXPECT_EQ(life.present()["items.data.0.price.id"], life.pro);
    EXPECT_EQ(life.invoice()["total"], "2500");
    EXPECT_EQ(life.post("/v1/subscription_schedules/" + schedule + "/release").status, 400);
}

TEST_F(Downgrade, may_end_the_subscription) {
    plan(first_phase() + "&end_behavior=cancel");
    life.advance(31 * day);
    EXPECT_EQ(planned()["status"], "completed");
    EXPECT_EQ(life.present()["status"], "canceled");
}

TEST_F(Downgrade, is_carried_out_though_its_price_and_coupon_have_gone_off_sale) {
    life.post("/v1/coupons", "id=third&percent_off=30&duration=forever&max_redemptions=1");
    auto const phases = first_phase() + second_phase() + "&phases[1][discounts][0][coupon]=third";
    EXPECT_EQ(plan(phases).status, 200);
    EXPECT_EQ(life.post("/v1/prices/" + small, "active=false")["active"], "false");
    use_up("third");
    life.advance(10 * day);
    EXPECT_EQ(plan(phases).status, 200) << "what was agreed may be said again";
    life.advance(21 * day);
    EXPECT_EQ(life.present()["items.data.0.price.id"], small);
    EXPECT_EQ(life.invoice()["billing_reason"], "subscription_cycle");
    EXPECT_EQ(life.invoice()["total"], "630");  // 900 - 30 %
    life.advance(hour);
    EXPECT_EQ(life.invoice()["status"], "paid");
}

TEST_F(Downgrade, bills_all_that_its_phase_says) {
    life.post("/v1/coupons", "id=tenth&percent_off=10&duration=forever");
    auto const rate = life.post("/v1/tax_rates", "display_name=VAT&percentage=20&inclusive=false")["id"];
    auto const product = life.post("/v1/products", "name=Move")["id"];
    auto const move = life.post("/v1/prices", "currency=usd&unit_amount=500&product=" + product)["id"];
    auto const planned =
        plan(first_phase() + second_phase() + "&phases[1][items][0][discounts][0][coupon]=tenth" +
             "&phases[1][default_tax_rates][0]=" + rate + "&phases[1][add_invoice_items][0][price]=" + move +
             "&phases[1][collection_method]=send_invoice" + "&phases[1][invoice_settings][days_until_due]=30");
    EXPECT_EQ(planned["phases.1.items.0.discounts.0.coupon"], "tenth") << planned["error.message"];
    EXPECT_EQ(planned["phases.1.add_invoice_items.0.price"], move);
    EXPECT_EQ(planned["phases.1.invoice_settings.days_until_due"], "30");
    EXPECT_EQ(planned["phases.1.default_tax_rates.0.id"], rate);
    life.advance(31 * day + hour);
    EXPECT_EQ(life.invoice()["subtotal"], "1400");  // 900 + 500
    EXPECT_EQ(life.invoice()["total"], "1572");     // (810 + 500) and 20 % of it
    EXPECT_EQ(life.invoice()["due_date"], std::to_string(life.now + 30 * day));
    life.advance(28 * day);
    EXPECT_EQ(life.invoice()["total"], "972");  // 810 and 20 % of it: what was added is billed once
}

TEST_F(Downgrade, to_what_is_off_sale_already_is_refused) {
    life.post("/v1/prices/" + small, "active=false");
    EXPECT_EQ(plan(first_phase() + second_phase())["error.param"], "phases[1][items][0][price]");
    life.post("/v1/coupons", "id=old&percent_off=30&duration=forever&max_redemptions=1");
    use_up("old");
    EXPECT_EQ(plan(first_phase() + "&phases[0][discounts][0][coupon]=old")["error.code"], "coupon_expired");
}

TEST_F(Downgrade, refusals) {
    struct {
        std::string form;
        char const* param;
    } const cases[] = {
        {"phases[0][items][0][price]=" + life.pro, "phases[0][start_date]"},
        {"phases[0][start_date]=" + end + "&phases[0][items][0][price]=" + life.pro, "phases[0][start_date]"},
        {first_phase() + "&phases[1][items][0][price]=none", "phases[1][items][0][price]"},
        {first_phase() + "&phases[1][items][0][price]=" + small + "&phases[1][start_date]=1", "phases[1][start_date]"},
    };
    for (auto const& c : cases) {
        auto const refused = plan(c.form);
        EXPECT_EQ(refused.status, 400) << c.form;
        EXPECT_EQ(refused["error.param"], c.param) << refused["error.message"];
    }
    EXPECT_EQ(life.change("cancel_at_period_end=true").status, 400);
    EXPECT_EQ(life.post("/v1/subscription_schedules", "from_subscription=" + life.subscription).status, 400);
    EXPECT_EQ(life.post("/v1/subscriptions/" + life.subscription + "/pause").status, 400);
}

TEST_F(Downgrade, a_direct_change_rewrites_the_current_phase) {
    plan(first_phase() + second_phase());
    life.change("items[0][id]=" + life.item() + "&items[0][quantity]=4&proration_behavior=none");
    EXPECT_EQ(planned()["phases.0.items.0.quantity"], "4");
    EXPECT_EQ(planned()["phases.1.items.0.quantity"], "1");
}

TEST_F(Downgrade, a_change_that_waits_for_its_payment_rewrites_the_current_phase_when_it_is_paid) {
    plan(first_phase() + second_phase());
    life.use_card("pm_card_chargeCustomerFail");
    life.change("items[0][id]=" + life.item() +
                "&items[0][quantity]=4&proration_behavior=always_invoice&payment_behavior=pending_if_incomplete");
    EXPECT_EQ(planned()["phases.0.items.0.quantity"], "1");
    life.use_card("pm_card_visa");
    life.new_events();
    life.post("/v1/invoices/" + life.present()["latest_invoice"] + "/pay");
    EXPECT_EQ(life.present()["items.data.0.quantity"], "4");
    EXPECT_EQ(planned()["phases.0.items.0.quantity"], "4");
    EXPECT_EQ(planned()["phases.1.items.0.quantity"], "1");
    EXPECT_NE(life.new_events().find("customer.subscription.updated subscription_schedule.updated"), std::string::npos);
}

// Stripe, "Pending updates reference": it is voided when the schedule goes on to another phase.
TEST_F(Downgrade, the_next_phase_ends_a_change_that_waits_for_its_payment) {
    plan(first_phase() + second_phase());
    life.advance(30 * day + 12 * hour);
    life.use_card("pm_card_chargeCustomerFail");
    life.change("items[0][id]=" + life.item() +
                "&items[0][quantity]=4&proration_behavior=always_invoice&payment_behavior=pending_if_incomplete");
    auto const invoice = life.present()["latest_invoice"];
    life.new_events();
    life.advance(12 * hour);
    EXPECT_EQ(life.present()["items.data.0.price.id"], small);
    EXPECT_EQ(life.present()["pending_update"], "null");
    EXPECT_EQ(life.get("/v1/invoices/" + invoice)["status"], "void");
    EXPECT_NE(life.new_events().find("customer.subscription.pending_update_expired"), std::string::npos);
}

TEST_F(Downgrade, a_change_of_the_current_phase_holds_at_once) {
    auto changed = first_phase();
    changed.replace(changed.find("[quantity]=1"), 12, "[quantity]=2");
    plan(changed + "&proration_behavior=always_invoice");
    EXPECT_EQ(life.present()["items.data.0.quantity"], "2");
    EXPECT_EQ(life.invoice()["billing_reason"], "subscription_update");
}

TEST_F(Downgrade, is_canceled_with_its_subscription) {
    plan(first_phase() + second_phase());
    life.remove("/v1/subscriptions/" + life.subscription);
    EXPECT_EQ(planned()["status"], "canceled");
}

TEST(Schedule, waits_for_its_day) {
    BillingLife life;
    auto const starts = std::to_string(life.now + 5 * day);
    auto const made =
        life.post("/v1/subscription_schedules",
                  "customer=" + life.customer + "&start_date=" + starts + "&phases[0][items][0][price]=" + life.pro +
                      "&phases[0][duration][interval]=month&phases[0][duration][interval_count]=2"
                      "&end_behavior=cancel");
    EXPECT_EQ(made["status"], "not_started") << made["error.message"];
    life.advance(5 * day);
    auto const started = life.get("/v1/subscription_schedules/" + made["id"]);
    EXPECT_EQ(started["status"], "active");
    life.subscription = started["subscription"];
    EXPECT_EQ(life.present()["status"], "active");
    EXPECT_EQ(life.present()["schedule"], made["id"]);
    life.advance(31 * day);
    life.advance(28 * day);
    EXPECT_EQ(life.present()["status"], "canceled");
}

TEST(Schedule, starts_though_its_price_has_gone_off_sale) {
    BillingLife life;
    auto const made = life.post("/v1/subscription_schedules", "customer=" + life.customer +
                                                                  "&start_date=" + std::to_string(life.now + 5 * day) +
                                                                  "&phases[0][items][0][price]=" + life.pro);
    life.post("/v1/prices/" + life.pro, "active=false");
    life.advance(5 * day);
    auto const started = life.get("/v1/subscription_schedules/" + made["id"]);
    EXPECT_EQ(started["status"], "active");
    life.subscription = started["subscription"];
    EXPECT_EQ(life.invoice()["amount_paid"], "2500");
}

TEST(Schedule, starts_with_all_that_its_phase_says) {
    BillingLife life("");
    life.post("/v1/coupons", "id=tenth&percent_off=10&duration=forever");
    auto const product = life.post("/v1/products", "name=Setup")["id"];
    auto const setup = life.post("/v1/prices", "currency=usd&unit_amount=500&product=" + product)["id"];
    auto const form = "customer=" + life.customer + "&start_date=" + std::to_string(life.now + day) +
                      "&phases[0][items][0][price]=" + life.pro + "&phases[0][collection_method]=send_invoice";
    EXPECT_EQ(life.post("/v1/subscription_schedules", form)["error.param"],
              "phases[0][invoice_settings][days_until_due]");
    auto const made = life.post("/v1/subscription_schedules", form + "&phases[0][invoice_settings][days_until_due]=30" +
                                                                  "&phases[0][items][0][discounts][0][coupon]=tenth" +
                                                                  "&phases[0][add_invoice_items][0][price]=" + setup);
    life.advance(day);
    life.subscription = life.get("/v1/subscription_schedules/" + made["id"])["subscription"];
    EXPECT_EQ(life.present()["days_until_due"], "30");
    EXPECT_EQ(life.invoice()["total"], "2750");  // 2500 - 10 %, and 500
}

TEST(Schedule, that_cannot_start_yet_is_tried_again) {
    BillingLife life;
    auto const made = life.post("/v1/subscription_schedules", "customer=" + life.customer +
                                                                  "&start_date=" + std::to_string(life.now + 5 * day) +
                                                                  "&phases[0][items][0][price]=" + life.pro);
    auto const waiting = life.post("/v1/invoiceitems", "customer=" + life.customer + "&currency=eur&amount=100")["id"];
    auto const status = [&] { return life.get("/v1/subscription_schedules/" + made["id"])["status"]; };
    life.advance(5 * day);
    EXPECT_EQ(status(), "not_started") << "a customer has one currency at a time";
    life.remove("/v1/invoiceitems/" + waiting);
    life.advance(hour);
    EXPECT_EQ(status(), "active");
}

TEST(Preview, of_a_schedule_shows_what_its_next_phase_bills) {
    BillingLife life;
    life.subscribe();
    auto const small = life.price("small", 900);
    auto const made = life.post("/v1/subscription_schedules", "from_subscription=" + life.subscription);
    auto const phases = "[phases][0][start_date]=" + made["phases.0.start_date"];
    auto const shown = life.post("/v1/invoices/create_preview",
                                 "schedule=" + made["id"] + "&schedule_details" + phases +
                                     "&schedule_details[phases][0][end_date]=" + made["phases.0.end_date"] +
                                     "&schedule_details[phases][0][items][0][price]=" + life.pro +
                                     "&schedule_details[phases][1][items][0][price]=" + small +
                                     "&schedule_details[phases][1][proration_behavior]=none");
    EXPECT_EQ(shown["total"], "900") << shown["error.message"];
    EXPECT_TRUE(shown["id"].starts_with("upcoming_in_"));
    EXPECT_EQ(life.get("/v1/subscription_schedules/" + made["id"])["phases.1"], "(absent)");
}

TEST(Preview, of_what_does_not_exist_yet) {
    BillingLife life("");
    auto const shown = life.post("/v1/invoices/create_preview",
                                 "customer=" + life.customer + "&subscription_details[items][0][price]=" + life.pro +
                                     "&subscription_details[items][0][quantity]=3");
    EXPECT_EQ(shown["total"], "7500") << shown["error.message"];
    EXPECT_EQ(shown["amount_due"], "7500");
    EXPECT_EQ(life.get("/v1/subscriptions?customer=" + life.customer)["data"], "[]");
    auto const stranger = life.post("/v1/invoices/create_preview", "subscription_details[items][0][price]=" + life.pro);
    EXPECT_EQ(stranger["total"], "2500") << stranger["error.message"];
    EXPECT_EQ(life.new_events(), "");
}

TEST(Preview, refusals_and_ends) {
    BillingLife life;
    life.subscribe();
    auto const of = "customer=" + life.customer + "&subscription=" + life.subscription;
    auto const ending =
        life.post("/v1/invoices/create_preview", of + "&subscription_details[cancel_at_period_end]=true");
    EXPECT_EQ(ending.status, 404);
    EXPECT_EQ(ending["error.code"], "invoice_upcoming_none");
    life.advance(10 * day);
    auto const now = life.post("/v1/invoices/create_preview", of + "&subscription_details[cancel_now]=true");
    EXPECT_EQ(now["total"], "-1694") << now["error.message"];  // 21 of 31 days
    EXPECT_EQ(life.present()["status"], "active");
    EXPECT_EQ(life.post("/v1/invoices/create_preview", "customer=" + life.customer + "&subscription=sub_none").status,
              400);
    life.remove("/v1/subscriptions/" + life.subscription);
    EXPECT_EQ(life.post("/v1/invoices/create_preview", of)["error.code"], "invoice_upcoming_none");
}

TEST(Preview, recurring_shows_the_plan_alone) {
    BillingLife life;
    life.subscribe();
    life.advance(10 * day);
    auto const shown = life.post("/v1/invoices/create_preview",
                                 "subscription=" + life.subscription +
                                     "&preview_mode=recurring&subscription_details[items][0][id]=" + life.item() +
                                     "&subscription_details[items][0][quantity]=4");
    EXPECT_EQ(shown["total"], "10000") << shown["error.message"];
}

}  // namespace
}  // namespace billhook::sandbox::schedule_test
