#pragma once
// What the commands do, one function for each row of the command table.

#include "cli/command.h"

namespace billhook::cli {

ExitCode run_serve(CommandCall const& call);
ExitCode run_sandbox(CommandCall const& call);
ExitCode run_catalog_validate(CommandCall const& call);
ExitCode run_migrate(CommandCall const& call);
ExitCode run_webhooks_register(CommandCall const& call);
ExitCode run_webhooks_rotate(CommandCall const& call);
ExitCode run_webhooks_status(CommandCall const& call);
ExitCode run_events_list(CommandCall const& call);
ExitCode run_events_show(CommandCall const& call);
ExitCode run_events_replay(CommandCall const& call);
ExitCode run_notices_list(CommandCall const& call);
ExitCode run_notices_seen(CommandCall const& call);
ExitCode run_doctor(CommandCall const& call);
ExitCode run_catalog_plan(CommandCall const& call);
ExitCode run_catalog_apply(CommandCall const& call);
ExitCode run_keys_create(CommandCall const& call);
ExitCode run_keys_list(CommandCall const& call);
ExitCode run_keys_revoke(CommandCall const& call);
ExitCode run_config_show(CommandCall const& call);
ExitCode run_completion(CommandCall const& call);

}  // namespace billhook::cli
