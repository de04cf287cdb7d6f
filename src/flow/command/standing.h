#pragma once
// What is known of one customer on one line when a request arrives, and the stamp that its intent gets.

#include <map>
#include <optional>
#include <string>

#include "domain/subscription/request.h"
#include "flow/command/context.h"

namespace billhook::flow {

Result<subscription::Standing> load_standing(store::Reader& reader, CustomerId const& customer,
                                             std::string const& line);
/// The customer's present use of limits, by feature code.
Result<std::map<std::string, std::int64_t>> load_use(store::Reader& reader, CustomerId const& customer);

subscription::Stamp new_stamp(CommandContext const& context, Asker const& asker);

/// Errors: not_found "unknown_customer".
Result<customer::Customer> load_customer(store::Reader& reader, CustomerId const& customer);

}  // namespace billhook::flow
