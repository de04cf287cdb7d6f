#include "sandbox/sandbox.h"

#include "base/digest.h"
#include "sandbox/testing/driver.h"

namespace billhook::sandbox::sandbox_test {
namespace {

TEST(Sandbox, KeepsWhatWasCreated) {
    Driver stripe;
    auto const made = stripe.post("/v1/customers", "email=a@example.com&metadata[tier]=gold");
    ASSERT_EQ(made.status, 200) << made[""];
    auto const read = stripe.get("/v1/customers/" + made["id"]);
    EXPECT_EQ(read["email"], "a@example.com");
    EXPECT_EQ(read["metadata.tier"], "gold");
    EXPECT_EQ(stripe.new_events(), "customer.created");
}

TEST(Sandbox, RefusesWithStripesWords) {
    struct Case {
        char const* method;
        char const* target;
        char const* form;
        int status;
        char const* code;
        char const* param;
    };
    Case const cases[] = {
        {"POST", "/v1/customers", "nonsense=1", 400, "parameter_unknown", "nonsense"},
        {"POST", "/v1/customers", "address[planet]=x", 400, "parameter_unknown", "address[planet]"},
        {"POST", "/v1/customers", "balance=ten", 400, "parameter_invalid_integer", "balance"},
        {"POST", "/v1/subscriptions", "customer=cus_x&items[0][price]=price_x&items[0][quantity]=-1", 400,
         "parameter_invalid_integer", "items[0][quantity]"},
        {"POST", "/v1/payment_intents", "amount=49&currency=usd", 400, "amount_too_small", "amount"},
        {"POST", "/v1/customers", "email=", 400, "parameter_invalid_empty", "email"},
        {"POST", "/v1/customers", "tax_exempt=maybe", 400, "(absent)", "tax_exempt"},
        {"POST", "/v1/products", "", 400, "parameter_missing", "name"},
        {"GET", "/v1/customers/cus_none", "", 404, "resource_missing", "id"},
        {"GET", "/v1/customers?limit=0", "", 400, "parameter_invalid_integer", "limit"},
        {"GET", "/v1/nowhere", "", 404, "(absent)", "(absent)"},
        {"POST", "/v1/customers", "test_clock=clock_none", 400, "resource_missing", "test_clock"},
    };
    Driver stripe;
    for (auto const& c : cases) {
        auto const answer = stripe.send(c.method, c.target, c.form);
        EXPECT_EQ(answer.status, c.status) << c.target << " " << c.form << " " << answer[""];
        EXPECT_EQ(answer["error.code"], c.code) << c.target << " " << c.form;
        EXPECT_EQ(answer["error.param"], c.param) << c.target << " " << c.form;
    }
    EXPECT_EQ(stripe.get("/v1/customers")["data"], "[]");
    EXPECT_EQ(stripe.new_events(), "");
}

TEST(Sandbox, ReplaysAnIdempotentRequest) {
    Driver stripe;
    auto const first = stripe.post("/v1/customers", "name=A", "key-1");
    auto const again = stripe.post("/v1/customers", "name=A", "key-1");
    EXPECT_EQ(first["id"], again["id"]);
    EXPECT_EQ(again.headers.get_or("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.headers.get_or("Original-Request"), first.headers.get_or("Request-Id"));
    auto const other = stripe.post("/v1/customers", "name=B", "key-1");
    EXPECT_EQ(other.status, 400);
    EXPECT_EQ(other["error.type"], "idempotency_error");
    // A request that was refused before it began leaves the key free.
    EXPECT_EQ(stripe.post("/v1/customers", "nonsense=1", "key-2").status, 400);
    EXPECT_EQ(stripe.post("/v1/customers", "name=C", "key-2").status, 200);
    // After a day the key is forgotten.
    stripe.clock.set(stripe.clock.now() + Duration::hours(25));
    EXPECT_NE(stripe.post("/v1/customers", "name=A", "key-1")["id"], first["id"]);
}

// SEMANTICS section 1: keys of the second generation are for POST and DELETE and kept 30 days.
TEST(Sandbox, KeepsTheKeysOfTheSecondGenerationForThirtyDays) {
    Driver stripe;
    auto const start = stripe.clock.now();
    auto const wish = R"({"name":"d","type":"webhook_endpoint","event_payload":"snapshot","enabled_events":["*"],)"
                      R"("webhook_endpoint":{"url":"http://127.0.0.1:1/hook"}})";
    auto const make = [&] { return stripe.post("/v2/core/event_destinations", wish, "key-1")["id"]; };
    auto const first = make();
    stripe.clock.set(start + Duration::days(30));
    stripe.post("/v1/customers", "", "key-2");  // by which the keys of a day ago are forgotten
    EXPECT_EQ(make(), first);
    stripe.clock.set(start + Duration::days(30) + Duration::seconds(1));
    EXPECT_NE(make(), first);
}

// SEMANTICS section 1: on errors Stripe-Should-Retry is true or false; a replay is an answer like any other.
TEST(Sandbox, AdvisesOnARetryAlsoWhereAnErrorIsReplayed) {
    Driver stripe;
    stripe.post("/_sandbox/faults",
                R"({"requests":[{"operation":"POST /v1/products","times":1,"fault":"error_answer"}]})");
    struct Case {
        char const *target, *form;
        int status;
        char const* advice;
    };
    Case const cases[] = {
        {"/v1/products", "name=Tool", 500, "true"},
        {"/v1/payment_methods/pm_card_chargeDeclined/attach", "customer=cus_none", 400, "false"},
        {"/v1/customers", "name=A", 200, ""},
    };
    for (auto const& c : cases)
        for (auto const* replayed : {"", "true"}) {
            auto const answer = stripe.post(c.target, c.form, std::string("key of ") + c.target);
            EXPECT_EQ(answer.status, c.status) << c.target;
            EXPECT_EQ(answer.headers.get_or("Idempotent-Replayed"), replayed) << c.target;
            EXPECT_EQ(answer.headers.get_or("Stripe-Should-Retry"), c.advice) << c.target;
        }
}

TEST(Sandbox, PagesNewestFirst) {
    Driver stripe;
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(stripe.post("/v1/customers")["id"]);
    auto const first = stripe.get("/v1/customers?limit=2");
    EXPECT_EQ(first["data.0.id"], ids[4]);
    EXPECT_EQ(first["has_more"], "true");
    auto const next = stripe.get("/v1/customers?limit=2&starting_after=" + ids[3]);
    EXPECT_EQ(next["data.0.id"], ids[2]);
    EXPECT_EQ(next["data.1.id"], ids[1]);
    auto const back = stripe.get("/v1/customers?limit=2&ending_before=" + ids[1]);
    EXPECT_EQ(back["data.0.id"], ids[3]);
    EXPECT_EQ(back["data.1.id"], ids[2]);
    EXPECT_EQ(stripe.get("/v1/customers?starting_after=" + ids[0] + "&ending_before=" + ids[1]).status, 400);
}

TEST(Sandbox, SignsAndRetriesWebhooks) {
    Driver stripe;
    auto const endpoint =
        stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1:1/hook&enabled_events[]=customer.created");
    ASSERT_EQ(endpoint.status, 200) << endpoint[""];
    stripe.webhooks.status = 500;
    stripe.post("/v1/customers", "name=A");
    EXPECT_EQ(stripe.deliver(), 1);
    EXPECT_EQ(stripe.deliver(), 0);
    EXPECT_EQ(stripe.get("/v1/events")["data.0.pending_webhooks"], "1");
    stripe.webhooks.status = 200;
    stripe.clock.set(stripe.clock.now() + Duration::seconds(1));
    EXPECT_EQ(stripe.deliver(), 1);
    EXPECT_EQ(stripe.get("/v1/events")["data.0.pending_webhooks"], "0");
    auto const& sent = stripe.webhooks.received.back();
    auto const time = std::to_string(stripe.clock.now().seconds());
    EXPECT_EQ(sent.headers.get_or("Stripe-Signature"),
              "t=" + time + ",v1=" + to_hex(hmac_sha256(endpoint["secret"], time + "." + sent.body)));
    EXPECT_EQ(stripe.get("/v1/webhook_endpoints/" + endpoint["id"])["secret"], "(absent)");
}

TEST(Sandbox, MovesItsOwnTimeByTheApi) {
    Driver stripe;
    auto const now = stripe.clock.now().seconds();
    auto const answer = stripe.post("/v1/test_helpers/test_clocks/clock_sandbox/advance",
                                    "frozen_time=" + std::to_string(now + 86'400));
    EXPECT_EQ(answer["status"], "advancing");
    EXPECT_EQ(stripe.get("/v1/test_helpers/test_clocks/clock_sandbox")["status"], "ready");
    EXPECT_EQ(stripe.clock.now().seconds(), now + 86'400);
}

TEST(Sandbox, AdvancesATestClock) {
    Driver stripe;
    auto const clock = stripe.post("/v1/test_helpers/test_clocks", "frozen_time=1700000000&name=story");
    auto const customer = stripe.post("/v1/customers", "test_clock=" + clock["id"]);
    EXPECT_EQ(customer["created"], "1700000000");
    auto const path = "/v1/test_helpers/test_clocks/" + clock["id"];
    EXPECT_EQ(stripe.post(path + "/advance", "frozen_time=1700000000").status, 400);
    EXPECT_EQ(stripe.post(path + "/advance", "frozen_time=1700001000")["status"], "advancing");
    EXPECT_EQ(stripe.get(path)["status"], "ready");
    EXPECT_EQ(stripe.get(path)["frozen_time"], "1700001000");
    EXPECT_EQ(stripe.get("/v1/customers")["data"], "[]");
    EXPECT_EQ(stripe.get("/v1/customers?test_clock=" + clock["id"])["data.0.id"], customer["id"]);
    EXPECT_EQ(stripe.remove(path)["deleted"], "true");
    EXPECT_EQ(stripe.get("/v1/customers/" + customer["id"])["deleted"], "true");
}

// SEMANTICS section 18: clocks are deleted automatically (deletes_after, 30 days), and DELETE takes the customers
// along.
TEST(Sandbox, DeletesATestClockAfterThirtyDays) {
    Driver stripe;
    auto const start = stripe.clock.now();
    auto const clock = stripe.post("/v1/test_helpers/test_clocks", "frozen_time=1700000000");
    EXPECT_EQ(clock["deletes_after"], std::to_string((start + Duration::days(30)).seconds()));
    auto const customer = stripe.post("/v1/customers", "test_clock=" + clock["id"])["id"];
    auto const path = "/v1/test_helpers/test_clocks/" + clock["id"];
    EXPECT_EQ(stripe.post(path + "/advance", "frozen_time=1710000000").status, 200) << "simulated time does not count";
    stripe.clock.set(start + Duration::days(30) - Duration::seconds(1));
    stripe.sandbox.run_due();
    EXPECT_EQ(stripe.get(path)["status"], "ready");
    stripe.new_events();
    stripe.clock.set(start + Duration::days(30));
    stripe.sandbox.run_due();
    EXPECT_EQ(stripe.get(path).status, 404);
    EXPECT_EQ(stripe.get("/v1/customers/" + customer)["deleted"], "true");
    EXPECT_EQ(stripe.new_events(), "customer.deleted test_helpers.test_clock.deleted");
}

}  // namespace
}  // namespace billhook::sandbox::sandbox_test
