#include "sandbox/billing/billing_resources.h"

#include "sandbox/billing/attached_payment.h"
#include "sandbox/billing/customer_discount.h"
#include "sandbox/billing/entitlements.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/preview.h"
#include "sandbox/billing/resumption.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/billing/threshold.h"

namespace billhook::sandbox {

void add_billing(World& world) {
    add_subscriptions(world);
    add_subscription_items(world);
    add_subscription_time(world);
    add_pause_and_resume(world);
    add_subscription_schedules(world);
    add_invoices(world);
    add_invoice_items(world);
    add_invoice_lifecycle(world);
    add_invoice_payments(world);
    add_attached_payments(world);
    add_invoice_previews(world);
    add_credit_notes(world);
    add_active_entitlements(world);
    add_customer_discounts(world);
    add_thresholds(world);
}

}  // namespace billhook::sandbox
