#include "sandbox/resource/resources.h"

#include "sandbox/checkout/checkout_session.h"
#include "sandbox/payment/payment_resources.h"

namespace billhook::sandbox {

void add_resources(World& world) {
    add_customers(world);
    add_products(world);
    add_prices(world);
    add_events(world);
    add_webhook_endpoints(world);
    add_test_clocks(world);
    add_payment(world);
    add_checkout_sessions(world);
    add_checkout_page(world);
}

}  // namespace billhook::sandbox
