#include "flow/command/register_webhook.h"

#include "gateway/stripe/event_calls.h"
#include "sandbox/sandbox.h"
#include "sandbox/sandbox_transport.h"
#include "sandbox/surface/validating_transport.h"
#include "store/setting_store.h"
#include "tests/webhook_inbox/inbox_fixture.h"

namespace billhook::flow::register_webhook_test {
namespace {

// The sandbox's webhooks go straight into the receiver, as http would hand them over.
class DoorTransport : public net::HttpTransport {
  public:
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration) override {
        auto const receipt = receive(request);
        last_reason = reason_of(receipt);
        if (receipt) ++accepted;
        return net::HttpResponse{.status = receipt ? 200 : 400};
    }
    std::function<Result<Receipt>(net::HttpRequest const&)> receive;
    int accepted = 0;
    std::string last_reason;
};

class RegisterWebhook : public InboxTest {
  protected:
    RegisterWebhook() {
        door.receive = [this](net::HttpRequest const& request) {
            auto const signature = request.headers.get_or("Stripe-Signature");
            return receiver().receive(request.body, signature, clock.now());
        };
    }
    void TearDown() override {
        for (auto const& violation : judged.take_violations()) ADD_FAILURE() << violation;
        InboxTest::TearDown();
    }
    EndpointContext context() { return {*store, client, clock, random, {"customer.created", "customer.updated"}}; }
    // Something happens at Stripe; how many deliveries were accepted.
    int deliveries_of_a_new_customer() {
        door.accepted = 0;
        EXPECT_TRUE(is_ok(client.post({"/v1/customers", {}}, {{"email", "a@b.test"}},
                                      stripe::IdempotencyKey::of("test", random.alphanumeric(8)))));
        pass(Duration::seconds(10));
        sandbox.deliver_due();
        return door.accepted;
    }
    std::size_t endpoints() { return stripe::list_webhook_endpoints(client)->size(); }

    std::string const url = "https://billing.test/webhooks/stripe";
    DoorTransport door;
    sandbox::Sandbox sandbox{{.clock = &clock, .webhook_transport = &door}};
    sandbox::SandboxTransport direct{sandbox};
    sandbox::ValidatingTransport judged{direct};
    stripe::ThreadSleeper sleeper;
    stripe::CircuitBreaker breaker;
    stripe::SilentMetrics metrics;
    stripe::Client client{{.api_base = "http://sandbox.test", .api_key = "sk_test_endpoint"},
                          {judged, clock, random, sleeper, breaker, metrics}};
};

INSTANTIATE_TEST_SUITE_P(Store, RegisterWebhook,
                         testing::Values(store::DatabaseKind::sqlite, store::DatabaseKind::postgres), store::kind_name);

TEST_P(RegisterWebhook, OnceAndThenNothing) {
    auto const before = webhook_status(context(), url);
    ASSERT_TRUE(is_ok(before));
    EXPECT_EQ(before->endpoint_id, "");
    EXPECT_FALSE(before->is_as_it_should_be());

    auto const created = register_webhook(context(), url);
    ASSERT_TRUE(is_ok(created));
    EXPECT_EQ(created->change, EndpointChange::created);
    auto const again = register_webhook(context(), url);
    ASSERT_TRUE(is_ok(again));
    EXPECT_EQ(again->change, EndpointChange::unchanged);
    EXPECT_EQ(again->endpoint_id, created->endpoint_id);
    EXPECT_EQ(endpoints(), 1u);
    auto const status = webhook_status(context(), url);
    ASSERT_TRUE(is_ok(status));
    EXPECT_TRUE(status->is_as_it_should_be());
    EXPECT_EQ(status->secrets, 1);

    EXPECT_EQ(deliveries_of_a_new_customer(), 1) << door.last_reason;
}

TEST_P(RegisterWebhook, RepairsWhatSomebodyChanged) {
    auto const created = register_webhook(context(), url);
    ASSERT_TRUE(is_ok(created));
    ASSERT_TRUE(is_ok(client.post_repeatable(
        {"/v1/webhook_endpoints/{id}", {created->endpoint_id}},
        {{"disabled", true}, {"enabled_events", JsonArray{"customer.created", "invoice.paid"}}})));
    auto const status = webhook_status(context(), url);
    ASSERT_TRUE(is_ok(status));
    EXPECT_FALSE(status->is_enabled);
    EXPECT_EQ(status->missing_types, std::vector<std::string>{"customer.updated"});
    EXPECT_EQ(status->surplus_types, std::vector<std::string>{"invoice.paid"});
    EXPECT_EQ(register_webhook(context(), url)->change, EndpointChange::updated);
    EXPECT_TRUE(webhook_status(context(), url)->is_as_it_should_be());

    EXPECT_EQ(register_webhook(context(), "https://other.test/hook")->change, EndpointChange::updated);
    EXPECT_EQ(endpoints(), 1u);
    EXPECT_EQ(webhook_status(context(), url)->url, "https://other.test/hook");

    ASSERT_TRUE(is_ok(stripe::delete_webhook_endpoint(client, created->endpoint_id)));
    EXPECT_EQ(register_webhook(context(), url)->change, EndpointChange::created);
    EXPECT_TRUE(webhook_status(context(), url)->is_as_it_should_be());
}

TEST_P(RegisterWebhook, ARotationLosesNothing) {
    auto const created = register_webhook(context(), url);
    ASSERT_TRUE(is_ok(created));
    // Signed by the old secret, on its way while the rotation happens.
    EXPECT_TRUE(is_ok(client.post({"/v1/customers", {}}, {}, stripe::IdempotencyKey::of("test", "early"))));
    auto const rotated = rotate_webhook_secret(context(), url, OldSecret::stays_a_day);
    ASSERT_TRUE(is_ok(rotated));
    EXPECT_NE(rotated->endpoint_id, created->endpoint_id);
    EXPECT_EQ(webhook_status(context(), url)->secrets, 2);
    pass(Duration::seconds(10));
    sandbox.deliver_due();
    EXPECT_EQ(door.accepted, 1) << door.last_reason;
    // Both endpoints send; the inbox keeps one.
    EXPECT_EQ(deliveries_of_a_new_customer(), 2) << door.last_reason;
    auto const counts = read([](store::Reader& reader) { return store::count_events(reader); });
    EXPECT_EQ(counts->at(store::QueueStatus::pending), 2);

    pass(Duration::hours(25));
    ASSERT_TRUE(is_ok(remove_ended_endpoints(context())));
    EXPECT_EQ(endpoints(), 1u);
    EXPECT_EQ(webhook_status(context(), url)->secrets, 1);
    EXPECT_EQ(deliveries_of_a_new_customer(), 1) << door.last_reason;
}

TEST_P(RegisterWebhook, ALeakedSecretGoesAtOnce) {
    ASSERT_TRUE(is_ok(register_webhook(context(), url)));
    auto const leaked = read(load_secrets)->front().secret;
    ASSERT_TRUE(is_ok(rotate_webhook_secret(context(), url, OldSecret::goes_at_once)));
    EXPECT_EQ(endpoints(), 1u);
    pass(Duration::seconds(10));
    auto const body = event_body("evt_1", "cus_1");
    EXPECT_EQ(reason_of(receiver().receive(body, sign(leaked, body, clock.now()), clock.now())), "signature_mismatch");
    EXPECT_EQ(deliveries_of_a_new_customer(), 1) << door.last_reason;
}

TEST_P(RegisterWebhook, ACrashBeforeTheSecretWasKeptMakesNoSecondEndpoint) {
    // What a process did that died after Stripe's answer: the wish is there, the endpoint too, the secret is not.
    ASSERT_TRUE(is_ok(write([&](store::Writer& writer) {
        return store::save_setting(writer, "stripe.webhook_wish", "whk_1", clock.now());
    })));
    auto const lost = stripe::create_webhook_endpoint(client,
                                                      {.url = url,
                                                       .enabled_events = {"customer.created", "customer.updated"},
                                                       .description = "Billhook",
                                                       .metadata = {{"billhook_endpoint", "whk_1"}}},
                                                      stripe::IdempotencyKey::of("whk_1", "create"));
    ASSERT_TRUE(is_ok(lost));
    auto const report = register_webhook(context(), url);
    ASSERT_TRUE(is_ok(report));
    EXPECT_EQ(report->endpoint_id, lost->id);
    EXPECT_EQ(endpoints(), 1u);
    EXPECT_EQ(deliveries_of_a_new_customer(), 1) << door.last_reason;
}

TEST_P(RegisterWebhook, StraysOfOursGoAndForeignOnesStay) {
    auto const make = [&](std::string const& mark, stripe::Metadata metadata) {
        auto const endpoint = stripe::create_webhook_endpoint(
            client,
            {.url = url, .enabled_events = {"invoice.paid"}, .description = "", .metadata = std::move(metadata)},
            stripe::IdempotencyKey::of(mark, "create"));
        EXPECT_TRUE(is_ok(endpoint));
        return endpoint->id;
    };
    make("stray", {{"billhook_endpoint", "whk_forgotten"}});
    auto const foreign = make("foreign", {});
    ASSERT_TRUE(is_ok(register_webhook(context(), url)));
    EXPECT_EQ(endpoints(), 2u);
    EXPECT_EQ(webhook_status(context(), url)->other_endpoints, std::vector<std::string>{foreign});

    // A wish that was for something else is dropped.
    ASSERT_TRUE(is_ok(write([&](store::Writer& writer) {
        return store::save_setting(writer, "stripe.webhook_wish", "foreign", clock.now());
    })));
    auto const old_id = webhook_status(context(), url)->endpoint_id;
    ASSERT_TRUE(is_ok(stripe::create_webhook_endpoint(client, {.url = url, .enabled_events = {"invoice.paid"}},
                                                      stripe::IdempotencyKey::of("whk_used", "create"))));
    ASSERT_TRUE(is_ok(write([&](store::Writer& writer) {
        return store::save_setting(writer, "stripe.webhook_wish", "whk_used", clock.now());
    })));
    auto const rotated = rotate_webhook_secret(context(), url, OldSecret::goes_at_once);
    ASSERT_TRUE(is_ok(rotated));
    EXPECT_NE(rotated->endpoint_id, old_id);
}

}  // namespace
}  // namespace billhook::flow::register_webhook_test
