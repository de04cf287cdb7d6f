#include "gateway/stripe/subscription.h"

#include <gtest/gtest.h>

namespace billhook::stripe::subscription_test {
namespace {

Subscription parse(std::string_view text) {
    auto tree = parse_json(text);
    EXPECT_TRUE(tree) << text;
    auto subscription = parse_subscription(*tree);
    EXPECT_TRUE(subscription) << subscription.error().detail;
    return *subscription;
}

// One subscription with a licensed and a metered item, as three generations of the API tell it.
constexpr auto before_acacia = R"({
  "id":"sub_K1","object":"subscription","status":"active","customer":"cus_K1","currency":"eur",
  "collection_method":"charge_automatically","billing_cycle_anchor":1700000000,"created":1700000000,
  "current_period_start":1702592000,"current_period_end":1705270400,"start_date":1700000000,
  "cancel_at":null,"cancel_at_period_end":false,"canceled_at":null,"ended_at":null,"trial_end":null,
  "default_payment_method":"pm_K1","latest_invoice":"in_K2","schedule":null,"pending_update":null,
  "discount":{"id":"di_K1","object":"discount","coupon":{"id":"SPRING","object":"coupon"},"promotion_code":null},
  "plan":null,"quantity":null,"metadata":{"billhook_subscription":"bsub_1"},
  "items":{"object":"list","has_more":false,"data":[
    {"id":"si_A","object":"subscription_item","created":1700000001,"quantity":3,"metadata":{},
     "plan":{"id":"price_A","object":"plan","amount":900,"currency":"eur","interval":"month","interval_count":1,
             "product":"prod_A","usage_type":"licensed"},
     "price":{"id":"price_A","object":"price","active":true,"currency":"eur","lookup_key":"tier_pro_month",
              "product":"prod_A","unit_amount":900,
              "recurring":{"interval":"month","interval_count":1,"usage_type":"licensed"}}},
    {"id":"si_B","object":"subscription_item","created":1700000001,"metadata":{},
     "price":{"id":"price_B","object":"price","active":true,"currency":"eur","lookup_key":null,
              "product":"prod_B","unit_amount":null,
              "recurring":{"interval":"month","interval_count":1,"usage_type":"metered"}}}]}})";

constexpr auto basil = R"({
  "id":"sub_K1","object":"subscription","status":"active","customer":{"id":"cus_K1","object":"customer"},
  "currency":"eur","collection_method":"charge_automatically","billing_cycle_anchor":1700000000,
  "created":1700000000,"start_date":1700000000,"cancel_at":null,"cancel_at_period_end":false,
  "default_payment_method":{"id":"pm_K1","object":"payment_method","type":"card",
     "card":{"brand":"visa","last4":"4242","exp_month":4,"exp_year":2031}},
  "latest_invoice":{"id":"in_K2","object":"invoice","status":"paid"},
  "discounts":[{"id":"di_K1","object":"discount","coupon":{"id":"SPRING","object":"coupon"}}],
  "metadata":{"billhook_subscription":"bsub_1"},
  "items":{"object":"list","has_more":false,"data":[
    {"id":"si_A","object":"subscription_item","created":1700000001,"quantity":3,
     "current_period_start":1702592000,"current_period_end":1705270400,
     "price":{"id":"price_A","object":"price","active":true,"currency":"eur","lookup_key":"tier_pro_month",
              "product":"prod_A","unit_amount":900,
              "recurring":{"interval":"month","interval_count":1,"usage_type":"licensed"}}},
    {"id":"si_B","object":"subscription_item","created":1700000001,
     "current_period_start":1702592000,"current_period_end":1705270400,
     "price":{"id":"price_B","object":"price","active":true,"currency":"eur","product":"prod_B",
              "recurring":{"interval":"month","interval_count":1,"usage_type":"metered","meter":"mtr_1"}}}]}})";

constexpr auto endive = R"({
  "id":"sub_K1","object":"subscription","status":"active","status_details":{"something":"new"},
  "billing_mode":{"type":"flexible","flexible":{"proration_discounts":"included"}},
  "customer":"cus_K1","currency":"eur","collection_method":"charge_automatically",
  "billing_cycle_anchor":1700000000,"created":1700000000,"start_date":1700000000,
  "default_payment_method":"pm_K1","latest_invoice":"in_K2",
  "discounts":[{"id":"di_K1","object":"discount","source":{"type":"coupon","coupon":"SPRING"}}],
  "metadata":{"billhook_subscription":"bsub_1"},"a_field_of_tomorrow":{"x":[1,2]},
  "items":{"object":"list","has_more":false,"data":[
    {"id":"si_A","object":"subscription_item","created":1700000001,"quantity":3,
     "current_period_start":1702592000,"current_period_end":1705270400,
     "price":{"id":"price_A","object":"price","active":true,"currency":"eur","lookup_key":"tier_pro_month",
              "product":{"id":"prod_A","object":"product","name":"Pro","active":true},"unit_amount":900,
              "recurring":{"interval":"month","interval_count":1,"usage_type":"licensed","meter":null}}},
    {"id":"si_B","object":"subscription_item","created":1700000001,
     "current_period_start":1702592000,"current_period_end":1705270400,
     "price":{"id":"price_B","object":"price","active":true,"currency":"eur","product":"prod_B",
              "recurring":{"interval":"month","interval_count":1,"usage_type":"metered","meter":"mtr_1"}}}]}})";

TEST(Subscription, IsTheSameInEveryVersion) {
    struct {
        char const* version;
        char const* text;
    } const cases[] = {{"before acacia", before_acacia}, {"basil", basil}, {"endive", endive}};
    Period const period{Timestamp::from_seconds(1702592000), Timestamp::from_seconds(1705270400)};
    for (auto const& [version, text] : cases) {
        SCOPED_TRACE(version);
        auto const s = parse(text);
        EXPECT_EQ(s.id, "sub_K1");
        EXPECT_EQ(s.customer_id, "cus_K1");
        EXPECT_EQ(s.status, "active");
        EXPECT_EQ(s.latest_invoice_id, "in_K2");
        EXPECT_EQ(s.default_payment_method_id, "pm_K1");
        EXPECT_EQ(metadata_or_empty(s.metadata, metadata_key::subscription), "bsub_1");
        ASSERT_EQ(s.discounts.size(), 1u);
        EXPECT_EQ(s.discounts[0].coupon_id, "SPRING");
        EXPECT_EQ(s.earliest_period_end(), period.end);
        ASSERT_EQ(s.items.size(), 2u);
        auto const* licensed = s.find_item("si_A");
        ASSERT_TRUE(licensed);
        EXPECT_EQ(licensed->price.lookup_key, "tier_pro_month");
        EXPECT_EQ(licensed->price.product_id, "prod_A");
        EXPECT_EQ(licensed->price.unit_amount, 900);
        EXPECT_EQ(licensed->quantity, 3);
        EXPECT_EQ(licensed->period, period);
        EXPECT_FALSE(licensed->is_metered());
        auto const* metered = s.find_item("si_B");
        ASSERT_TRUE(metered);
        EXPECT_TRUE(metered->is_metered());
        EXPECT_EQ(metered->quantity, std::nullopt);
        EXPECT_EQ(metered->period, period);
    }
    EXPECT_EQ(parse(endive).billing_mode, "flexible");
    EXPECT_EQ(parse(before_acacia).billing_mode, "classic");
    EXPECT_EQ(parse(basil).default_payment->last4, "4242");
    EXPECT_EQ(parse(basil).latest_invoice->status, "paid");
    EXPECT_EQ(parse(endive).find_item("si_A")->price.product->name, "Pro");
}

TEST(Subscription, RenewsAtTheEarliestEndOfItsItems) {
    auto const s = parse(R"({"id":"sub_1","items":{"data":[
        {"id":"si_1","price":"price_y","current_period_start":100,"current_period_end":900},
        {"id":"si_2","price":"price_m","current_period_start":100,"current_period_end":300}]}})");
    EXPECT_EQ(s.earliest_period_end(), Timestamp::from_seconds(300));
    EXPECT_EQ(s.find_item("si_1")->price.id, "price_y");
    EXPECT_EQ(s.find_item("si_9"), nullptr);
    EXPECT_EQ(parse(R"({"id":"sub_1","items":{"data":[]}})").earliest_period_end(), std::nullopt);
}

TEST(Subscription, TellsWhatIsPendingAndWhatWillEnd) {
    auto const s = parse(R"({"id":"sub_1","status":"past_due","cancel_at_period_end":true,"cancel_at":500,
        "canceled_at":200,"cancellation_details":{"reason":"cancellation_requested","comment":"x"},
        "trial_start":100,"trial_end":300,"schedule":{"id":"sub_sched_1"},"test_clock":"clock_1",
        "pause_collection":{"behavior":"void","resumes_at":null},
        "pending_update":{"expires_at":400,"trial_end":null,"subscription_items":[
            {"id":"si_1","price":{"id":"price_n","object":"price"},"quantity":2,
             "current_period_start":100,"current_period_end":900}]},
        "items":{"has_more":true,"data":[{"id":"si_1","price":{"id":"price_o","object":"price"}}]}})");
    EXPECT_TRUE(s.cancel_at_period_end);
    EXPECT_EQ(s.cancel_at, Timestamp::from_seconds(500));
    EXPECT_EQ(s.canceled_at, Timestamp::from_seconds(200));
    EXPECT_EQ(s.cancellation_reason, "cancellation_requested");
    EXPECT_EQ(s.trial_end, Timestamp::from_seconds(300));
    EXPECT_EQ(s.schedule_id, "sub_sched_1");
    EXPECT_EQ(s.test_clock_id, "clock_1");
    EXPECT_TRUE(s.is_collection_paused);
    EXPECT_TRUE(s.has_more_items);
    ASSERT_TRUE(s.pending_update);
    EXPECT_EQ(s.pending_update->expires_at, Timestamp::from_seconds(400));
    EXPECT_EQ(s.pending_update->items.at(0).price.id, "price_n");
}

TEST(Subscription, RefusesWhatIsNone) {
    for (auto const* text : {"{}", "[]", "null", "\"sub_1\"", R"({"id":""})", R"({"id":7})",
                             R"({"id":"sub_1","items":{"data":[{"price":{"id":"price_1"}}]}})",
                             R"({"id":"sub_1","items":{"data":[{"id":"si_1"}]}})"}) {
        auto const subscription = parse_subscription(*parse_json(text));
        ASSERT_FALSE(subscription) << text;
        EXPECT_EQ(subscription.error().reason, "stripe_answer_not_understood");
    }
}

}  // namespace
}  // namespace billhook::stripe::subscription_test
