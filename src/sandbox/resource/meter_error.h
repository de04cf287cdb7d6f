#pragma once
// Usage that was accepted but could not be counted: collected for a minute and then reported as one thin event for
// each meter (v1.billing.meter.error_report_triggered), or for no meter at all (…no_meter_found).

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct MeterFault {
    std::string code;  // Stripe's word: meter_event_customer_not_found, no_meter, …
    std::string message;
    std::string param = {};
    std::string meter = {};  // id; empty where no meter was found
};

void note_meter_fault(Call& call, MeterFault const& fault, std::string const& identifier);
ApiError refusal_of(MeterFault const& fault);

}  // namespace billhook::sandbox
