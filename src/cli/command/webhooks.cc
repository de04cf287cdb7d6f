// `webhooks register|rotate|status`: our endpoint in Stripe, with exactly the events that have a handler.

#include "base/json.h"
#include "cli/command/commands.h"
#include "cli/connection.h"
#include "flow/command/register_webhook.h"
#include "flow/projector/event_handlers.h"

namespace billhook::cli {
namespace {

// The database and Stripe, for as long as a command runs.
struct Reached {
    std::unique_ptr<store::Store> store;
    std::unique_ptr<StripeConnection> stripe;
    SystemClock clock;
    SystemRandom random;

    flow::EndpointContext context() { return {*store, stripe->client(), clock, random, flow::handled_event_types()}; }
};

Result<std::unique_ptr<Reached>> reach(CommandCall const& call) {
    auto reached = std::make_unique<Reached>();
    reached->stripe = TRY(StripeConnection::open(call.configuration));
    reached->store = TRY(open_database(call.configuration));
    return reached;
}

std::string url_of(CommandCall const& call) {
    return call.option("url", webhook_url(call.configuration));
}

ExitCode print(CommandCall const& call, Result<flow::EndpointReport> const& done) {
    if (!done) return report(call, done.error());
    if (call.wants_json)
        call.out << to_text(JsonObject{
                        {"endpoint", done->endpoint_id}, {"change", to_string(done->change)}, {"url", url_of(call)}})
                 << "\n";
    else
        call.out << "endpoint " << done->endpoint_id << " at " << url_of(call) << ": " << to_string(done->change)
                 << "\n";
    return ExitCode::ok;
}

JsonArray to_json(std::vector<std::string> const& words) {
    JsonArray out;
    for (auto const& word : words) out.emplace_back(word);
    return out;
}

void print_words(std::ostream& out, std::string_view label, std::vector<std::string> const& words) {
    if (words.empty()) return;
    out << label;
    for (auto const& word : words) out << " " << word;
    out << "\n";
}

}  // namespace

ExitCode run_webhooks_register(CommandCall const& call) {
    auto const reached = reach(call);
    if (!reached) return report(call, reached.error());
    return print(call, flow::register_webhook((*reached)->context(), url_of(call)));
}

ExitCode run_webhooks_rotate(CommandCall const& call) {
    auto const reached = reach(call);
    if (!reached) return report(call, reached.error());
    auto const old = call.has("leaked") ? flow::OldSecret::goes_at_once : flow::OldSecret::stays_a_day;
    return print(call, flow::rotate_webhook_secret((*reached)->context(), url_of(call), old));
}

ExitCode run_webhooks_status(CommandCall const& call) {
    auto const reached = reach(call);
    if (!reached) return report(call, reached.error());
    auto const status = flow::webhook_status((*reached)->context(), url_of(call));
    if (!status) return report(call, status.error());
    bool const is_right = status->is_as_it_should_be();
    if (call.wants_json) {
        call.out << to_text(JsonObject{{"is_as_it_should_be", is_right},
                                       {"endpoint", status->endpoint_id},
                                       {"exists", status->exists},
                                       {"is_enabled", status->is_enabled},
                                       {"url", status->url},
                                       {"api_version", status->api_version},
                                       {"missing_types", to_json(status->missing_types)},
                                       {"surplus_types", to_json(status->surplus_types)},
                                       {"other_endpoints", to_json(status->other_endpoints)},
                                       {"secrets", status->secrets}})
                 << "\n";
        return is_right ? ExitCode::ok : ExitCode::differences;
    }
    if (!status->exists) {
        call.out << "no endpoint of ours in Stripe at " << url_of(call) << "; `billhook webhooks register` makes it\n";
        return ExitCode::differences;
    }
    call.out << "endpoint " << status->endpoint_id << " at " << status->url << "\n"
             << "enabled: " << (status->is_enabled ? "yes" : "no") << "\n"
             << "API version: " << status->api_version << (status->has_our_version ? "" : " (not ours)") << "\n"
             << "secrets: " << status->secrets << "\n";
    print_words(call.out, "handled but not sent:", status->missing_types);
    print_words(call.out, "sent but not handled:", status->surplus_types);
    print_words(call.out, "further endpoints at this address:", status->other_endpoints);
    call.out << (is_right ? "as it should be\n" : "`billhook webhooks register` mends it\n");
    return is_right ? ExitCode::ok : ExitCode::differences;
}

}  // namespace billhook::cli
