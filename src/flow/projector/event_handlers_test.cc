#include "flow/projector/event_handlers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace billhook::flow::event_handlers_test {
namespace {

TEST(EventHandlers, every_type_that_the_product_names_is_handled) {
    for (auto const* type : {"checkout.session.completed",
                             "checkout.session.async_payment_succeeded",
                             "checkout.session.async_payment_failed",
                             "checkout.session.expired",
                             "customer.subscription.created",
                             "customer.subscription.updated",
                             "customer.subscription.deleted",
                             "customer.subscription.paused",
                             "customer.subscription.resumed",
                             "customer.subscription.pending_update_applied",
                             "customer.subscription.pending_update_expired",
                             "customer.subscription.trial_will_end",
                             "subscription_schedule.created",
                             "subscription_schedule.updated",
                             "subscription_schedule.released",
                             "subscription_schedule.completed",
                             "subscription_schedule.canceled",
                             "subscription_schedule.aborted",
                             "subscription_schedule.expiring",
                             "invoice.created",
                             "invoice.finalized",
                             "invoice.paid",
                             "invoice.payment_succeeded",
                             "invoice.payment_failed",
                             "invoice.payment_action_required",
                             "invoice.upcoming",
                             "invoice.voided",
                             "invoice.marked_uncollectible",
                             "customer.created",
                             "customer.updated",
                             "customer.deleted",
                             "price.created",
                             "price.updated",
                             "price.deleted",
                             "product.created",
                             "product.updated",
                             "product.deleted"})
        EXPECT_TRUE(is_handled_event_type(type)) << type;
}

TEST(EventHandlers, what_changes_nothing_yet_is_not_asked_for) {
    // Refunds, disputes, cards on file, meter errors and test clocks: where they arrive all the same (an endpoint that
    // wants every event) they are kept and ignored, until there is something that they change.
    for (auto const* type :
         {"payment_intent.succeeded", "payment_intent.payment_failed", "charge.refunded", "charge.dispute.created",
          "charge.dispute.updated", "charge.dispute.closed", "payment_method.attached", "payment_method.detached",
          "payment_method.updated", "billing.meter.error_report_triggered", "v1.billing.meter.error_report_triggered",
          "entitlements.active_entitlement_summary.updated", "test_helpers.test_clock.created",
          "test_helpers.test_clock.advancing", "test_helpers.test_clock.ready", "test_helpers.test_clock.deleted"})
        EXPECT_FALSE(is_handled_event_type(type)) << type;
}

TEST(EventHandlers, no_type_stands_twice_and_unknown_ones_are_none) {
    auto const types = handled_event_types();
    EXPECT_EQ(std::set<std::string>(types.begin(), types.end()).size(), types.size());
    for (auto const* type : {"", "charge.succeeded", "customer", "invoice.", "customer.subscription.updated "})
        EXPECT_FALSE(is_handled_event_type(type)) << type;
}

}  // namespace
}  // namespace billhook::flow::event_handlers_test
