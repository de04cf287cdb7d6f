#include "cli/command/delivery_trial.h"

#include <chrono>
#include <thread>

#include "base/json.h"
#include "flow/command/register_webhook_trial.h"
#include "net/http_client.h"

namespace billhook::cli {
namespace {

constexpr Duration look_again_after = Duration::milliseconds(100);
constexpr Duration probe_timeout = Duration::seconds(5);

/// What answers at the endpoint's address, asked from here with a signature that cannot be right. Empty where it is a
/// Billhook that refuses it, as it should.
std::string what_is_wrong_at(std::string const& url) {
    net::CurlTransport transport;
    net::HttpRequest probe{.method = "POST", .target = url, .body = "{}"};
    probe.headers.set("Content-Type", "application/json");
    probe.headers.set("Stripe-Signature", "t=1,v1=00");
    auto const answer = transport.send(probe, probe_timeout);
    if (!answer)
        return "nothing answers at " + url + " (" + answer.error().detail +
               "); start `billhook serve`, or correct public_url";
    auto const body = parse_json(answer->body);
    bool const is_billhook = body && string_or(*body, "type").starts_with("/problems/");
    if (is_billhook && answer->status == 400) return {};
    if (is_billhook && string_or(*body, "code") == "webhook_secret_missing")
        return "the Billhook at " + url + " knows no signing secret; does it use another database?";
    return url + " answers " + std::to_string(answer->status) +
           ", which is not what Billhook's webhook receiver says; correct public_url, or the proxy before it";
}

std::string what_failed(flow::EndpointContext const& context, std::string const& url, flow::WebhookTrial const& trial,
                        Duration wait) {
    std::string const waited = "no event within " + std::to_string(wait.ms / 1000) + " s: ";
    auto const traced = flow::trace_webhook_trial(context, trial);
    if (!traced) return waited + traced.error().detail;
    if (traced->event_id.empty()) return waited + "Stripe has not made the event yet; try again in a moment";
    if (auto wrong = what_is_wrong_at(url); !wrong.empty()) return waited + wrong;
    if (traced->deliveries_open > 0)
        return waited + "a Billhook answers at " + url + ", but Stripe's delivery of " + traced->event_id +
               " was not accepted; it may not reach this address from outside, or the server uses another database "
               "(and so another signing secret): Stripe's Dashboard shows what was answered";
    return waited + "the event " + traced->event_id +
           " was delivered, but is not in this database; does the server at " + url + " use another one?";
}

}  // namespace

DeliveryReport try_delivery(flow::EndpointContext const& context, std::string const& url, Duration wait) {
    auto const trial = flow::begin_webhook_trial(context);
    if (!trial) return {false, "no event could be provoked: " + trial.error().detail};
    auto const began = std::chrono::steady_clock::now();
    auto const waited = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
    };
    for (;;) {
        auto const found = flow::find_trial_event(context.store, *trial);
        if (!found) return {false, found.error().detail};
        if (*found)
            return {true, "the event " + (*found)->id + " came from Stripe into the inbox within " +
                              std::to_string(waited() / 1000 + 1) + " s"};
        if (waited() >= wait.ms) return {false, what_failed(context, url, *trial, wait)};
        std::this_thread::sleep_for(std::chrono::milliseconds(look_again_after.ms));
    }
}

}  // namespace billhook::cli
