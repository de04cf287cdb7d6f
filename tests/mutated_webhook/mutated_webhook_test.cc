// Webhooks that Stripe did not send, through the real receiver into a real store: none is accepted, and nothing of them
// is kept. Webhooks that it did send, from the same source, are accepted every time. MUTATIONS is how many.

#include <cstdlib>
#include <fstream>

#include "tests/mutated_webhook/mutation.h"
#include "tests/webhook_inbox/inbox_fixture.h"

namespace billhook::flow::mutated_webhook_test {
namespace {

using mutated::mutations;
using mutated::sign_event;
using mutated::SignedEvent;

constexpr std::uint64_t seed = 20'261'121;
constexpr int unspoilt_every = 100;

std::uint64_t mutation_count() {
    auto const* wanted = std::getenv("MUTATIONS");
    return wanted ? std::strtoull(wanted, nullptr, 10) : 20'000;
}

std::vector<std::string> sample_bodies() {
    std::vector<std::string> bodies;
    for (auto const* version : {"2023-10-16", "2025-03-31.basil", "2026-10-28.endive"}) {
        std::ifstream file(std::string("src/gateway/stripe/testdata/events_") + version + ".jsonl");
        for (std::string line; std::getline(file, line);) bodies.push_back(line);
    }
    return bodies;
}

class MutatedWebhook : public InboxTest {
  protected:
    /// One of the samples, as an event of its own.
    SignedEvent next_event() {
        static auto const samples = sample_bodies();
        auto body = samples[random.below(samples.size())];
        auto const id = body.find("\"evt_") + 5;
        body.replace(id, body.find('"', id) - id, random.alphanumeric(24));
        return sign_event(std::move(body), secret, clock.now());
    }
    std::int64_t stored() {
        auto const counts = read([](store::Reader& reader) { return store::count_events(reader); });
        EXPECT_TRUE(is_ok(counts));
        std::int64_t total = 0;
        for (auto const& each : *counts) total += each.second;
        return total;
    }
    SeededRandom random{seed};
};
INSTANTIATE_TEST_SUITE_P(Store, MutatedWebhook, testing::Values(store::DatabaseKind::sqlite), store::kind_name);

TEST_P(MutatedWebhook, NoneIsAcceptedAndAllUnspoiltAre) {
    ASSERT_FALSE(sample_bodies().empty());
    auto receiver = this->receiver();
    std::vector<std::uint64_t> refused(mutations().size());
    std::int64_t accepted = 0;
    for (std::uint64_t i = 0; i < mutation_count(); ++i) {
        auto const event = next_event();
        auto const which = i % mutations().size();
        auto const spoilt = mutations()[which].spoil(event, secret, clock.now(), random);
        ASSERT_NE(spoilt, event) << mutations()[which].name;
        auto const answer = receiver.receive(spoilt.body, spoilt.header, clock.now());
        ASSERT_FALSE(answer) << mutations()[which].name << "\n" << spoilt.header << "\n" << spoilt.body;
        ASSERT_TRUE(answer.error().reason.starts_with("signature_")) << answer.error().reason;
        ASSERT_EQ(answer.error().field, "Stripe-Signature");
        ++refused[which];
        if (i % unspoilt_every != 0) continue;
        auto const good = receiver.receive(event.body, event.header, clock.now());
        ASSERT_TRUE(is_ok(good)) << event.header << "\n" << event.body;
        ASSERT_TRUE(good->is_new);
        ++accepted;
    }
    EXPECT_EQ(stored(), accepted);
    for (std::size_t which = 0; which < refused.size(); ++which)
        std::printf("%8llu refused: %s\n", static_cast<unsigned long long>(refused[which]), mutations()[which].name);
    std::printf("%8lld unspoilt ones between them, all accepted\n", static_cast<long long>(accepted));
}

}  // namespace
}  // namespace billhook::flow::mutated_webhook_test
