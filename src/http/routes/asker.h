#pragma once
// From a call to who asks, and from wire words to what is asked for.

#include <optional>
#include <string>

#include "domain/subscription/compare.h"
#include "flow/command/context.h"
#include "http/call.h"
#include "http/fields.h"

namespace billhook::http {

flow::Asker asker_of(Call const& call);

/// The plan, its rhythm and number, as the caller names them. An interval that is not named is the one in force for
/// the plan's line, else a month.
Result<subscription::Target> find_target(Call const& call, std::string const& plan,
                                         std::optional<std::string> const& interval, std::int64_t quantity = 0);
/// not_found "unknown_line".
Status require_line(Call const& call, std::string const& line);
/// A Stripe price id or a lookup key of the catalog. not_found "unknown_price".
Result<subscription::Target> find_target_of_price(Call const& call, std::string const& price);

std::optional<std::string> read_interval(Fields& fields);
std::optional<subscription::Effective> read_effective(Fields& fields);

}  // namespace billhook::http
