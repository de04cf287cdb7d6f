#pragma once
// What can be bought: the plan by its code, and Stripe's price of it.

#include <string>

#include "domain/catalog/catalog.h"
#include "domain/subscription/compare.h"
#include "flow/command/context.h"

namespace billhook::flow {

/// Never null. Errors: not_found "unknown_plan".
Result<catalog::Plan const*> require_plan(catalog::Catalog const& catalog, std::string const& code);

/// Stripe's id of the target's price. Errors: not_found "unknown_plan"; unavailable "catalog_not_applied".
Result<std::string> find_price(CommandContext const& context, catalog::Catalog const& catalog,
                               subscription::Target const& target, std::string const& currency);

}  // namespace billhook::flow
