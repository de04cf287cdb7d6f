// What survives a restart, what goes wrong on demand, and many at once.

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::machine_test {
namespace {

struct TemporaryFile {
    std::string path = testing::TempDir() + "sandbox_" + std::to_string(::getpid()) + ".db";
    TemporaryFile() { remove(); }
    ~TemporaryFile() { remove(); }
    void remove() const {
        for (auto const* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    }
};

TEST(DataFile, KeepsObjectsEventsKeysAndTimeOverARestart) {
    TemporaryFile const file;
    std::string customer, product, moved;
    {
        Driver stripe({}, 1, file.path);
        auto const made = stripe.post("/v1/customers", "name=A", "key-1");
        customer = made["id"];
        product = stripe.post("/v1/products", "name=Tool")["id"];
        stripe.remove("/v1/products/" + stripe.post("/v1/products", "name=Gone")["id"]);
        stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1:1/hook&enabled_events[]=*");
        stripe.post("/v1/products/" + product, "name=Better");
        moved = std::to_string(stripe.clock.now().seconds() + 86'000);
        stripe.post("/v1/test_helpers/test_clocks/clock_sandbox/advance", "frozen_time=" + moved);
        stripe.post("/v1/customers", "name=B");
    }
    Driver stripe({}, 1, file.path);
    EXPECT_EQ(std::to_string(stripe.clock.now().seconds()), moved) << "time does not go back";
    EXPECT_EQ(stripe.get("/v1/customers/" + customer)["name"], "A");
    EXPECT_EQ(stripe.get("/v1/products")["data.0.name"], "Better");
    EXPECT_EQ(stripe.get("/v1/products")["data.1.id"], "(absent)");
    EXPECT_EQ(stripe.post("/v1/customers", "name=A", "key-1")["id"], customer) << "the key replays";
    EXPECT_EQ(stripe.get("/v1/events")["data.0.type"], "customer.created");
    EXPECT_GT(stripe.deliver(), 0) << "what was not acknowledged is sent again";
    EXPECT_NE(stripe.post("/v1/customers", "name=C")["id"], customer) << "ids are new in each life";
}

TEST(Faults, HappenAsAsked) {
    struct Case {
        char const* fault;
        int status;
        bool is_carried_out;
    };
    Case const cases[] = {
        {"rate_limit", 429, false}, {"lock_timeout", 429, false}, {"server_error", 500, false},
        {"lose_request", 0, false}, {"lose_answer", 0, true},     {"error_answer", 500, true},
        {"late_answer", 200, true}, {"kept_error", 500, false},
    };
    for (auto const& c : cases) {
        Driver stripe;
        stripe.post(
            "/_sandbox/faults",
            std::string(R"({"requests":[{"operation":"POST /v1/customers","times":1,"fault":")") + c.fault + "\"}]}");
        EXPECT_EQ(stripe.post("/v1/customers", "name=A", "key").status, c.status) << c.fault;
        auto const customers = stripe.get("/v1/customers");
        EXPECT_EQ(customers["data.0.name"] == "A", c.is_carried_out) << c.fault;
        // The second attempt with the same key never makes a second customer.
        auto const again = stripe.post("/v1/customers", "name=A", "key");
        EXPECT_EQ(again.status, c.status == 500 && std::string_view(c.fault) != "server_error" ? 500 : 200) << c.fault;
        EXPECT_EQ(stripe.get("/v1/customers")["data.1.id"], "(absent)") << c.fault;
    }
}

TEST(Faults, SayWhatIsAskedAboutTryingAgain) {
    struct Case {
        char const* members;
        char const* retry_after;
        char const* should_retry;
    };
    Case const cases[] = {
        {"", "", "true"},
        {R"(,"retry_after":7)", "7", "true"},
        {R"(,"should_retry":false)", "", "false"},
        {R"(,"should_retry":null)", "", ""},
        {R"(,"should_retry":true,"retry_after":0)", "0", "true"},
    };
    for (auto const& c : cases) {
        Driver stripe;
        stripe.post("/_sandbox/faults", std::string(R"({"requests":[{"fault":"rate_limit")") + c.members + "}]}");
        auto const refused = stripe.post("/v1/customers");
        EXPECT_EQ(refused.status, 429) << c.members;
        EXPECT_EQ(refused.headers.get_or("Retry-After"), c.retry_after) << c.members;
        EXPECT_EQ(refused.headers.get_or("Stripe-Should-Retry"), c.should_retry) << c.members;
    }
}

std::string statuses_of_customers(Driver& stripe, int count) {
    std::string statuses;
    for (int i = 0; i < count; ++i) statuses += std::to_string(stripe.post("/v1/customers").status) + " ";
    return statuses;
}

TEST(Faults, AreAScriptThatIsCountedAndGoesOnAfterARestart) {
    TemporaryFile const file;
    {
        Driver stripe({}, 1, file.path);
        auto const set = stripe.post("/_sandbox/faults", R"({"requests":[
            {"operation":"POST /v1/customers","fault":"rate_limit","after":1,"times":2},
            {"operation":"POST /v1/customers","fault":"server_error","times":3}],
            "webhooks":{"duplicate_permille":1000}})");
        EXPECT_EQ(set.status, 200);
        // The first request passes the first rule, so that the second takes it.
        EXPECT_EQ(statuses_of_customers(stripe, 4), "500 429 429 500 ");
        auto const faults = stripe.get("/_sandbox/faults");
        EXPECT_EQ(faults["requests.0.injected"], "2");
        EXPECT_EQ(faults["requests.0.times"], "0");
        EXPECT_EQ(faults["requests.1.injected"], "2");
    }
    Driver stripe({}, 1, file.path);
    EXPECT_EQ(statuses_of_customers(stripe, 3), "500 200 200 ");
    EXPECT_EQ(stripe.get("/_sandbox/faults")["webhooks.duplicate_permille"], "1000");
    EXPECT_EQ(stripe.post("/_sandbox/faults", to_text(stripe.get("/_sandbox/faults").body)).status, 200)
        << "what is shown can be sent back";
}

TEST(Faults, RepeatFromTheirSeed) {
    auto const pattern = [](int seed) {
        Driver stripe;
        stripe.post("/_sandbox/faults",
                    R"({"requests":[{"fault":"server_error","permille":500}],"seed":)" + std::to_string(seed) + "}");
        return statuses_of_customers(stripe, 40);
    };
    EXPECT_EQ(pattern(1), pattern(1));
    EXPECT_NE(pattern(1), pattern(2));
}

TEST(Settings, HoldAfterARestart) {
    TemporaryFile const file;
    Driver({}, 1, file.path).post("/_sandbox/settings", R"({"retry_days":[2],"webhook_retries_max":9})");
    Driver stripe({}, 1, file.path);
    EXPECT_EQ(stripe.get("/_sandbox/settings")["retry_days.0"], "2");
    EXPECT_EQ(stripe.get("/_sandbox/settings")["webhook_retries_max"], "9");
}

TEST(Faults, SpoilWebhooks) {
    struct Case {
        char const* faults;
        std::size_t received_at_once;
        std::size_t received_at_last;
    };
    Case const cases[] = {
        {R"({})", 1, 1},
        {R"({"lose_permille":1000})", 0, 0},
        {R"({"drop_permille":1000})", 0, 0},
        {R"({"duplicate_permille":1000})", 2, 2},
        {R"({"delay_ms":2000})", 0, 1},
        {R"({"reorder_permille":1000})", 0, 1},
    };
    for (auto const& c : cases) {
        Driver stripe;
        stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1:1/hook&enabled_events[]=*");
        EXPECT_EQ(stripe.post("/_sandbox/faults", std::string(R"({"webhooks":)") + c.faults + "}").status, 200);
        stripe.post("/v1/customers");
        stripe.deliver();
        EXPECT_EQ(stripe.webhooks.received.size(), c.received_at_once) << c.faults;
        for (int i = 0; i < 10; ++i) {
            stripe.clock.set(stripe.clock.now() + Duration::hours(1));
            stripe.deliver();
        }
        EXPECT_EQ(stripe.webhooks.received.size(), c.received_at_last) << c.faults;
        auto const shown = stripe.get("/_sandbox/faults");
        auto const& counts = shown.body.at("webhooks").at("injected").as_object();
        bool const is_counted =
            std::ranges::any_of(counts, [](auto const& entry) { return entry.value().as_int64() > 0; });
        EXPECT_EQ(is_counted, std::string_view(c.faults) != "{}") << c.faults << to_text(counts);
    }
}

TEST(ControlApi, RefusesWhatItDoesNotKnow) {
    Driver stripe;
    EXPECT_EQ(
        stripe.post("/_sandbox/settings", R"({"retry_days":[2],"after_last_retry":"mark_unpaid"})")["retry_days.0"],
        "2");
    for (auto const* body :
         {R"({"retry_days":"x"})", R"({"after_last_retry":"explode"})", R"({"nothing":1})", "[]", "{"})
        EXPECT_EQ(stripe.post("/_sandbox/settings", body).status, 400) << body;
    for (auto const* body : {R"({"webhooks":{"drop_permille":1001}})", R"({"requests":[{"fault":"x"}]})",
                             R"({"other":1})", R"({"seed":"x"})", R"({"requests":[{"fault":"rate_limit","after":-1}]})",
                             R"({"requests":[{"fault":"rate_limit","should_retry":1}]})",
                             R"({"requests":[{"fault":"rate_limit","retry_after":-1}]})"})
        EXPECT_EQ(stripe.post("/_sandbox/faults", body).status, 400) << body;
    EXPECT_EQ(stripe.get("/_sandbox")["api_version"], "2026-10-28.endive");
    auto const event = stripe.get("/v1/events");
    stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1:1/hook&enabled_events[]=*");
    stripe.post("/v1/customers");
    stripe.deliver();
    stripe.post("/_sandbox/events/" + stripe.get("/v1/events")["data.0.id"] + "/resend");
    EXPECT_EQ(stripe.deliver(), 1);
}

TEST(ControlApi, RollsASecretWithAnOverlap) {
    Driver stripe;
    auto const endpoint = stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1:1/hook&enabled_events[]=*");
    auto const rolled =
        stripe.post("/_sandbox/webhook_endpoints/" + endpoint["id"] + "/roll_secret", R"({"expires_in_seconds":60})");
    EXPECT_NE(rolled["secret"], endpoint["secret"]);
    auto const signatures = [&] {
        stripe.post("/v1/customers");
        stripe.deliver();
        auto const header = stripe.webhooks.received.back().headers.get_or("Stripe-Signature");
        return std::ranges::count(header, 'v');
    };
    EXPECT_EQ(signatures(), 2);
    stripe.clock.set(stripe.clock.now() + Duration::seconds(61));
    EXPECT_EQ(signatures(), 1);
}

TEST(Sandbox, ServesManyAtOnceAndRepeatsAKeyOnce) {
    Driver stripe;
    stripe.sandbox.start();
    std::vector<std::jthread> threads;
    std::atomic<int> in_use = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            SandboxTransport transport(stripe.sandbox);
            for (int i = 0; i < 50; ++i) {
                net::HttpRequest request{.method = "POST", .target = "/v1/customers", .body = "name=A"};
                request.headers.set("Authorization", "Bearer sk_test_many");
                request.headers.set("Idempotency-Key", "key-" + std::to_string(i));
                auto const response = transport.send(request, Duration::seconds(1));
                if (response->status == 409) ++in_use;
            }
        });
    threads.clear();
    stripe.sandbox.stop();
    auto const page = stripe.get("/v1/customers?limit=100");
    EXPECT_EQ(page.body.at("data").as_array().size(), 50u);
}

/// Answers nobody before so many are asking.
class CrowdTransport : public net::HttpTransport {
  public:
    explicit CrowdTransport(int wanted) : wanted_(wanted) {}
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration) override {
        std::unique_lock lock(mutex_);
        bodies_.insert(request.body);
        changed_.notify_all();
        bool const has_come = changed_.wait_for(lock, patience, [&] { return std::ssize(bodies_) >= wanted_; });
        return net::HttpResponse{.status = has_come ? 200 : 500};
    }
    bool wait_for_crowd() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return std::ssize(bodies_) >= wanted_; });
    }

  private:
    static constexpr std::chrono::seconds patience{20};
    int wanted_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> bodies_;
};

TEST(Sandbox, SendsWebhooksSideBySideAndNotesWhoAcknowledged) {
    constexpr int many = 20;
    CrowdTransport receiver(many);
    ManualClock clock(Timestamp::from_seconds(1'800'000'000));
    Sandbox sandbox({.clock = &clock, .webhook_transport = &receiver});
    SandboxTransport transport(sandbox);
    auto const ask = [&](std::string const& method, std::string const& target, std::string const& form = {}) {
        net::HttpRequest request{.method = method, .target = target, .body = form};
        request.headers.set("Authorization", "Bearer sk_test_crowd");
        return *parse_json(transport.send(request, Duration::seconds(1))->body,
                           {.depth_max = 64, .bytes_max = 1 << 24});
    };
    ask("POST", "/v1/webhook_endpoints", "url=http://127.0.0.1:1/hook&enabled_events[]=customer.created");
    for (int i = 0; i < many; ++i) ask("POST", "/v1/customers");
    sandbox.start();
    EXPECT_TRUE(receiver.wait_for_crowd());
    sandbox.stop();
    auto const page = ask("GET", "/v1/events?limit=100&type=customer.created");
    auto const& events = page.at("data").as_array();
    EXPECT_EQ(events.size(), static_cast<std::size_t>(many));
    for (auto const& event : events) EXPECT_EQ(event.at("pending_webhooks"), Json(0));
}

// The second may turn while a request is being answered; what it makes bears one time all the same. Else a subscription
// would begin a second before its period does, and be billed for that second and at once again.
TEST(Sandbox, ARequestSeesOneInstant) {
    StepClock const clock(Timestamp::from_seconds(1'800'000'000), Duration::milliseconds(400));
    Sandbox sandbox({.clock = &clock});
    SandboxTransport transport(sandbox);
    auto const post = [&](std::string const& target, std::string const& form) {
        net::HttpRequest request{.method = "POST", .target = target, .body = form};
        request.headers.set("Authorization", "Bearer sk_test_instant");
        return Answered{
            0,
            *parse_json(transport.send(request, Duration::seconds(1))->body, {.depth_max = 64, .bytes_max = 1 << 24}),
            {}};
    };
    auto const price =
        post("/v1/prices", "currency=eur&unit_amount=700&recurring[interval]=month&product_data[name]=Tool")["id"];
    auto const customer = post(
        "/v1/customers", "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa")["id"];
    auto const made = post("/v1/subscriptions",
                           "customer=" + customer + "&items[0][price]=" + price + "&expand[]=latest_invoice.payments");
    EXPECT_EQ(made["status"], "active");
    for (auto const* stamp : {"start_date", "billing_cycle_anchor", "items.data.0.current_period_start",
                              "items.data.0.created", "latest_invoice.created", "latest_invoice.period_start",
                              "latest_invoice.status_transitions.paid_at", "latest_invoice.payments.data.0.created"})
        EXPECT_EQ(made[stamp], made["created"]) << stamp;
    EXPECT_EQ(made["latest_invoice.amount_paid"], "700");
}

}  // namespace
}  // namespace billhook::sandbox::machine_test
