#pragma once

namespace billhook::sandbox {

/// Whether prices and coupons must be on sale when they are used. What a phase of a schedule holds was agreed when it
/// was planned: that it has gone off sale since does not stand in the phase's way.
enum class Offer { on_sale_now, agreed_before };

}  // namespace billhook::sandbox
