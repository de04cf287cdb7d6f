#pragma once
// FailureNote: how an error is kept beside what failed, for the operator who looks at the queue.

#include <string>

#include "base/error.h"

namespace billhook::flow {

/// "reason: detail", cut at a whole character to a length that a table of them can show.
std::string failure_note(Error const& error);

}  // namespace billhook::flow
