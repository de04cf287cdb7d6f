#pragma once
// The two long-running programs, until a signal ends them.

#include "cli/configuration.h"

namespace billhook::server {

/// `billhook serve`: 0 after SIGTERM or SIGINT, 1 where it could not start. SIGHUP reads the TLS files again.
int serve(cli::Configuration const& configuration);
/// `billhook sandbox`: the Stripe sandbox alone.
int serve_sandbox(cli::Configuration const& configuration);

}  // namespace billhook::server
