#pragma once
// The five states of a row in the inbox or the outbox.

#include <optional>
#include <string_view>

namespace billhook::store {

/// pending: not tried yet. processing: a worker holds it. failed: waits for its retry. dead: given up, replayable.
enum class QueueStatus { pending, processing, done, failed, dead };
inline constexpr QueueStatus queue_statuses[] = {QueueStatus::pending, QueueStatus::processing, QueueStatus::done,
                                                 QueueStatus::failed, QueueStatus::dead};
char const* to_string(QueueStatus status);
std::optional<QueueStatus> parse_queue_status(std::string_view word);

}  // namespace billhook::store
