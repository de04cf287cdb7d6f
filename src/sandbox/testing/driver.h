#pragma once
// Driver: a sandbox on a hand-moved clock for tests: requests as one line each, every answer and webhook judged by the
// surface. A violation fails the test at the request that caused it.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "sandbox/sandbox.h"
#include "sandbox/sandbox_transport.h"
#include "sandbox/surface/validating_transport.h"

namespace billhook::sandbox {

struct Answered {
    int status = 0;
    Json body;
    net::Headers headers;

    /// The string or number at a dotted path, as text; "(absent)", "null", or JSON for trees. Digits index arrays:
    /// answered["data.0.id"].
    std::string operator[](std::string_view dotted_path) const {
        Json const* at = &body;
        while (at && !dotted_path.empty()) {
            auto const dot = dotted_path.find('.');
            auto const part = dotted_path.substr(0, dot);
            dotted_path = dot == std::string_view::npos ? std::string_view{} : dotted_path.substr(dot + 1);
            if (auto const* array = at->if_array()) {
                std::size_t const position = std::stoul(std::string(part));
                at = position < array->size() ? &(*array)[position] : nullptr;
            } else {
                at = find(*at, part);
            }
        }
        if (!at) return "(absent)";
        return at->is_string() ? std::string(as_view(at->get_string())) : to_text(*at);
    }
};

/// Takes every webhook and says 200 (or what `status` says).
class ReceivingTransport : public net::HttpTransport {
  public:
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration) override {
        received.push_back(request);
        return net::HttpResponse{.status = status};
    }
    std::vector<net::HttpRequest> received;
    int status = 200;
};

class Driver {
  public:
    explicit Driver(Settings settings = {}, std::uint64_t seed = 1, std::string const& data_file = {})
        : opened_(Sandbox::open({.seed = seed,
                                 .clock = &clock,
                                 .move_clock = [this](Timestamp t) { clock.set(t); },
                                 .data_file = data_file,
                                 .webhook_transport = &judged_webhooks,
                                 .settings = std::move(settings)})
                      .value()),
          sandbox(*opened_) {}

    Answered get(std::string const& target) { return send("GET", target); }
    /// post("/v1/customers", "email=a@example.com&metadata[k]=v")
    Answered post(std::string const& target, std::string const& form = {}, std::string const& idempotency_key = {}) {
        return send("POST", target, form, idempotency_key);
    }
    Answered remove(std::string const& target, std::string const& form = {}) { return send("DELETE", target, form); }

    Answered send(std::string const& method, std::string const& target, std::string const& form = {},
                  std::string const& idempotency_key = {}) {
        net::HttpRequest request{.method = method, .target = target, .body = form};
        request.headers.set("Authorization", "Bearer sk_test_driver");
        if (!idempotency_key.empty()) request.headers.set("Idempotency-Key", idempotency_key);
        auto response = judged_.send(request, Duration::seconds(1));
        for (auto const& violation : judged_.take_violations()) ADD_FAILURE() << violation;
        if (!response) return {};
        auto body = parse_json(response->body, {.depth_max = 64, .bytes_max = 1 << 26});
        return {response->status, body ? *body : Json(response->body), response->headers};
    }

    /// The types of the events since the last call, oldest first, joined by spaces.
    std::string new_events() {
        std::string types;
        auto const page = get("/v1/events?limit=100" + (last_event_.empty() ? "" : "&ending_before=" + last_event_));
        auto const& data = page.body.at("data").as_array();
        if (data.empty()) return types;
        for (auto at = data.rbegin(); at != data.rend(); ++at)
            types += (types.empty() ? "" : " ") + string_or(*at, "type");
        last_event_ = string_or(data.front(), "id");
        return types;
    }

    /// Sends the webhooks that are due and judges them.
    int deliver() {
        int const sent = sandbox.deliver_due();
        for (auto const& violation : judged_webhooks.take_violations()) ADD_FAILURE() << violation;
        return sent;
    }

    ManualClock clock{Timestamp::from_seconds(1'800'000'000)};
    ReceivingTransport webhooks;
    ValidatingTransport judged_webhooks{webhooks};

  private:
    std::unique_ptr<Sandbox> opened_;

  public:
    Sandbox& sandbox;

  private:
    SandboxTransport direct_{sandbox};
    ValidatingTransport judged_{direct_};
    std::string last_event_;
};

}  // namespace billhook::sandbox
