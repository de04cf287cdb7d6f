#pragma once
// A webhook's body, read once and strictly: what the inbox keeps of it.

#include <string>
#include <string_view>

#include "base/timestamp.h"
#include "flow/webhook_inbox/redaction.h"

namespace billhook::flow {

struct ReceivedEvent {
    std::string id;
    std::string type;
    std::string subject;
    std::string api_version;
    Timestamp created;
    std::string payload;  // redacted
};

/// Errors: invalid "invalid_json" (a key that appears twice included), "event_not_understood". What is understood here
/// stripe::parse_event() understands in the payload.
Result<ReceivedEvent> read_event(std::string_view raw_body, AllowedMetadata const& allowed_metadata = {});

}  // namespace billhook::flow
