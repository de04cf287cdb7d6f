#pragma once
// The names by which the store, the events and the views know the kinds of objects: the value of their `object`. Those
// that begin with `internal.` or `sandbox.` are shown to nobody.

#include <string_view>

namespace billhook::sandbox::object_type {

inline constexpr std::string_view billing_meter = "billing.meter";
inline constexpr std::string_view billing_meter_event = "billing.meter_event";
inline constexpr std::string_view billing_portal_configuration = "billing_portal.configuration";
inline constexpr std::string_view billing_portal_session = "billing_portal.session";
inline constexpr std::string_view card = "card";
inline constexpr std::string_view charge = "charge";
inline constexpr std::string_view checkout_session = "checkout.session";
inline constexpr std::string_view checkout_wish = "internal.checkout_wish";
inline constexpr std::string_view coupon = "coupon";
inline constexpr std::string_view credit_note = "credit_note";
inline constexpr std::string_view credit_note_line_item = "credit_note_line_item";
inline constexpr std::string_view customer = "customer";
inline constexpr std::string_view customer_balance_transaction = "customer_balance_transaction";
inline constexpr std::string_view discount = "discount";
inline constexpr std::string_view dispute = "dispute";
inline constexpr std::string_view entitlements_active_entitlement = "entitlements.active_entitlement";
inline constexpr std::string_view invoice = "invoice";
inline constexpr std::string_view invoice_payment = "invoice_payment";
inline constexpr std::string_view invoiceitem = "invoiceitem";
inline constexpr std::string_view line_item = "line_item";
inline constexpr std::string_view payment_intent = "payment_intent";
inline constexpr std::string_view payment_method = "payment_method";
inline constexpr std::string_view promotion_code = "promotion_code";
inline constexpr std::string_view refund = "refund";
inline constexpr std::string_view sandbox_due = "sandbox.due";
inline constexpr std::string_view sandbox_meter_errors = "sandbox.meter_errors";
inline constexpr std::string_view setup_intent = "setup_intent";
inline constexpr std::string_view subscription = "subscription";
inline constexpr std::string_view subscription_item = "subscription_item";
inline constexpr std::string_view subscription_schedule = "subscription_schedule";
inline constexpr std::string_view tax_id = "tax_id";
inline constexpr std::string_view tax_rate = "tax_rate";
inline constexpr std::string_view test_helpers_test_clock = "test_helpers.test_clock";
inline constexpr std::string_view token = "token";
inline constexpr std::string_view v2_core_event = "v2.core.event";
inline constexpr std::string_view v2_core_event_destination = "v2.core.event_destination";
inline constexpr std::string_view webhook_endpoint = "webhook_endpoint";

}  // namespace billhook::sandbox::object_type
