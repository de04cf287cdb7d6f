#include <map>

#include "cli/command.h"
#include "cli/command/commands.h"

namespace billhook::cli {
namespace {

Option const url_option = {"url", "URL", "the endpoint's address; default <public_url>/api/v1/webhooks/stripe"};

std::vector<Command> const table = {
    {.path = "serve",
     .summary = "run the server",
     .run = run_serve,
     .examples = {"billhook serve --dev", "STRIPE_SECRET_KEY=sk_test_… billhook serve --data /var/lib/billhook",
                  "billhook serve --database postgres://billhook@db/billhook --listen 127.0.0.1:8080"},
     .shows_settings = true},
    {.path = "sandbox",
     .summary = "run the Stripe sandbox alone",
     .run = run_sandbox,
     .examples = {"billhook sandbox", "billhook sandbox --listen 127.0.0.1:12111 --data sandbox.db --seed 7"},
     .options = {{"listen", "HOST:PORT", "address of the sandbox (127.0.0.1:12111)", "sandbox_listen"},
                 {"data", "PATH", "SQLite file that keeps its state; default: in memory", "sandbox_data"},
                 {"seed", "NUMBER", "the same seed gives the same ids; 0: a new one each start", "sandbox_seed"}}},
    {.path = "catalog validate",
     .summary = "check the catalog file; every mistake with line, column and what was expected",
     .run = run_catalog_validate,
     .examples = {"billhook catalog validate --catalog catalog.yaml", "billhook catalog validate --dev"}},
    {.path = "catalog plan",
     .summary = "what differs between the catalog file and Stripe and the database; exit code 3 where something does",
     .run = run_catalog_plan,
     .examples = {"billhook catalog plan --catalog catalog.yaml", "billhook catalog plan --json"}},
    {.path = "catalog apply",
     .summary = "bring Stripe and the database in line with the catalog file",
     .run = run_catalog_apply,
     .examples = {"billhook catalog apply --catalog catalog.yaml"}},
    {.path = "migrate",
     .summary = "bring the database to this program's version",
     .run = run_migrate,
     .examples = {"billhook migrate --data /var/lib/billhook",
                  "billhook migrate --database postgres://billhook@db/billhook"}},
    {.path = "keys create",
     .summary = "make an API key and print it, once",
     .run = run_keys_create,
     .examples = {"billhook keys create --name storefront",
                  "billhook keys create --name checks --scopes entitlement_check,usage_write --expires 90d",
                  "billhook keys create --name back-office --scopes operator --json"},
     .options = {{"name", "TEXT", "what the key is for"},
                 {"scopes", "WORD,...",
                  "application, operator, or some of customer_read, customer_write, entitlement_check, usage_write, "
                  "operator_read, operator_write (application)"},
                 {"customer", "ID", "the key acts for this customer alone"},
                 {"expires", "DURATION", "90d, or a date such as 2027-01-31; without it the key never expires"}}},
    {.path = "keys list",
     .summary = "all API keys, revoked ones too, without their secrets",
     .run = run_keys_list,
     .examples = {"billhook keys list", "billhook keys list --json"}},
    {.path = "keys revoke",
     .summary = "end an API key",
     .run = run_keys_revoke,
     .examples = {"billhook keys revoke key_0123456789abcdef"},
     .arguments = {{"KEY", "its id, key_…"}}},
    {.path = "webhooks register",
     .summary = "make our webhook endpoint in Stripe, or bring it in line",
     .run = run_webhooks_register,
     .examples = {"billhook webhooks register --public-url https://billing.example.com"},
     .options = {url_option}},
    {.path = "webhooks rotate",
     .summary = "replace the endpoint's signing secret; the old one stays valid for a day",
     .run = run_webhooks_rotate,
     .examples = {"billhook webhooks rotate", "billhook webhooks rotate --leaked"},
     .options = {url_option, {"leaked", "", "the old secret ends at once"}}},
    {.path = "webhooks status",
     .summary = "compare the endpoint in Stripe with what it should be",
     .run = run_webhooks_status,
     .examples = {"billhook webhooks status", "billhook webhooks status --json"},
     .options = {url_option}},
    {.path = "events list",
     .summary = "the newest events of the inbox",
     .run = run_events_list,
     .examples = {"billhook events list --status dead", "billhook events list --type invoice.paid --limit 100 --json"},
     .options = {{"status", "WORD", "pending, processing, done, failed or dead"},
                 {"type", "TYPE", "of this type only, such as invoice.paid"},
                 {"subject", "ID", "about this object only"},
                 {"limit", "NUMBER", "how many at most (20)"}}},
    {.path = "events show",
     .summary = "one event with its redacted payload",
     .run = run_events_show,
     .examples = {"billhook events show evt_1Qx"},
     .arguments = {{"EVENT", "its id, evt_…"}}},
    {.path = "events replay",
     .summary = "make events due again, dead letters too",
     .run = run_events_replay,
     .examples = {"billhook events replay evt_1Qx evt_1Qy"},
     .arguments = {{"EVENT", "ids, evt_…", true, true}}},
    {.path = "doctor",
     .summary = "look at everything that serving needs, send an event through Stripe, and say what is wrong",
     .run = run_doctor,
     .examples = {"billhook doctor", "billhook doctor --json", "billhook doctor --wait 0s"},
     .options = {{"wait", "DURATION", "how long to wait for the event (20s); 0s: send none"}}},
    {.path = "config show",
     .summary = "print every setting, secrets masked",
     .run = run_config_show,
     .examples = {"billhook config show --origin", "billhook config show --json"},
     .options = {{"origin", "", "also say where each value came from"}},
     .shows_settings = true},
    {.path = "completion",
     .summary = "print the completion script of a shell",
     .run = run_completion,
     .examples = {"billhook completion bash > /etc/bash_completion.d/billhook",
                  "billhook completion zsh > ~/.zfunc/_billhook",
                  "billhook completion fish > ~/.config/fish/completions/billhook.fish"},
     .arguments = {{"SHELL", "bash, zsh or fish", true, false, {"bash", "zsh", "fish"}}}},
};

}  // namespace

std::span<Command const> command_table() {
    return table;
}

std::string_view summary_of_group(std::string_view group) {
    static std::map<std::string_view, std::string_view> const summaries = {
        {"catalog", "check the catalog file and bring Stripe in line with it"},
        {"keys", "API keys of applications and operators"},
        {"webhooks", "the webhook endpoint in Stripe"},
        {"events", "Stripe's events in the inbox"},
        {"config", "the configuration"},
    };
    auto const found = summaries.find(group);
    return found == summaries.end() ? std::string_view{} : found->second;
}

}  // namespace billhook::cli
