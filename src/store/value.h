#pragma once
// What a bound value may hold, the same on both databases.

#include "store/store.h"

namespace billhook::store {

/// PostgreSQL stores neither U+0000 nor broken UTF-8; SQLite would. Error: invalid "invalid_text".
Status check_values(Values const& values);

}  // namespace billhook::store
