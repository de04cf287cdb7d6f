#include "gateway/stripe/invoice.h"

#include <gtest/gtest.h>

namespace billhook::stripe::invoice_test {
namespace {

Invoice parse(std::string_view text) {
    auto tree = parse_json(text);
    EXPECT_TRUE(tree) << text;
    auto invoice = parse_invoice(*tree);
    EXPECT_TRUE(invoice) << invoice.error().detail;
    return *invoice;
}

// One paid upgrade invoice with a credit and a debit, as two generations of the API tell it.
constexpr auto before_acacia = R"({
  "id":"in_K2","object":"invoice","status":"paid","paid":true,"attempted":true,"attempt_count":1,
  "customer":"cus_K1","subscription":"sub_K1","subscription_details":{"metadata":{"billhook_line":"tier"}},
  "currency":"eur","billing_reason":"subscription_update","collection_method":"charge_automatically",
  "number":"AB12-0002","created":1703000000,"period_start":1702592000,"period_end":1703000000,
  "subtotal":1200,"tax":190,"total_tax_amounts":[{"amount":190,"inclusive":false,"tax_rate":"txr_1"}],
  "total_discount_amounts":[{"amount":200,"discount":"di_1"}],
  "total":1190,"amount_due":1190,"amount_paid":1190,"amount_remaining":0,"starting_balance":0,"ending_balance":0,
  "payment_intent":"pi_K1","charge":"ch_K1","hosted_invoice_url":"https://pay.example/i/1",
  "invoice_pdf":"https://pay.example/i/1.pdf","next_payment_attempt":null,
  "status_transitions":{"finalized_at":1703000001,"paid_at":1703000002,"voided_at":null,
                        "marked_uncollectible_at":null},
  "lines":{"object":"list","has_more":false,"data":[
    {"id":"il_1","object":"line_item","type":"invoiceitem","amount":-800,"currency":"eur",
     "description":"Unused time on Starter after 19 Dec 2023","quantity":1,"proration":true,
     "period":{"start":1703000000,"end":1705270400},"subscription":"sub_K1","subscription_item":"si_A",
     "invoice_item":"ii_1","plan":{"id":"price_S","object":"plan","product":"prod_S"},
     "price":{"id":"price_S","object":"price","product":"prod_S","unit_amount_decimal":"900"},
     "discount_amounts":[],"tax_amounts":[]},
    {"id":"il_2","object":"line_item","type":"invoiceitem","amount":2000,"currency":"eur",
     "description":"Remaining time on Pro after 19 Dec 2023","quantity":1,"proration":true,
     "period":{"start":1703000000,"end":1705270400},"subscription":"sub_K1","subscription_item":"si_A",
     "invoice_item":"ii_2","price":{"id":"price_P","object":"price","product":"prod_P"},
     "discount_amounts":[{"amount":200,"discount":"di_1"}],
     "tax_amounts":[{"amount":190,"inclusive":false},{"amount":7,"inclusive":true}]}]}})";

constexpr auto endive = R"({
  "id":"in_K2","object":"invoice","status":"paid","attempted":true,"attempt_count":1,
  "customer":"cus_K1","parent":{"type":"subscription_details","quote_details":null,
     "subscription_details":{"subscription":{"id":"sub_K1","object":"subscription"},
                             "metadata":{"billhook_line":"tier"}}},
  "currency":"eur","billing_reason":"subscription_update","collection_method":"charge_automatically",
  "number":"AB12-0002","created":1703000000,"period_start":1702592000,"period_end":1703000000,
  "subtotal":1200,"total_taxes":[{"amount":190,"tax_behavior":"exclusive","type":"tax_rate_details"}],
  "total_discount_amounts":[{"amount":200,"discount":"di_1"}],
  "total":1190,"amount_due":1190,"amount_paid":1190,"amount_remaining":0,"starting_balance":0,"ending_balance":0,
  "payments":{"object":"list","has_more":false,"data":[
    {"id":"inpay_0","object":"invoice_payment","status":"canceled","is_default":false,"amount_requested":1190,
     "amount_paid":null,"payment":{"type":"payment_intent","payment_intent":"pi_K0"}},
    {"id":"inpay_1","object":"invoice_payment","status":"paid","is_default":true,"amount_requested":1190,
     "amount_paid":1190,"payment":{"type":"payment_intent",
       "payment_intent":{"id":"pi_K1","object":"payment_intent","status":"succeeded","latest_charge":"ch_K1"}}}]},
  "confirmation_secret":{"client_secret":"pi_K1_secret_x","type":"payment_intent"},
  "hosted_invoice_url":"https://pay.example/i/1","invoice_pdf":"https://pay.example/i/1.pdf",
  "next_payment_attempt":null,
  "status_transitions":{"finalized_at":1703000001,"paid_at":1703000002,"voided_at":null,
                        "marked_uncollectible_at":null},
  "lines":{"object":"list","has_more":false,"data":[
    {"id":"il_1","object":"line_item","amount":-800,"currency":"eur",
     "description":"Unused time on Starter after 19 Dec 2023","quantity":1,
     "period":{"start":1703000000,"end":1705270400},
     "parent":{"type":"subscription_item_details","invoice_item_details":null,"subscription_item_details":
       {"invoice_item":"ii_1","proration":true,"subscription":"sub_K1","subscription_item":"si_A"}},
     "pricing":{"type":"price_details","price_details":{"price":"price_S","product":"prod_S"},
                "unit_amount_decimal":null},"discount_amounts":[],"taxes":[]},
    {"id":"il_2","object":"line_item","amount":2000,"currency":"eur",
     "description":"Remaining time on Pro after 19 Dec 2023","quantity":1,
     "period":{"start":1703000000,"end":1705270400},
     "parent":{"type":"invoice_item_details","subscription_item_details":null,"invoice_item_details":
       {"invoice_item":"ii_2","proration":true,"subscription":"sub_K1","subscription_item":"si_A"}},
     "pricing":{"type":"price_details","price_details":{"price":{"id":"price_P","object":"price"},
                "product":"prod_P"}},
     "discount_amounts":[{"amount":200,"discount":"di_1"}],
     "taxes":[{"amount":190,"tax_behavior":"exclusive"},{"amount":7,"tax_behavior":"inclusive"}]}]}})";

void expect_upgrade(Invoice const& i) {
    EXPECT_EQ(i.subscription_id, "sub_K1");
    EXPECT_EQ(metadata_or_empty(i.subscription_metadata, metadata_key::line), "tier");
    EXPECT_EQ(i.billing_reason, "subscription_update");
    EXPECT_EQ(i.total, 1190);
    EXPECT_EQ(i.tax_total, 190);
    EXPECT_EQ(i.discount_total, 200);
    EXPECT_EQ(i.amount_paid, 1190);
    EXPECT_EQ(i.paid_at, Timestamp::from_seconds(1703000002));
    EXPECT_EQ(i.voided_at, std::nullopt);
    EXPECT_EQ(i.next_payment_attempt, std::nullopt);
    auto const* payment = i.find_payment();
    ASSERT_TRUE(payment);
    EXPECT_EQ(payment->status, "paid");
    EXPECT_EQ(payment->payment_intent_id, "pi_K1");
    EXPECT_EQ(payment->charge_id, "ch_K1");
    EXPECT_EQ(payment->amount_paid, 1190);
    ASSERT_EQ(i.lines.size(), 2u);
    char const* const prices[] = {"price_S", "price_P"};
    char const* const products[] = {"prod_S", "prod_P"};
    char const* const invoice_items[] = {"ii_1", "ii_2"};
    for (std::size_t n = 0; n < 2; ++n) {
        SCOPED_TRACE(n);
        EXPECT_EQ(i.lines[n].price_id, prices[n]);
        EXPECT_EQ(i.lines[n].product_id, products[n]);
        EXPECT_EQ(i.lines[n].invoice_item_id, invoice_items[n]);
        EXPECT_EQ(i.lines[n].subscription_id, "sub_K1");
        EXPECT_EQ(i.lines[n].subscription_item_id, "si_A");
        EXPECT_TRUE(i.lines[n].is_proration);
        EXPECT_EQ(i.lines[n].period.end, Timestamp::from_seconds(1705270400));
    }
    EXPECT_EQ(i.lines[0].amount, -800);
    EXPECT_EQ(i.lines[1].discount_total, 200);
    EXPECT_EQ(i.lines[1].exclusive_tax_total, 190);
}

TEST(Invoice, IsTheSameInEveryVersion) {
    {
        SCOPED_TRACE("before acacia");
        expect_upgrade(parse(before_acacia));
    }
    {
        SCOPED_TRACE("endive");
        expect_upgrade(parse(endive));
    }
    EXPECT_EQ(parse(endive).client_secret, "pi_K1_secret_x");
    EXPECT_EQ(parse(endive).payments.size(), 2u);
}

TEST(Invoice, OfAnAuthenticationThatIsMissing) {
    auto const older = parse(R"({"id":"in_1","status":"open","paid":false,"amount_due":900,
        "payment_intent":{"id":"pi_1","status":"requires_action","client_secret":"pi_1_secret_y",
          "next_action":{"type":"redirect_to_url","redirect_to_url":{"url":"https://bank.example/3ds"}},
          "charges":{"data":[{"id":"ch_2"},{"id":"ch_1"}]}}})");
    EXPECT_TRUE(older.needs_action());
    EXPECT_EQ(older.client_secret, "pi_1_secret_y");
    EXPECT_EQ(older.find_payment()->status, "open");
    EXPECT_EQ(older.find_payment()->amount_paid, std::nullopt);
    EXPECT_EQ(older.find_payment()->payment_intent->next_action_url, "https://bank.example/3ds");
    EXPECT_EQ(older.find_payment()->payment_intent->latest_charge_id, "ch_2");

    auto const newer = parse(R"({"id":"in_1","status":"open","payments":{"data":[{"id":"inpay_1","status":"open",
        "is_default":true,"payment":{"type":"payment_intent","payment_intent":{"id":"pi_1",
          "status":"requires_payment_method","last_payment_error":{"code":"card_declined",
          "decline_code":"insufficient_funds","message":"Your card has insufficient funds."}}}}]}})");
    EXPECT_FALSE(newer.needs_action());
    EXPECT_EQ(newer.find_payment()->payment_intent->decline_code, "insufficient_funds");

    EXPECT_FALSE(parse(R"({"id":"in_1","status":"draft"})").needs_action());
}

TEST(Invoice, UpcomingHasNoId) {
    auto const older = parse(R"({"object":"invoice","customer":"cus_1","subscription":"sub_1","total":500,
        "subscription_proration_date":1700000000,"lines":{"has_more":true,"data":[]}})");
    EXPECT_EQ(older.id, "");
    EXPECT_EQ(older.subscription_id, "sub_1");
    EXPECT_EQ(older.proration_date, Timestamp::from_seconds(1700000000));
    EXPECT_TRUE(older.has_more_lines);
    auto const newer = parse(R"({"id":"upcoming_in_1","object":"invoice","parent":{"subscription_details":
        {"subscription":"sub_1","subscription_proration_date":1700000000}}})");
    EXPECT_EQ(newer.proration_date, older.proration_date);
    EXPECT_FALSE(parse_invoice(*parse_json("[]")));
}

}  // namespace
}  // namespace billhook::stripe::invoice_test
