// An account can send several versions: each endpoint's events bear the name of the version that it was made with.

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::endpoint_directory_test {
namespace {

constexpr char newest[] = "2026-10-28.endive", acacia[] = "2024-09-30.acacia", dahlia[] = "2026-03-25.dahlia",
               endive[] = "2026-09-30.endive";

struct Sent : testing::Test {
    Answered make_destination(std::string const& version) {
        return stripe.post(
            "/v2/core/event_destinations",
            R"({"name":"d","type":"webhook_endpoint","event_payload":"snapshot","enabled_events":["price.created"],)"
            R"("snapshot_api_version":")" +
                version + R"(","webhook_endpoint":{"url":"http://127.0.0.1:1/hook"}})");
    }
    Json receive() {
        stripe.post("/v1/prices", "currency=usd&unit_amount=1&product_data[name]=x");
        EXPECT_EQ(stripe.deliver(), 1);
        return *parse_json(stripe.webhooks.received.back().body);
    }
    Driver stripe;
};

TEST_F(Sent, in_the_version_of_the_endpoint) {
    for (std::string const version : {newest, endive, dahlia, acacia, ""}) {
        auto const endpoint =
            stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1:1/hook&enabled_events[]=price.created" +
                                                     (version.empty() ? version : "&api_version=" + version));
        auto const event = receive();
        EXPECT_EQ(string_or(event, "api_version"), version.empty() ? newest : version);
        EXPECT_EQ(string_or(event, "data.object.unit_amount_decimal"), "1");
        stripe.remove("/v1/webhook_endpoints/" + endpoint["id"]);
    }
}

TEST_F(Sent, in_the_snapshot_version_of_the_destination) {
    for (std::string const version : {newest, endive, acacia}) {
        auto const destination = make_destination(version);
        EXPECT_EQ(string_or(receive(), "api_version"), version);
        stripe.remove("/v2/core/event_destinations/" + destination["id"]);
    }
    EXPECT_EQ(make_destination("2026-10-29.endive")["error.param"], "snapshot_api_version");
}

TEST_F(Sent, back_with_an_answer_is_the_version_that_was_asked_for) {
    for (std::string const version : {newest, endive, dahlia, acacia, "", "2026-10-29.endive"}) {
        net::HttpRequest request{.method = "GET", .target = "/v1/customers"};
        request.headers.set("Authorization", "Bearer sk_test_versions");
        if (!version.empty()) request.headers.set("Stripe-Version", version);
        auto const answer = stripe.sandbox.handle(request);
        bool const is_known = version != "2026-10-29.endive";
        EXPECT_EQ(answer.status, is_known ? 200 : 400);
        EXPECT_EQ(answer.headers.get_or("Stripe-Version"), is_known && !version.empty() ? version : newest);
    }
}

}  // namespace
}  // namespace billhook::sandbox::endpoint_directory_test
