#pragma once
// The payment resources, one function each to put them into a world.

namespace billhook::sandbox {

struct World;

void add_payment_methods(World& world);
void add_payment_intents(World& world);
void add_setup_intents(World& world);
void add_charges(World& world);
void add_direct_charges(World& world);
void add_refunds(World& world);
void add_disputes(World& world);
void add_challenge_page(World& world);

/// All of them.
void add_payment(World& world);

}  // namespace billhook::sandbox
