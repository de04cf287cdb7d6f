// Invoices that merchants make and correct: one-off invoices, their lines, credit notes; and what features follow.

#include "sandbox/testing/billing_life.h"

namespace billhook::sandbox::invoice_test {
namespace {

constexpr auto day = BillingLife::day, hour = BillingLife::hour;

struct OneOff : testing::Test {
    Answered item(std::string const& further) {
        return life.post("/v1/invoiceitems", "customer=" + life.customer + "&currency=usd" + further);
    }
    std::string draft(std::string const& further = "&pending_invoice_items_behavior=include") {
        invoice = life.post("/v1/invoices", "customer=" + life.customer + further)["id"];
        return invoice;
    }
    Answered present() { return life.get("/v1/invoices/" + invoice); }
    Answered act(std::string const& verb, std::string const& form = {}) {
        return life.post("/v1/invoices/" + invoice + "/" + verb, form);
    }
    BillingLife life;
    std::string invoice;
};

TEST_F(OneOff, is_drafted_finalized_and_paid) {
    EXPECT_EQ(item("&amount=1200&description=Help")["amount"], "1200");
    draft();
    EXPECT_EQ(present()["status"], "draft");
    EXPECT_EQ(present()["auto_advance"], "false");
    EXPECT_EQ(present()["total"], "1200");
    life.advance(2 * hour);
    EXPECT_EQ(present()["status"], "draft");
    EXPECT_EQ(act("finalize")["status"], "open");
    EXPECT_EQ(act("finalize").status, 400);
    EXPECT_EQ(act("pay")["status"], "paid");
    EXPECT_EQ(act("pay")["error.code"], "invoice_already_paid");
    EXPECT_EQ(act("void")["error.code"], "invoice_not_editable");
}

TEST_F(OneOff, takes_waiting_items_only_when_told) {
    item("&amount=1200");
    draft("");
    EXPECT_EQ(present()["total"], "0");
    draft("&pending_invoice_items_behavior=include");
    EXPECT_EQ(present()["total"], "1200");
}

TEST_F(OneOff, advances_by_itself_when_asked) {
    item("&amount=1200");
    draft("&pending_invoice_items_behavior=include&auto_advance=true");
    life.advance(hour);
    EXPECT_EQ(present()["status"], "paid");
}

TEST_F(OneOff, lines_of_a_draft_can_be_edited) {
    draft();
    act("add_lines",
        "lines[0][description]=Setup&lines[0][amount]=500&lines[1][description]=Help&lines[1][amount]=300");
    EXPECT_EQ(present()["total"], "800");
    auto const first = present()["lines.data.0.id"], second = present()["lines.data.1.id"];
    act("update_lines", "lines[0][id]=" + first + "&lines[0][amount]=600");
    EXPECT_EQ(present()["total"], "900");
    act("remove_lines", "lines[0][id]=" + second + "&lines[0][behavior]=delete");
    EXPECT_EQ(present()["total"], "600");
    EXPECT_EQ(life.get("/v1/invoices/" + invoice + "/lines")["data.0.id"], first);
    EXPECT_EQ(life.post("/v1/invoices/" + invoice + "/lines/" + first, "description=All")["description"], "All");
    act("finalize");
    EXPECT_EQ(act("add_lines", "lines[0][amount]=1")["error.code"], "invoice_not_editable");
}

TEST_F(OneOff, bears_discounts_of_its_own) {
    life.post("/v1/coupons", "id=deal&percent_off=25&duration=once");
    item("&amount=1000&description=Help");
    draft("&pending_invoice_items_behavior=include&discounts[0][coupon]=deal");
    EXPECT_EQ(present()["subtotal"], "1000");
    EXPECT_EQ(present()["total"], "750");
    EXPECT_EQ(present()["total_discount_amounts.0.amount"], "250");
    EXPECT_EQ(present()["lines.data.0.discount_amounts.0.amount"], "250");
}

TEST_F(OneOff, a_draft_can_be_deleted_and_its_items_wait_again) {
    auto const waiting = item("&amount=1200")["id"];
    draft();
    EXPECT_EQ(life.get("/v1/invoiceitems/" + waiting)["invoice"], invoice);
    EXPECT_EQ(life.remove("/v1/invoices/" + invoice)["deleted"], "true");
    EXPECT_EQ(life.get("/v1/invoiceitems/" + waiting)["invoice"], "null");
    EXPECT_EQ(life.get("/v1/invoices/" + invoice).status, 404);
}

TEST(Invoices, a_deleted_draft_lets_its_prorations_wait_again) {
    BillingLife life;
    life.subscribe();
    life.advance(10 * day);
    life.change("items[0][id]=" + life.item() + "&items[0][price]=" + life.price("large", 5000));
    auto const draft = life.post("/v1/invoices", "customer=" + life.customer + "&subscription=" + life.subscription);
    EXPECT_EQ(draft["total"], "1693") << draft["error.message"];  // 21 of 31 days: 3387 - 1694
    EXPECT_EQ(life.remove("/v1/invoices/" + draft["id"])["deleted"], "true");
    life.advance(21 * day);
    EXPECT_EQ(life.invoice()["billing_reason"], "subscription_cycle");
    EXPECT_EQ(life.invoice()["total"], "6693");  // and 5000 of the coming month
}

TEST_F(OneOff, with_a_number_of_its_own_leaves_no_gap) {
    auto const numbered = [&](std::string const& further) {
        item("&amount=1200");
        draft("&pending_invoice_items_behavior=include" + further);
        return act("finalize")["number"];
    };
    auto const first = numbered("");
    EXPECT_EQ(numbered("&number=MINE-7"), "MINE-7");
    EXPECT_EQ(numbered(""), first.substr(0, 9) + "0002");
}

TEST_F(OneOff, voiding_gives_the_balance_back) {
    life.post("/v1/customers/" + life.customer + "/balance_transactions", "amount=-400&currency=usd");
    item("&amount=1200");
    draft();
    EXPECT_EQ(act("finalize")["amount_due"], "800");
    EXPECT_EQ(life.get("/v1/customers/" + life.customer)["balance"], "0");
    EXPECT_EQ(act("void")["status"], "void");
    EXPECT_EQ(life.get("/v1/customers/" + life.customer)["balance"], "-400");
}

TEST_F(OneOff, refusals) {
    EXPECT_EQ(item("")["error.param"], "amount");
    EXPECT_EQ(item("&pricing[price]=" + life.pro)["error.param"], "pricing[price]") << "a recurring price";
    EXPECT_EQ(life.post("/v1/invoices", "")["error.param"], "customer");
    draft();
    EXPECT_EQ(act("send").status, 400) << "it is charged, not sent";
    EXPECT_EQ(present()["status"], "draft") << "a refusal keeps nothing";
    EXPECT_EQ(act("mark_uncollectible")["error.code"], "invoice_not_editable");
}

TEST_F(OneOff, is_paid_by_what_is_attached_to_it) {
    item("&amount=1200");
    draft();
    act("finalize");
    auto const method = life.get("/v1/customers/" + life.customer)["invoice_settings.default_payment_method"];
    auto const pay_now = "&confirm=true&off_session=true&payment_method=" + method;
    auto const intent = [&](int amount, std::string const& how) {
        return life.post("/v1/payment_intents",
                         "currency=usd&customer=" + life.customer + "&amount=" + std::to_string(amount) + how)["id"];
    };
    EXPECT_EQ(act("attach_payment", "payment_intent=" + intent(1300, pay_now))["error.param"], "payment_intent");
    auto const part = intent(500, pay_now);
    EXPECT_EQ(act("attach_payment", "payment_intent=" + part)["amount_remaining"], "700");
    EXPECT_EQ(act("attach_payment", "payment_intent=" + part)["error.param"], "payment_intent") << "attached already";
    auto const later = intent(700, "");
    EXPECT_EQ(act("attach_payment", "payment_intent=" + later)["status"], "open");
    life.post("/v1/payment_intents/" + later + "/confirm", "off_session=true&payment_method=" + method);
    EXPECT_EQ(present()["status"], "paid");
    EXPECT_EQ(present()["amount_paid"], "1200");
    EXPECT_EQ(act("attach_payment", "payment_intent=" + part)["error.code"], "invoice_not_payable");
}

TEST(Invoices, are_listed_by_subscription_and_status) {
    BillingLife life;
    life.subscribe();
    life.advance(31 * day);
    auto const path = "/v1/invoices?subscription=" + life.subscription;
    EXPECT_EQ(life.get(path)["data.1.billing_reason"], "subscription_create");
    EXPECT_EQ(life.get(path + "&status=draft")["data.0.billing_reason"], "subscription_cycle");
    EXPECT_EQ(life.get(path + "&status=draft")["data.1"], "(absent)");
    EXPECT_EQ(life.get("/v1/invoice_payments?invoice=" + life.get(path)["data.1.id"])["data.0.status"], "paid");
}

TEST(CreditNotes, on_a_paid_invoice_give_money_back) {
    BillingLife life;
    life.subscribe();
    auto const invoice = life.present()["latest_invoice"];
    auto const note = life.post("/v1/credit_notes",
                                "invoice=" + invoice + "&amount=1000&refund_amount=600&credit_amount=400&memo=Sorry");
    EXPECT_EQ(note["type"], "post_payment") << note["error.message"];
    EXPECT_EQ(note["number"].substr(8), "-0001-CN-01");
    EXPECT_EQ(note["refunds.0.amount_refunded"], "600");
    EXPECT_EQ(life.get("/v1/customers/" + life.customer)["balance"], "-400");
    EXPECT_EQ(life.invoice()["post_payment_credit_notes_amount"], "1000");
    auto const refused = life.post("/v1/credit_notes", "invoice=" + invoice + "&amount=1000&credit_amount=400");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(life.post("/v1/credit_notes", "invoice=" + invoice + "&amount=1600&credit_amount=1600").status, 400);
}

TEST(CreditNotes, of_some_of_a_lines_quantity) {
    BillingLife life;
    life.post("/v1/subscriptions",
              "customer=" + life.customer + "&items[0][price]=" + life.pro + "&items[0][quantity]=3");
    auto const invoice = life.get("/v1/invoices?customer=" + life.customer);
    auto const form =
        "invoice=" + invoice["data.0.id"] +
        "&lines[0][type]=invoice_line_item&lines[0][invoice_line_item]=" + invoice["data.0.lines.data.0.id"] +
        "&lines[0][quantity]=";
    EXPECT_EQ(life.post("/v1/credit_notes", form + "4")["error.param"], "lines[0][quantity]");
    auto const note = life.post("/v1/credit_notes", form + "1&refund_amount=2500");
    EXPECT_EQ(note["amount"], "2500") << note["error.message"];
    EXPECT_EQ(note["lines.data.0.quantity"], "1");
}

TEST(CreditNotes, on_an_open_invoice_lower_what_is_due) {
    BillingLife life;
    life.post("/v1/invoiceitems", "customer=" + life.customer + "&currency=usd&amount=1200");
    auto const invoice =
        life.post("/v1/invoices", "customer=" + life.customer + "&pending_invoice_items_behavior=include")["id"];
    life.post("/v1/invoices/" + invoice + "/finalize");
    auto const line = life.get("/v1/invoices/" + invoice)["lines.data.0.id"];
    auto const shown = life.get("/v1/credit_notes/preview?invoice=" + invoice + "&amount=200");
    EXPECT_EQ(shown["amount"], "200");
    auto const note =
        life.post("/v1/credit_notes", "invoice=" + invoice +
                                          "&lines[0][type]=invoice_line_item&lines[0][invoice_line_item]=" + line +
                                          "&lines[0][amount]=200");
    EXPECT_EQ(note["type"], "pre_payment") << note["error.message"];
    EXPECT_EQ(life.get("/v1/invoices/" + invoice)["amount_remaining"], "1000");
    EXPECT_EQ(life.post("/v1/credit_notes/" + note["id"] + "/void")["status"], "void");
    EXPECT_EQ(life.get("/v1/invoices/" + invoice)["amount_remaining"], "1200");
    life.post("/v1/credit_notes", "invoice=" + invoice + "&amount=1200");
    EXPECT_EQ(life.get("/v1/invoices/" + invoice)["status"], "paid");
}

TEST(Entitlements, follow_the_subscriptions) {
    BillingLife life;
    auto const feature = life.post("/v1/entitlements/features", "name=Export&lookup_key=export")["id"];
    auto const product = life.get("/v1/prices/" + life.pro)["product"];
    life.post("/v1/products/" + product + "/features", "entitlement_feature=" + feature);
    auto const path = "/v1/entitlements/active_entitlements?customer=" + life.customer;
    EXPECT_EQ(life.get(path)["data"], "[]");
    life.subscribe();
    EXPECT_EQ(life.get(path)["data.0.lookup_key"], "export");
    EXPECT_NE(life.new_events().find("entitlements.active_entitlement_summary.updated"), std::string::npos);
    life.remove("/v1/subscriptions/" + life.subscription);
    EXPECT_EQ(life.get(path)["data"], "[]");
    EXPECT_NE(life.new_events().find("entitlements.active_entitlement_summary.updated"), std::string::npos);
}

TEST(Entitlements, a_change_of_the_product_comes_with_the_next_period) {
    BillingLife life;
    auto const feature = life.post("/v1/entitlements/features", "name=Export&lookup_key=export")["id"];
    auto const product = "/v1/products/" + life.get("/v1/prices/" + life.pro)["product"];
    auto const path = "/v1/entitlements/active_entitlements?customer=" + life.customer;
    life.subscribe();
    auto const attached = life.post(product + "/features", "entitlement_feature=" + feature)["id"];
    life.change("items[0][id]=" + life.item() + "&items[0][quantity]=2");
    EXPECT_EQ(life.get(path)["data"], "[]");
    life.advance(31 * day);
    EXPECT_EQ(life.get(path)["data.0.lookup_key"], "export");
    life.remove(product + "/features/" + attached);
    life.change("items[0][id]=" + life.item() + "&items[0][quantity]=3");
    EXPECT_EQ(life.get(path)["data.0.lookup_key"], "export");
    life.advance(28 * day);
    EXPECT_EQ(life.get(path)["data"], "[]");
}

TEST(SetupIntents, wait_where_nothing_is_due_yet) {
    BillingLife life("");
    auto const made = life.subscribe("&trial_period_days=14&payment_behavior=default_incomplete");
    auto const intent = made["pending_setup_intent"];
    EXPECT_TRUE(intent.starts_with("seti_")) << intent;
    auto const confirmed = life.post("/v1/setup_intents/" + intent + "/confirm", "payment_method=pm_card_visa");
    EXPECT_EQ(confirmed["status"], "succeeded") << confirmed["error.message"];
    EXPECT_EQ(life.present()["pending_setup_intent"], "null");
    life.advance(14 * day + hour);
    EXPECT_EQ(life.invoice()["status"], "paid");
}

}  // namespace
}  // namespace billhook::sandbox::invoice_test
