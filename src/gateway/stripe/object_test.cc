#include <gtest/gtest.h>

#include "gateway/stripe/objects.h"

namespace billhook::stripe::object_test {
namespace {

Json tree(std::string_view text) {
    auto parsed = parse_json(text);
    EXPECT_TRUE(parsed) << text;
    return std::move(*parsed);
}

TEST(SubscriptionSchedule, KeepsWhatAnUpdateMustRepeat) {
    auto const schedule = parse_subscription_schedule(tree(R"({"id":"sub_sched_1","status":"active",
        "customer":"cus_1","subscription":{"id":"sub_1","object":"subscription"},"released_subscription":null,
        "end_behavior":"release","current_phase":{"start_date":100,"end_date":200},"metadata":{"k":"v"},
        "phases":[
          {"start_date":50,"end_date":100,"items":[{"price":"price_0","quantity":1}]},
          {"start_date":100,"end_date":200,"currency":"usd","proration_behavior":"create_prorations",
           "trial_end":150,"metadata":{"billhook_subscription":"bsub_1"},"default_tax_rates":[{"id":"txr_1"}],
           "automatic_tax":{"enabled":true},"collection_method":"charge_automatically",
           "default_payment_method":"pm_1","discounts":[{"coupon":"SPRING","discount":null,"promotion_code":null}],
           "items":[{"price":{"id":"price_1","object":"price","lookup_key":"tier_pro_month"},"quantity":2,
                     "metadata":{"a":"b"},"tax_rates":[],"discounts":[{"discount":"di_1"}]},
                    {"price":"price_metered","metadata":{}}]}]})"));
    ASSERT_TRUE(schedule);
    EXPECT_EQ(schedule->subject_subscription(), "sub_1");
    auto const* phase = schedule->find_current_phase();
    ASSERT_TRUE(phase);
    EXPECT_EQ(phase->period.end, Timestamp::from_seconds(200));
    EXPECT_EQ(phase->trial_end, Timestamp::from_seconds(150));
    EXPECT_EQ(phase->default_tax_rate_ids, std::vector<std::string>{"txr_1"});
    EXPECT_EQ(phase->has_automatic_tax, true);
    EXPECT_EQ(phase->discounts.at(0).coupon_id, "SPRING");
    ASSERT_EQ(phase->items.size(), 2u);
    EXPECT_EQ(phase->items[0].price_id, "price_1");
    EXPECT_EQ(phase->items[0].lookup_key, "tier_pro_month");
    EXPECT_EQ(phase->items[0].discounts.at(0).discount_id, "di_1");
    EXPECT_EQ(phase->items[1].quantity, std::nullopt);
}

TEST(SubscriptionSchedule, OlderOnesHavePlansAndACoupon) {
    auto const schedule = parse_subscription_schedule(tree(R"({"id":"sub_sched_1","status":"released",
        "subscription":null,"released_subscription":"sub_1","released_at":300,"renewal_behavior":"release",
        "current_phase":null,"phases":[{"start_date":100,"end_date":200,"coupon":{"id":"OLD"},
        "plans":[{"plan":"plan_1","quantity":1}]}]})"));
    ASSERT_TRUE(schedule);
    EXPECT_EQ(schedule->subject_subscription(), "sub_1");
    EXPECT_EQ(schedule->released_at, Timestamp::from_seconds(300));
    EXPECT_EQ(schedule->find_current_phase(), nullptr);
    EXPECT_EQ(schedule->phases.at(0).items.at(0).price_id, "plan_1");
    EXPECT_EQ(schedule->phases.at(0).discounts.at(0).coupon_id, "OLD");
}

TEST(Price, MayBeAPlan) {
    auto const plan = parse_price(tree(R"({"id":"plan_1","object":"plan","amount":1500,"currency":"jpy",
        "interval":"year","interval_count":1,"usage_type":"metered","product":"prod_1","active":true})"));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->unit_amount, 1500);
    EXPECT_EQ(plan->interval, "year");
    EXPECT_TRUE(plan->is_metered);
    auto const price = parse_price(tree(R"({"id":"price_1","object":"price","unit_amount":2500,"currency":"usd",
        "lookup_key":"tier_pro_month","recurring":{"interval":"month","interval_count":3},
        "currency_options":{"usd":{"unit_amount":2500},"jpy":{"unit_amount":4000},"kwd":{"unit_amount":null}},
        "product":{"id":"prod_1","object":"product","name":"Pro","active":true,"default_price":"price_1"}})"));
    ASSERT_TRUE(price);
    EXPECT_EQ(price->interval_count, 3);
    EXPECT_EQ(price->currency_options, (std::map<std::string, std::int64_t>{{"jpy", 4000}, {"usd", 2500}}));
    EXPECT_EQ(price->product->default_price_id, "price_1");
    auto const once = parse_price(tree(R"({"id":"price_2","object":"price","recurring":null})"));
    EXPECT_EQ(once->interval, "");
}

TEST(Discount, NamesItsCouponInEveryShape) {
    for (auto const* text :
         {R"({"id":"di_1","source":{"type":"coupon","coupon":"C"}})", R"({"id":"di_1","source":{"coupon":{"id":"C"}}})",
          R"({"id":"di_1","coupon":{"id":"C"}})", R"({"id":"di_1","coupon":"C"})"})
        EXPECT_EQ(parse_discount(tree(text)).coupon_id, "C") << text;
    EXPECT_EQ(parse_discount(tree("\"di_1\"")).id, "di_1");
}

TEST(Customer, MayBeDeleted) {
    auto const customer = parse_customer(tree(R"({"id":"cus_1","object":"customer","email":"a@b.example",
        "balance":-300,"invoice_settings":{"default_payment_method":{"id":"pm_1"}},
        "metadata":{"billhook_customer":"acme"},"test_clock":"clock_1"})"));
    ASSERT_TRUE(customer);
    EXPECT_EQ(customer->balance, -300);
    EXPECT_EQ(customer->default_payment_method_id, "pm_1");
    EXPECT_TRUE(customer->has_default_payment());
    auto const deleted = parse_customer(tree(R"({"id":"cus_1","object":"customer","deleted":true})"));
    ASSERT_TRUE(deleted);
    EXPECT_TRUE(deleted->is_deleted);
    EXPECT_FALSE(deleted->has_default_payment());
}

TEST(PaymentMethod, KeepsItsDetailsUnderItsType) {
    auto const card = parse_payment_method(tree(R"({"id":"pm_1","type":"card","customer":"cus_1","card":
        {"brand":"visa","last4":"4242","exp_month":4,"exp_year":2031,"wallet":{"type":"apple_pay"}}})"));
    EXPECT_EQ(card->brand, "visa");
    EXPECT_EQ(card->wallet, "apple_pay");
    EXPECT_EQ(card->expiry_year, 2031);
    auto const debit = parse_payment_method(tree(R"({"id":"pm_2","type":"sepa_debit","sepa_debit":{"last4":"3000"}})"));
    EXPECT_EQ(debit->last4, "3000");
    EXPECT_EQ(debit->brand, "");
}

TEST(Event, OfEveryKind) {
    auto const event = parse_event(tree(R"({"id":"evt_1","object":"event","api_version":"2026-10-28.endive",
        "created":1790000000,"livemode":false,"type":"customer.subscription.updated",
        "data":{"object":{"id":"sub_1","object":"subscription"},"previous_attributes":{"status":"incomplete"}},
        "request":{"id":"req_1","idempotency_key":"int_1:update"}})"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->object_kind(), "subscription");
    EXPECT_EQ(event->object_id(), "sub_1");
    EXPECT_EQ(event->idempotency_key, "int_1:update");
    EXPECT_EQ(event->previous_attributes.size(), 1u);
    EXPECT_FALSE(event->is_thin);

    auto const old = parse_event(tree(R"({"id":"evt_2","object":"event","api_version":"2016-07-06","created":1,
        "type":"invoice.upcoming","data":{"object":{"object":"invoice"}},"request":"req_2"})"));
    ASSERT_TRUE(old);
    EXPECT_EQ(old->request_id, "req_2");
    EXPECT_EQ(old->object_id(), "");

    auto const thin = parse_event(tree(R"({"id":"evt_3","object":"v2.core.event","created":"2026-11-01T10:00:00.000Z",
        "type":"v1.billing.meter.error_report_triggered","livemode":false,
        "related_object":{"id":"mtr_1","type":"billing.meter","url":"/v1/billing/meters/mtr_1"}})"));
    ASSERT_TRUE(thin);
    EXPECT_TRUE(thin->is_thin);
    EXPECT_EQ(thin->object_kind(), "billing.meter");
    EXPECT_EQ(thin->object_id(), "mtr_1");

    for (auto const* text : {"{}", R"({"id":"evt_1"})", R"({"id":"evt_1","type":"a.b"})",
                             R"({"id":"evt_1","type":"a.b","data":{"object":"sub_1"}})", "[]"})
        EXPECT_FALSE(parse_event(tree(text))) << text;
}

TEST(Event, ATimeThatIsNoneIsPassedOver) {
    for (auto const* created : {"253402300800", "99999999999999999", "-9223372036854775808", "1.5", "\"soon\""}) {
        auto const event = parse_event(
            tree(R"({"id":"evt_1","type":"a.b","data":{"object":{}},"created":)" + std::string(created) + "}"));
        ASSERT_TRUE(event) << created;
        EXPECT_EQ(event->created, Timestamp{}) << created;
    }
    auto const last = parse_event(tree(R"({"id":"evt_1","type":"a.b","data":{"object":{}},"created":253402300799})"));
    ASSERT_TRUE(last);
    EXPECT_EQ(last->created.seconds(), 253'402'300'799);
}

TEST(CheckoutSession, NamesWhatItMade) {
    auto const session = parse_checkout_session(tree(R"({"id":"cs_test_1","mode":"subscription","status":"complete",
        "payment_status":"no_payment_required","customer":"cus_1","subscription":{"id":"sub_1"},"url":null,
        "expires_at":200,"client_reference_id":"acme","metadata":{"billhook_intent":"int_1"},"amount_total":0})"));
    ASSERT_TRUE(session);
    EXPECT_EQ(session->subscription_id, "sub_1");
    EXPECT_EQ(session->url, "");
    EXPECT_EQ(metadata_or_empty(session->metadata, metadata_key::intent), "int_1");
}

TEST(Payment, ObjectsOfOlderVersionsNameTheirInvoice) {
    auto const intent = parse_payment_intent(tree(R"({"id":"pi_1","status":"succeeded","invoice":"in_1"})"));
    EXPECT_EQ(intent->invoice_id, "in_1");
    auto const charge = parse_charge(tree(R"({"id":"ch_1","invoice":{"id":"in_1"},"dispute":"dp_1","refunded":true,
        "amount":900,"amount_refunded":900})"));
    EXPECT_EQ(charge->invoice_id, "in_1");
    EXPECT_TRUE(charge->is_disputed);
    auto const refund = parse_refund(tree(R"({"id":"re_1","status":"pending","charge":"ch_1","amount":5})"));
    EXPECT_EQ(refund->charge_id, "ch_1");
    auto const dispute = parse_dispute(tree(R"({"id":"du_1","status":"needs_response","charge":{"id":"ch_1"}})"));
    EXPECT_EQ(dispute->charge_id, "ch_1");
}

}  // namespace
}  // namespace billhook::stripe::object_test
