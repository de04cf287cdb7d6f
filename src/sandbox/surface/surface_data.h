#pragma once
// The text of stripe_2026_10_28.surface and of stripe_cli.surface (what Stripe's own CLI calls beyond the published
// API), built into the program by the assembler.

#include <string_view>

namespace billhook::sandbox {
std::string_view surface_data();
}
