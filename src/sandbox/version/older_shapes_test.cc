// Answers and events in the shapes of older API versions: what SEMANTICS.md section 2 says was elsewhere, is there.

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::older_shapes_test {
namespace {

constexpr char acacia[] = "2024-09-30.acacia", basil[] = "2025-03-31.basil";

struct Older : testing::Test {
    Older() {
        auto const price =
            stripe.post("/v1/prices", "currency=usd&unit_amount=2500&recurring[interval]=month&product_data[name]=Pro");
        price_id = price["id"];
        stripe.post("/v1/coupons", "id=tenth&percent_off=10&duration=forever");
        customer = stripe.post(
            "/v1/customers", "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa")["id"];
    }
    Answered subscribe() {
        return stripe.post("/v1/subscriptions",
                           "customer=" + customer + "&items[0][price]=" + price_id + "&discounts[0][coupon]=tenth");
    }
    Answered read(std::string const& target, char const* version) {
        net::HttpRequest request{.method = "GET", .target = target};
        request.headers.set("Authorization", "Bearer sk_test_older");
        request.headers.set("Stripe-Version", version);
        auto const response = stripe.sandbox.handle(request);
        EXPECT_EQ(response.headers.get_or("Stripe-Version"), version);
        return {response.status, *parse_json(response.body, {.depth_max = 64, .bytes_max = 1 << 24}), response.headers};
    }
    Driver stripe;
    std::string price_id, customer;
};

TEST_F(Older, a_subscription_has_its_period_itself) {
    auto const made = subscribe();
    auto const older = read("/v1/subscriptions/" + made["id"], acacia);
    EXPECT_EQ(older["current_period_end"], made["items.data.0.current_period_end"]);
    EXPECT_EQ(older["current_period_start"], made["items.data.0.current_period_start"]);
    EXPECT_EQ(older["items.data.0.current_period_end"], "(absent)");
    EXPECT_EQ(older["plan.id"], price_id);
    EXPECT_EQ(older["quantity"], "1");
    EXPECT_EQ(older["discount.coupon.id"], "tenth") << "the whole coupon, where the discount names it";
    EXPECT_EQ(older["discount.source"], "(absent)");
}

TEST_F(Older, an_invoice_names_its_subscription_and_payment) {
    auto const made = subscribe();
    auto const id = made["latest_invoice"];
    auto const older = read("/v1/invoices/" + id, acacia);
    auto const payments = stripe.get("/v1/invoice_payments?invoice=" + id);
    auto const intent = payments["data.0.payment.payment_intent"];
    EXPECT_EQ(older["subscription"], made["id"]);
    EXPECT_EQ(older["payment_intent"], intent);
    EXPECT_EQ(older["charge"], stripe.get("/v1/payment_intents/" + intent)["latest_charge"]);
    EXPECT_EQ(older["paid"], "true");
    EXPECT_EQ(older["parent"], "(absent)");
    EXPECT_EQ(older["lines.data.0.price.id"], price_id);
    EXPECT_EQ(older["lines.data.0.type"], "subscription");
    EXPECT_EQ(older["lines.data.0.proration"], "false");
    EXPECT_EQ(older["lines.data.0.subscription_item"], made["items.data.0.id"]);
    EXPECT_EQ(older["lines.data.0.pricing"], "(absent)");
    EXPECT_EQ(read("/v1/payment_intents/" + intent, acacia)["invoice"], id);
    EXPECT_EQ(read("/v1/charges/" + older["charge"], acacia)["invoice"], id);
}

TEST_F(Older, what_only_an_older_shape_has_can_be_expanded) {
    auto const made = subscribe();
    auto const id = "/v1/subscriptions/" + made["id"];
    auto const paid = read(id + "?expand[]=latest_invoice.payment_intent.latest_charge&expand[]=customer", acacia);
    EXPECT_EQ(paid["latest_invoice.payment_intent.status"], "succeeded");
    EXPECT_EQ(paid["latest_invoice.payment_intent.latest_charge.invoice"], made["latest_invoice"]);
    EXPECT_EQ(paid["latest_invoice.payment_intent.payment_method"].substr(0, 3), "pm_") << "was not asked for";
    EXPECT_EQ(paid["customer.id"], customer);
    auto const charge = paid["latest_invoice.payment_intent.latest_charge.id"];
    auto const charged = read("/v1/charges/" + charge + "?expand[]=invoice.subscription", acacia);
    EXPECT_EQ(charged["invoice.subscription.current_period_end"], paid["current_period_end"]);
    EXPECT_EQ(read(id + "?expand[]=latest_invoice.nothing", acacia).status, 400);
    EXPECT_EQ(read(id + "?expand[]=latest_invoice.payment_intent", basil).status, 400) << "gone since basil";
    auto const listed = read("/v1/invoices?customer=" + customer + "&expand[]=data.charge", acacia);
    EXPECT_EQ(listed["data.0.charge.id"], charge);
}

TEST_F(Older, each_version_differs_only_where_it_did) {
    auto const made = subscribe();
    auto const older = read("/v1/subscriptions/" + made["id"] + "?expand[]=discounts", basil);
    EXPECT_EQ(older["items.data.0.current_period_end"], made["items.data.0.current_period_end"]);
    EXPECT_EQ(older["current_period_end"], "(absent)");
    EXPECT_EQ(older["discounts.0.coupon.percent_off"], "10");
    EXPECT_EQ(read("/v1/invoices/" + made["latest_invoice"], basil)["parent.subscription_details.subscription"],
              made["id"]);
}

TEST_F(Older, an_endpoint_receives_the_version_it_was_made_with) {
    stripe.post("/v1/webhook_endpoints",
                std::string("url=http://127.0.0.1/old&enabled_events[]=*&api_version=") + acacia);
    stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1/new&enabled_events[]=customer.subscription.updated");
    auto const made = subscribe();
    stripe.post("/v1/subscriptions/" + made["id"],
                "items[0][id]=" + made["items.data.0.id"] + "&items[0][quantity]=2&proration_behavior=none");
    stripe.deliver();
    int older = 0, present = 0;
    for (auto const& request : stripe.webhooks.received) {
        auto const event = *parse_json(request.body, {.depth_max = 64, .bytes_max = 1 << 24});
        if (string_or(event, "type") != "customer.subscription.updated") continue;
        auto const* change = find_path(event, "data.previous_attributes");
        if (!find(*change, "items")) continue;
        if (request.target.ends_with("/old")) {
            ++older;
            EXPECT_EQ(string_or(event, "api_version"), acacia);
            EXPECT_EQ(int_or(event, "data.object.quantity"), 2);
            EXPECT_EQ(int_or(event, "data.previous_attributes.quantity"), 1);
            EXPECT_TRUE(find_path(event, "data.object.current_period_end"));
        } else {
            ++present;
            EXPECT_FALSE(find_path(event, "data.object.current_period_end"));
        }
    }
    EXPECT_EQ(older, 1);
    EXPECT_EQ(present, 1);
}

}  // namespace
}  // namespace billhook::sandbox::older_shapes_test
