#pragma once
// The messages that commands and the projector leave in the outbox, and their delivery.

#include <string_view>

#include "flow/command/context.h"
#include "store/outbox_store.h"

namespace billhook::flow {

namespace message_kind {
inline constexpr std::string_view carry_out_intent = "carry_out_intent";
inline constexpr std::string_view end_duplicate = "end_duplicate_subscription";
inline constexpr std::string_view update_stripe_customer = "update_stripe_customer";
inline constexpr std::string_view use_payment_method = "use_payment_method";
}  // namespace message_kind

/// Does what the message promised; may be done again without harm. An error is worth a retry. Errors: invalid
/// "unknown_message_kind".
Status deliver_message(CommandContext const& context, store::OutboxMessage const& message);

}  // namespace billhook::flow
