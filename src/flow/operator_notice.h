#pragma once
// Telling the operator: a row that stays until it was seen, written in the transaction that finds the thing out, and a
// line in the log once it is committed.

#include "flow/outbox/worker.h"
#include "flow/webhook_inbox/worker.h"
#include "store/operator_notice_store.h"

namespace billhook::flow {

namespace notice_kind {
inline constexpr std::string_view dead_event = "dead_event";
inline constexpr std::string_view dead_message = "dead_message";
inline constexpr std::string_view duplicate_subscription = "duplicate_subscription";
inline constexpr std::string_view given_up_change = "given_up_change";
}  // namespace notice_kind

/// One that bears an id that was told already changes nothing.
Status tell_operator(store::Writer& writer, store::OperatorNotice const& notice);

/// Not found "unknown_notice" where there is none that was not seen yet.
Status mark_seen(store::Store& store, std::string_view id, Timestamp now);

/// What the queues call when they give up; `on_told` follows the commit.
OnDeadLetter tell_of_dead_events(std::function<void()> on_told);
OnDeadMessage tell_of_dead_messages(std::function<void()> on_told);

}  // namespace billhook::flow
