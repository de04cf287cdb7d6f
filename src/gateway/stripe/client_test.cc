#include "gateway/stripe/client.h"

#include <gtest/gtest.h>

#include "gateway/stripe/ask_anew.h"
#include "gateway/stripe/scripted_transport.h"

namespace billhook::stripe::client_test {
namespace {

using net::HttpResponse;

class CountingMetrics : public StripeMetrics {
  public:
    void record_attempt(std::string_view method, std::string_view endpoint, int status, Duration latency) override {
        attempts.push_back(std::string(method) + ' ' + std::string(endpoint) + ' ' + std::to_string(status) + ' ' +
                           std::to_string(latency.ms));
    }
    void record_retry(std::string_view, std::string_view cause) override { retries.emplace_back(cause); }
    void record_rate_limit(std::string_view, std::string_view reason) override { rate_limits.emplace_back(reason); }
    void record_circuit_refusal(std::string_view) override { ++refusals; }
    std::vector<std::string> attempts, retries, rate_limits;
    int refusals = 0;
};

class ClientTest : public testing::Test {
  protected:
    static Result<HttpResponse> answer(int status, std::string body = "{}", net::Headers headers = {}) {
        return HttpResponse{status, std::move(headers), std::move(body)};
    }
    static Result<HttpResponse> lost(std::string reason) { return fail(unavailable(std::move(reason), "")); }

    Result<Json> post() { return client.post({"/v1/subscriptions/{id}", {"sub_1"}}, {{"a", 1}}, key); }
    Result<Json> get() { return client.get({"/v1/subscriptions/{id}", {"sub_1"}}); }

    ManualClock clock{Timestamp::from_seconds(1'790'000'000)};
    ScriptedTransport transport{clock};
    RecordingSleeper sleeper{clock};
    SeededRandom random{7};
    CircuitBreaker breaker;
    CountingMetrics metrics;
    ClientOptions options{.api_base = "http://127.0.0.1:1", .api_key = "sk_test_hidden"};
    Client client{options, {transport, clock, random, sleeper, breaker, metrics}};
    IdempotencyKey const key = IdempotencyKey::of("int_1", "update");
};

TEST_F(ClientTest, SendsVersionKeyAndForm) {
    ASSERT_TRUE(client.post({"/v1/subscriptions/{id}", {"sub/1"}},
                            {{"items", JsonArray{JsonObject{{"id", "si_1"}, {"quantity", 2}}}}, {"prorate", true}},
                            key));
    auto const& sent = transport.requests.at(0);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.target, "http://127.0.0.1:1/v1/subscriptions/sub%2F1");
    EXPECT_EQ(sent.body, "items[0][id]=si_1&items[0][quantity]=2&prorate=true");
    EXPECT_EQ(sent.headers.get_or("Authorization"), "Bearer sk_test_hidden");
    EXPECT_EQ(sent.headers.get_or("Stripe-Version"), "2026-10-28.endive");
    EXPECT_EQ(sent.headers.get_or("Idempotency-Key"), "billhook:int_1:update");
    EXPECT_EQ(sent.headers.get_or("Content-Type"), "application/x-www-form-urlencoded");

    ASSERT_TRUE(client.get({"/v1/prices", {}}, {{"lookup_keys", JsonArray{"a b"}}}));
    EXPECT_EQ(transport.requests.at(1).target, "http://127.0.0.1:1/v1/prices?lookup_keys[0]=a%20b");
    EXPECT_EQ(transport.requests.at(1).body, "");
    EXPECT_FALSE(transport.requests.at(1).headers.find("Idempotency-Key"));
    EXPECT_EQ(metrics.attempts.at(1), "GET /v1/prices 200 1000");
}

TEST_F(ClientTest, NeverAsksForAnEmptyId) {
    auto const result = client.remove({"/v1/customers/{id}", {""}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(transport.requests.empty());
}

TEST_F(ClientTest, KeysComeFromTheOperationAndFit) {
    EXPECT_EQ(IdempotencyKey::of("int_1", "update").str(), key.str());
    EXPECT_NE(IdempotencyKey::of("int_1", "release").str(), key.str());
    EXPECT_LE(IdempotencyKey::of(std::string(300, 'a'), "x").str().size(), 255u);
    EXPECT_NE(IdempotencyKey::of(std::string(300, 'a'), "x").str(),
              IdempotencyKey::of(std::string(300, 'a'), "y").str());
}

struct RetryCase {
    char const* name;
    Result<HttpResponse> first;
    std::size_t attempts_of_get;
    std::size_t attempts_of_keyed_post;
    char const* cause;
};

TEST_F(ClientTest, TriesAgainWhereThatIsSafe) {
    auto const header = [](std::string name, std::string value) {
        return net::Headers{{std::move(name), std::move(value)}};
    };
    RetryCase const cases[] = {
        {"connect failed", lost("connect_failed"), 2, 2, "connect_failed"},
        {"timeout", lost("timeout"), 2, 2, "timeout"},
        {"connection lost", lost("connection_lost"), 2, 2, "connection_lost"},
        {"500", answer(500), 2, 2, "server_error"},
        {"503", answer(503, "<html>"), 2, 2, "server_error"},
        {"429", answer(429), 2, 2, "rate_limited"},
        {"429 locked", answer(429, R"({"error":{"code":"lock_timeout"}})"), 2, 2, "rate_limited"},
        {"409 in use", answer(409, R"({"error":{"code":"idempotency_key_in_use"}})"), 2, 2, "conflict"},
        {"500, told not to", answer(500, "{}", header("Stripe-Should-Retry", "false")), 1, 1, ""},
        {"429, told not to", answer(429, "{}", header("Stripe-Should-Retry", "false")), 1, 1, ""},
        {"400, told to", answer(400, "{}", header("Stripe-Should-Retry", "true")), 2, 2, "server_error"},
        {"500 from the store of keys", answer(500, "{}", header("Idempotent-Replayed", "true")), 1, 1, ""},
        {"400", answer(400), 1, 1, ""},
        {"401", answer(401), 1, 1, ""},
        {"402", answer(402), 1, 1, ""},
        {"404", answer(404), 1, 1, ""},
        {"424", answer(424), 1, 1, ""},
        {"301", answer(301), 1, 1, ""},
    };
    for (auto const& c : cases) {
        for (bool const is_post : {false, true}) {
            SCOPED_TRACE(std::string(c.name) + (is_post ? " POST" : " GET"));
            transport.requests.clear();
            transport.answers = {c.first};
            metrics.retries.clear();
            (void)(is_post ? post() : get());
            auto const expected = is_post ? c.attempts_of_keyed_post : c.attempts_of_get;
            EXPECT_EQ(transport.requests.size(), expected);
            EXPECT_EQ(metrics.retries, expected == 2 ? std::vector<std::string>{c.cause} : std::vector<std::string>{});
            if (is_post && expected == 2) {
                EXPECT_EQ(transport.requests[0].headers.get_or("Idempotency-Key"),
                          transport.requests[1].headers.get_or("Idempotency-Key"));
                EXPECT_EQ(transport.requests[0].body, transport.requests[1].body);
            }
        }
    }
}

// A failure of long ago: the same request will not be answered otherwise for a day. One that this call has met for the
// first time is none yet.
TEST_F(ClientTest, SaysWhichFailureStripeKeeps) {
    net::Headers const replayed{{"Idempotent-Replayed", "true"}, {"Original-Request", "req_old"}};
    struct Case {
        char const* name;
        std::deque<Result<HttpResponse>> answers;
        char const* kept;
    };
    Case const cases[] = {
        {"kept for long", {answer(500, "{}", replayed)}, "req_old"},
        {"kept since just now", {answer(500), answer(500, "{}", replayed)}, ""},
        {"a refusal that is kept", {answer(402, "{}", replayed)}, ""},
        {"a failure of now", {answer(500), answer(500), answer(500), answer(500)}, ""},
        {"of an unnamed request", {answer(500, "{}", {{"Idempotent-Replayed", "true"}})}, ""},
    };
    for (auto const& c : cases) {
        transport.answers = c.answers;
        auto const failed = post();
        ASSERT_FALSE(failed) << c.name;
        EXPECT_EQ(string_or(failed.error().extra, "kept_failure"), c.kept) << c.name;
    }
}

TEST_F(ClientTest, WhatIsAskedAnewWalksAlongTheKeptFailures) {
    auto const kept = [](std::string request) {
        return answer(500, "{}", {{"Idempotent-Replayed", "true"}, {"Original-Request", std::move(request)}});
    };
    auto const ask = [&](IdempotencyKey const& with) {
        return client.post({"/v1/subscriptions/{id}", {"sub_1"}}, {{"a", 1}}, with);
    };
    int looks = 0;
    int done_at = 9;
    auto const is_done = [&]() -> Result<bool> { return ++looks == done_at; };
    transport.answers = {kept("req_1"), kept("req_2"), answer(200)};
    auto const made = ask_anew(key, ask, is_done);
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->has_value());
    EXPECT_EQ(looks, 2) << "one after each failure";
    std::vector<std::string> keys;
    for (auto const& request : transport.requests) keys.push_back(request.headers.get_or("Idempotency-Key"));
    EXPECT_EQ(keys, (std::vector<std::string>{"billhook:int_1:update", "billhook:int_1:update:after:req_1",
                                              "billhook:int_1:update:after:req_2"}));

    looks = 0;
    done_at = 1;
    transport.requests.clear();
    transport.answers = {kept("req_1")};
    auto const found = ask_anew(key, ask, is_done);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->has_value());
    EXPECT_EQ(transport.requests.size(), 1u) << "what was done is not asked for again";

    // While Stripe fails, one new key a call is enough.
    transport.requests.clear();
    transport.answers = {kept("req_1"), answer(500), kept("req_3")};
    auto const failed = ask_anew(key, ask);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().reason, "stripe_failed");
    EXPECT_EQ(transport.requests.size(), 3u);
}

TEST_F(ClientTest, WaitsLongerEachTimeAndGivesUp) {
    transport.answers.assign(9, answer(429));
    auto const result = post();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().reason, "stripe_rate_limited");
    EXPECT_FALSE(result.error().extra.contains("outcome_unknown"));
    EXPECT_EQ(transport.requests.size(), 4u);
    ASSERT_EQ(sleeper.waits.size(), 3u);
    std::int64_t full_ms = options.backoff_min.ms;
    for (auto const wait : sleeper.waits) {
        EXPECT_GE(wait.ms, full_ms / 2);
        EXPECT_LE(wait.ms, full_ms);
        full_ms *= 2;
    }
    EXPECT_EQ(metrics.rate_limits.size(), 4u);
}

TEST_F(ClientTest, HonoursRetryAfterWithinItsTime) {
    transport.answers = {answer(429, "{}", {{"Retry-After", "20"}, {"Stripe-Rate-Limited-Reason", "endpoint-rate"}})};
    EXPECT_TRUE(get());
    EXPECT_EQ(sleeper.waits, std::vector<Duration>{Duration::seconds(20)});
    EXPECT_EQ(metrics.rate_limits, std::vector<std::string>{"endpoint-rate"});

    transport.answers = {answer(503, "{}", {{"Retry-After", "600"}})};
    auto const result = get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().extra.at("retry_after_s"), 600);
    EXPECT_EQ(sleeper.waits.size(), 1u);
}

TEST_F(ClientTest, EndsWithItsTimeAndWithTheProgram) {
    ClientOptions short_options = options;
    short_options.total_time_max = Duration::seconds(3);
    short_options.attempts_max = 100;
    Client const impatient{short_options, {transport, clock, random, sleeper, breaker, metrics}};
    transport.answers.assign(100, answer(429));
    auto const started_at = clock.now();
    EXPECT_FALSE(impatient.get({"/v1/prices", {}}));
    EXPECT_LE(clock.now() - started_at, Duration::seconds(4));
    EXPECT_LE(transport.timeouts.back(), Duration::seconds(3));

    transport.requests.clear();
    transport.answers.assign(100, answer(429));
    sleeper.is_stopping = true;
    EXPECT_FALSE(get());
    EXPECT_EQ(transport.requests.size(), 1u);
}

TEST_F(ClientTest, SaysWhetherStripeMayHaveActed) {
    struct Case {
        char const* name;
        std::deque<Result<HttpResponse>> answers;
        bool is_unknown;
    };
    auto const refused = answer(400, R"({"error":{"code":"parameter_unknown"}})");
    Case const cases[] = {
        {"never connected", {4, lost("connect_failed")}, false},
        {"timed out", {4, lost("timeout")}, true},
        {"timed out, then unreachable",
         {lost("timeout"), lost("connect_failed"), lost("connect_failed"), lost("connect_failed")},
         true},
        {"timed out, then refused under the same key", {lost("timeout"), refused}, false},
        {"timed out, then limited", {lost("timeout"), answer(429), answer(429), answer(429)}, true},
        {"failed", {4, answer(500)}, true},
        {"refused", {refused}, false},
        {"a success that is no JSON", {answer(200, "<html>")}, true},
    };
    for (auto const& c : cases) {
        breaker.report_success();
        transport.answers = c.answers;
        auto const result = post();
        ASSERT_FALSE(result) << c.name;
        EXPECT_EQ(result.error().extra.contains("outcome_unknown"), c.is_unknown) << c.name;
    }
}

TEST_F(ClientTest, MapsErrors) {
    struct Case {
        int status;
        char const* body;
        ErrorKind kind;
        char const* reason;
    };
    Case const cases[] = {
        {402, R"({"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds",
                  "message":"Your card has insufficient funds.","payment_intent":{"id":"pi_1"}}})",
         ErrorKind::payment_required, "card_declined"},
        {402, R"({"error":{"type":"card_error","code":"authentication_required"}})", ErrorKind::payment_required,
         "authentication_required"},
        {402, "{}", ErrorKind::payment_required, "payment_failed"},
        {404, R"({"error":{"type":"invalid_request_error","code":"resource_missing"}})", ErrorKind::not_found,
         "resource_missing"},
        {400, R"({"error":{"type":"invalid_request_error","code":"resource_missing","param":"items[0][price]"}})",
         ErrorKind::invalid, "resource_missing"},
        {400, R"({"error":{"type":"idempotency_error"}})", ErrorKind::conflict, "idempotency_error"},
        {400, "no json", ErrorKind::invalid, "stripe_request_refused"},
        {401, R"({"error":{"message":"Invalid API Key provided: sk_test_hidden"}})", ErrorKind::unavailable,
         "stripe_key_refused"},
        {403, "{}", ErrorKind::unavailable, "stripe_permission_missing"},
        {302, "", ErrorKind::unavailable, "stripe_failed"},
    };
    for (auto const& c : cases) {
        transport.answers = {answer(c.status, c.body, {{"Request-Id", "req_1"}})};
        auto const result = post();
        ASSERT_FALSE(result) << c.body;
        EXPECT_EQ(result.error().kind, c.kind) << c.body;
        EXPECT_EQ(result.error().reason, c.reason) << c.body;
        EXPECT_EQ(result.error().extra.at("request_id"), "req_1");
        EXPECT_EQ(result.error().detail.find("hidden"), std::string::npos);
    }
    transport.answers = {answer(402, cases[0].body)};
    auto const declined = post();
    EXPECT_EQ(declined.error().detail, "Your card has insufficient funds.");
    EXPECT_EQ(declined.error().extra.at("decline_code"), "insufficient_funds");
    EXPECT_EQ(declined.error().extra.at("payment_intent"), "pi_1");
}

TEST_F(ClientTest, PausesWhenTheHostIsDown) {
    transport.answers.assign(50, answer(503));
    EXPECT_FALSE(get());  // four attempts
    EXPECT_FALSE(get());  // the fifth opens the circuit
    auto const sent = transport.requests.size();
    EXPECT_EQ(sent, 5u);
    auto const refused = get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "stripe_circuit_open");
    EXPECT_EQ(transport.requests.size(), sent);
    EXPECT_EQ(metrics.refusals, 2);

    transport.answers.clear();
    clock.set(clock.now() + Duration::seconds(10));
    EXPECT_EQ(breaker.state(clock.now()), CircuitState::half_open);
    EXPECT_TRUE(get());
    EXPECT_EQ(breaker.state(clock.now()), CircuitState::closed);
}

TEST_F(ClientTest, WalksAListPageByPage) {
    auto const page = [](std::string const& ids, bool has_more) {
        return answer(200, R"({"object":"list","data":[)" + ids + R"(],"has_more":)" + (has_more ? "true}" : "false}"));
    };
    auto const script = [&] {
        return std::deque<Result<HttpResponse>>{page(R"({"id":"a"},{"id":"b"})", true), page(R"({"id":"c"})", false)};
    };
    std::string seen;
    auto const visit = [&](Json const& element) -> Result<Client::Walk> {
        seen += string_or(element, "id");
        return seen.ends_with("z") ? Client::Walk::stop : Client::Walk::on;
    };
    transport.answers = script();
    ASSERT_TRUE(client.for_each({"/v1/customers", {}}, {{"email", "x"}}, visit));
    EXPECT_EQ(seen, "abc");
    EXPECT_EQ(transport.requests.at(1).target, "http://127.0.0.1:1/v1/customers?email=x&limit=100&starting_after=b");

    transport.answers = {page(R"({"id":"z"},{"id":"y"})", true)};
    ASSERT_TRUE(client.for_each({"/v1/customers", {}}, {}, visit));
    EXPECT_EQ(seen, "abcz");

    transport.answers = script();
    auto const too_long = client.for_each({"/v1/customers", {}}, {}, [](auto&) { return Client::Walk::on; }, 1);
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().reason, "stripe_list_too_long");
}

TEST(CircuitBreaker, LetsOneProbeThroughAndWaitsLongerEachTime) {
    CircuitBreaker breaker({.failures_max = 2, .open_min = Duration::seconds(5), .open_max = Duration::seconds(12)});
    Timestamp now = Timestamp::from_seconds(1000);
    breaker.report_failure(now);
    breaker.report_success();
    breaker.report_failure(now);
    EXPECT_TRUE(breaker.allow(now));
    breaker.report_failure(now);
    EXPECT_FALSE(breaker.allow(now));
    breaker.report_failure(now);  // a caller that was under way
    for (auto const pause_s : {5, 10, 12, 12}) {
        EXPECT_EQ(breaker.time_until_probe(now), Duration::seconds(pause_s));
        now = now + Duration::seconds(pause_s);
        EXPECT_TRUE(breaker.allow(now));
        EXPECT_FALSE(breaker.allow(now));
        breaker.report_failure(now);
        EXPECT_FALSE(breaker.allow(now));
    }
    now = now + Duration::seconds(12);
    EXPECT_TRUE(breaker.allow(now));
    now = now + Duration::minutes(2);
    EXPECT_TRUE(breaker.allow(now));  // the first probe never reported
    breaker.report_success();
    EXPECT_TRUE(breaker.allow(now));
    EXPECT_TRUE(breaker.allow(now));
}

}  // namespace
}  // namespace billhook::stripe::client_test
