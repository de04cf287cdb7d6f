#include "sandbox/payment/payment_resources.h"

#include "sandbox/payment/card_source.h"

namespace billhook::sandbox {

void add_payment(World& world) {
    add_payment_methods(world);
    add_card_sources(world);
    add_payment_intents(world);
    add_setup_intents(world);
    add_charges(world);
    add_direct_charges(world);
    add_refunds(world);
    add_disputes(world);
    add_challenge_page(world);
}

}  // namespace billhook::sandbox
