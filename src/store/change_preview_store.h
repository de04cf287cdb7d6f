#pragma once
// What a customer was last shown of a change of each line.

#include <optional>
#include <string_view>

#include "domain/subscription/quote.h"
#include "store/store.h"

namespace billhook::store {

using subscription::ChangePreview;

/// Inserts or replaces the line's.
Status save_change_preview(Writer& writer, ChangePreview const& preview);
/// Also one that has expired: whether it still holds is for the rules to say.
Result<std::optional<ChangePreview>> find_change_preview(Reader& reader, CustomerId const& customer,
                                                         std::string_view line);

}  // namespace billhook::store
