#include "flow/webhook_inbox/subject.h"

#include <gtest/gtest.h>

#include "flow/webhook_inbox/received_event.h"

namespace billhook::flow::subject_test {
namespace {

TEST(Subject, IsTheCustomerWhereverOneIsNamed) {
    struct {
        char const* type;
        char const* data;
        char const* subject;
    } const cases[] = {
        {"customer.updated", R"({"object":{"id":"cus_1","object":"customer"}})", "cus_1"},
        {"customer.subscription.updated", R"({"object":{"id":"sub_1","object":"subscription","customer":"cus_1"}})",
         "cus_1"},
        {"invoice.paid", R"({"object":{"id":"in_1","object":"invoice","customer":{"id":"cus_1","object":"customer"}}})",
         "cus_1"},
        {"invoice.upcoming", R"({"object":{"object":"invoice","customer":"cus_1"}})", "cus_1"},
        {"payment_method.detached",
         R"({"object":{"id":"pm_1","object":"payment_method","customer":null},
             "previous_attributes":{"customer":"cus_1"}})",
         "cus_1"},
        {"price.updated", R"({"object":{"id":"price_1","object":"price","product":"prod_1"}})", "prod_1"},
        {"product.updated", R"({"object":{"id":"prod_1","object":"product"}})", "prod_1"},
        {"charge.dispute.created",
         R"({"object":{"id":"du_1","object":"dispute","charge":"ch_1","payment_intent":"pi_1"}})", "pi_1"},
        {"test_helpers.test_clock.ready", R"({"object":{"id":"clock_1","object":"test_helpers.test_clock"}})",
         "clock_1"},
        {"balance.available", R"({"object":{"object":"balance"}})", "balance.available"},
    };
    for (auto const& c : cases) {
        auto const event =
            read_event(std::string(R"({"id":"evt_1","type":")") + c.type + R"(","data":)" + c.data + "}");
        ASSERT_TRUE(event) << c.type;
        EXPECT_EQ(event->subject, c.subject) << c.type;
    }
}

TEST(Subject, OfAThinEventIsItsRelatedObject) {
    auto const event = read_event(R"({"id":"evt_1","object":"v2.core.event","created":"2026-11-01T00:00:00Z",
        "type":"v1.billing.meter.error_report_triggered","related_object":{"id":"mtr_1","type":"billing.meter"}})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->subject, "mtr_1");
    EXPECT_EQ(event->created, *parse_rfc3339("2026-11-01T00:00:00Z"));
}

}  // namespace
}  // namespace billhook::flow::subject_test
