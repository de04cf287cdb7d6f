#pragma once
// What a meter counted for a customer. Values are kept in millionths, so that sums of decimals are exact.

#include <cstdint>
#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct MeteredUsage {
    std::int64_t millionths = 0;
    std::size_t events = 0;
};

/// By the meter's formula (sum, count, last) over from ≤ timestamp < to, cancelled events left out.
MeteredUsage metered_usage(World& world, std::string const& meter, std::string const& customer, std::int64_t from,
                           std::int64_t to);

/// Takes one event in: {event_name, payload, identifier?, timestamp?}, all checked; answers its id. `timestamp` is in
/// Unix seconds, 0 for now.
struct MeterEventInput {
    std::string event_name;
    JsonObject payload;
    std::string identifier = {};
    std::int64_t timestamp = 0;
};
Answer<std::string> record_meter_event(Call& call, MeterEventInput const& input);
/// Takes an event back within a day of its receipt.
Answer<void> cancel_meter_event(Call& call, std::string const& event_name, std::string const& identifier);

/// A whole number where it is one, else a decimal.
Json millionths_as_number(std::int64_t millionths);

}  // namespace billhook::sandbox
