#pragma once
// Invoices that are only looked at: what is to happen is done, rendered, and undone, so that a preview and the real
// thing cannot differ.

#include <optional>
#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// The coming cycle invoice; nothing where none will come.
std::optional<JsonObject> preview_next_cycle(Call& call, std::string const& subscription);

/// POST /v1/invoices/create_preview
void add_invoice_previews(World& world);

}  // namespace billhook::sandbox
