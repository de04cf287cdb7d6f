#pragma once
// Settings and webhook faults as JSON, for the control API.

#include "base/json.h"
#include "sandbox/core/settings.h"
#include "sandbox/delivery/delivery.h"

namespace billhook::sandbox {

JsonObject settings_view(Settings const& settings);
/// Changes the members that are given; an unknown or mistyped one changes nothing.
Status change_settings(Settings& settings, Json const& changes);

JsonObject faults_view(DeliveryFaults const& faults, DeliveryFaultCounts const& counts);
/// Members that are not given are 0; what faults_view() shows is read again.
Result<DeliveryFaults> read_delivery_faults(Json const& given);

}  // namespace billhook::sandbox
