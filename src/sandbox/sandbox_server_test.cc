#include "sandbox/sandbox_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/testing/comes_true.h"
#include "sandbox/sandbox.h"
#include "sandbox/surface/validating_transport.h"

namespace billhook::sandbox::sandbox_server_test {
namespace {

// A shop that takes webhooks over a socket.
class Shop {
  public:
    Shop() { EXPECT_TRUE(server_.start()); }
    std::string url() const { return "http://" + server_.address() + "/hook"; }
    std::vector<net::HttpRequest> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(has_come_.wait_for(lock, std::chrono::seconds(30), [&] { return received_.size() >= count; }));
        return received_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable has_come_;
    std::vector<net::HttpRequest> received_;
    net::HttpServer server_{{}, [this](net::HttpRequest&& request, net::Responder respond) {
                                {
                                    std::lock_guard const lock(mutex_);
                                    received_.push_back(std::move(request));
                                }
                                has_come_.notify_all();
                                respond({});
                            }};
};

struct Served : testing::Test {
    Served() { EXPECT_TRUE(server.start()); }
    Result<net::HttpResponse> post(std::string const& path, std::string const& body, std::string const& key = {}) {
        net::HttpRequest request{.method = "POST", .target = "http://" + server.address() + path, .body = body};
        request.headers.set("Authorization", "Bearer sk_test_socket");
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        if (!key.empty()) request.headers.set("Idempotency-Key", key);
        return judged.send(request, Duration::seconds(30));
    }
    void TearDown() override {
        for (auto const& violation : judged.take_violations()) ADD_FAILURE() << violation;
    }

    SystemClock system_clock;
    ShiftedClock clock{system_clock};
    net::CurlTransport sockets;
    Sandbox sandbox{
        {.clock = &clock, .move_clock = [this](Timestamp t) { clock.advance_to(t); }, .webhook_transport = &sockets}};
    SandboxServer server{sandbox, "127.0.0.1:0"};
    ValidatingTransport judged{sockets};
};

TEST_F(Served, SendsWebhooksOverSockets) {
    Shop shop;
    ASSERT_EQ(post("/v1/webhook_endpoints", "url=" + shop.url() + "&enabled_events[]=*")->status, 200);
    ASSERT_EQ(post("/v1/customers", "name=A")->status, 200);
    auto const received = shop.wait_for(1);
    EXPECT_TRUE(received.front().headers.find("Stripe-Signature"));
}

TEST_F(Served, ClosesTheConnectionOnDemandAndRepeatsNothing) {
    ASSERT_EQ(post("/_sandbox/faults", R"({"requests":[{"fault":"lose_answer","times":1}]})")->status, 200);
    // The HTTP client itself may send a request with an idempotency key again, on a new connection.
    auto const first = post("/v1/customers", "name=A", "once");
    auto const again = post("/v1/customers", "name=A", "once");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->headers.get_or("Idempotent-Replayed"), "true");
}

TEST_F(Served, FindsAKeyInUseWhileTheFirstRequestRuns) {
    auto const slow =
        post("/_sandbox/faults", R"({"requests":[{"operation":"POST /v1/customers","times":1,"delay_ms":3000}]})");
    ASSERT_EQ(slow->status, 200);
    // Whichever claims the key first is held up; the other one meets it.
    std::vector<int> statuses(2);
    std::barrier start(2);
    {
        std::vector<std::jthread> both;
        for (auto& status : statuses)
            both.emplace_back([&] {
                start.arrive_and_wait();
                status = post("/v1/customers", "name=A", "busy")->status;
            });
    }
    std::ranges::sort(statuses);
    EXPECT_EQ(statuses, (std::vector<int>{200, 409}));
}

TEST_F(Served, AdvancesInTheBackground) {
    auto const to = std::to_string(clock.now().seconds() + 86'400);
    ASSERT_EQ(post("/v1/test_helpers/test_clocks/clock_sandbox/advance", "frozen_time=" + to)->status, 200);
    EXPECT_TRUE(net::testing::comes_true([&] { return clock.shift() >= Duration::hours(23); }));
}

}  // namespace
}  // namespace billhook::sandbox::sandbox_server_test
