#pragma once
// For tests: a transport that answers what it was told to, and a sleeper that only moves the clock.

#include <deque>
#include <vector>

#include "gateway/stripe/client.h"

namespace billhook::stripe {

// Gives the scripted answers in turn and keeps what was asked. Each answer takes a second of the clock.
class ScriptedTransport : public net::HttpTransport {
  public:
    explicit ScriptedTransport(ManualClock& clock) : clock_(clock) {}
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration timeout) override {
        requests.push_back(request);
        timeouts.push_back(timeout);
        clock_.set(clock_.now() + Duration::seconds(1));
        if (answers.empty()) return net::HttpResponse{200, {}, R"({"id":"x_1"})"};
        auto answer = answers.front();
        answers.pop_front();
        return answer;
    }
    std::deque<Result<net::HttpResponse>> answers;
    std::vector<net::HttpRequest> requests;
    std::vector<Duration> timeouts;

  private:
    ManualClock& clock_;
};

class RecordingSleeper : public Sleeper {
  public:
    explicit RecordingSleeper(ManualClock& clock) : clock_(clock) {}
    bool sleep(Duration duration) override {
        waits.push_back(duration);
        clock_.set(clock_.now() + duration);
        return !is_stopping;
    }
    std::vector<Duration> waits;
    bool is_stopping = false;

  private:
    ManualClock& clock_;
};

/// A client over both, with nothing else to set up.
struct ScriptedStripe {
    ManualClock clock{Timestamp::from_seconds(1'790'000'000)};
    ScriptedTransport transport{clock};
    RecordingSleeper sleeper{clock};
    SeededRandom random{7};
    CircuitBreaker breaker;
    SilentMetrics metrics;
    Client client{{.api_base = "http://stripe.test", .api_key = "sk_test_x"},
                  {transport, clock, random, sleeper, breaker, metrics}};

    void will_answer(std::string body, int status = 200) {
        transport.answers.push_back(net::HttpResponse{status, {}, std::move(body)});
    }
};

}  // namespace billhook::stripe
