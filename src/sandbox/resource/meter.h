#pragma once
// What a meter counted for a customer. Values are kept in millionths, so that sums of decimals are exact.

#include <cstdint>
#include <string>

#include "sandbox/core/call.h"
#include "sandbox/resource/meter_error.h"

namespace billhook::sandbox {

struct MeteredUsage {
    std::int64_t millionths = 0;
    std::size_t events = 0;
};

/// By the meter's formula (sum, count, last) over from ≤ timestamp < to, cancelled events left out.
MeteredUsage metered_usage(World& world, std::string const& meter, std::string const& customer, std::int64_t from,
                           std::int64_t to);

struct MeterEventInput {
    std::string event_name;
    JsonObject payload;
    std::string identifier = {};
    std::int64_t timestamp = 0;  // Unix seconds; 0 for now
};
/// What is wrong with the request itself, whoever the customer is: a used identifier, a time out of bounds.
Answer<void> check_meter_event(Call& call, MeterEventInput const& input);
/// Counts one event; answers its id, or why it cannot be counted.
std::expected<std::string, MeterFault> record_meter_event(Call& call, MeterEventInput const& input);
/// Takes an event back within a day of its receipt.
Answer<void> cancel_meter_event(Call& call, std::string const& event_name, std::string const& identifier);

/// A whole number where it is one, else a decimal.
Json millionths_as_number(std::int64_t millionths);

}  // namespace billhook::sandbox
