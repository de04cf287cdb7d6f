#pragma once
// The sandbox's own API under /_sandbox/, JSON in and out, without authentication: it is for tests and developers, and
// the sandbox never listens but where it is told to. README.md lists the operations.

#include <functional>

#include "base/result.h"
#include "sandbox/control/fault_rules.h"
#include "sandbox/core/world.h"
#include "sandbox/delivery/delivery.h"

namespace billhook::sandbox {

struct ControlPorts {
    Delivery& delivery;
    FaultRules& requests;
    /// To one endpoint, or (with an empty id) to every one that wants it.
    std::function<void(Event const&, std::string const& endpoint)> resend;
};

void add_control_api(World& world, ControlPorts ports);

/// Settings and faults are kept with the sandbox's objects, so that they hold after a restart.
void keep_faults(World& world, ControlPorts const& ports);
Status restore_control(World& world, ControlPorts const& ports);

}  // namespace billhook::sandbox
