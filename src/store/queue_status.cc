#include "store/queue_status.h"

namespace billhook::store {

char const* to_string(QueueStatus status) {
    switch (status) {
        case QueueStatus::pending:
            return "pending";
        case QueueStatus::processing:
            return "processing";
        case QueueStatus::done:
            return "done";
        case QueueStatus::failed:
            return "failed";
        case QueueStatus::dead:
            return "dead";
    }
    return "";
}

std::optional<QueueStatus> parse_queue_status(std::string_view word) {
    for (QueueStatus const status : queue_statuses)
        if (word == to_string(status)) return status;
    return std::nullopt;
}

}  // namespace billhook::store
