#pragma once
// What the portal's page knows of a session.

#include "sandbox/core/call.h"

namespace billhook::sandbox {

inline constexpr std::int64_t portal_use_s = 3600;

}  // namespace billhook::sandbox
