// The sample events of src/gateway/stripe/testdata: one of each type that we handle, in three versions of the API.

#include <algorithm>
#include <fstream>
#include <map>

#include "flow/projector/event_handlers.h"
#include "flow/webhook_inbox/subject.h"
#include "gateway/stripe/objects.h"
#include "tests/webhook_inbox/inbox_fixture.h"

namespace billhook::flow::payload_test {
namespace {

constexpr char const* versions[] = {"2023-10-16", "2025-03-31.basil", "2026-10-28.endive"};

std::vector<std::string> payloads(std::string const& version) {
    std::ifstream file("src/gateway/stripe/testdata/events_" + version + ".jsonl");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    EXPECT_FALSE(lines.empty()) << version;
    return lines;
}

stripe::Event parse(std::string const& payload) {
    auto const tree = parse_json(payload);
    EXPECT_TRUE(is_ok(tree)) << payload;
    auto event = stripe::parse_event(*tree);
    EXPECT_TRUE(is_ok(event)) << payload;
    return *event;
}

// What must not differ between versions. Only the newer ones know a billing mode; only the older ones put the payment
// on the invoice, so that an event of a newer version does not name it.
stripe::Subscription comparable(stripe::Subscription subscription) {
    subscription.billing_mode.clear();
    return subscription;
}
stripe::Invoice comparable(stripe::Invoice invoice) {
    invoice.payments.clear();
    return invoice;
}
auto comparable(auto object) {
    return object;
}

template <class Parse>
void expect_same(std::vector<stripe::Event> const& events, Parse parse_object) {
    auto const first = parse_object(Json(events[0].object));
    ASSERT_TRUE(is_ok(first)) << events[0].type;
    for (auto const& event : events) {
        auto const object = parse_object(Json(event.object));
        ASSERT_TRUE(is_ok(object)) << event.type << ' ' << event.api_version;
        EXPECT_TRUE(comparable(*object) == comparable(*first)) << event.type << ' ' << event.api_version;
    }
}

void expect_same(std::vector<stripe::Event> const& events) {
    auto const kind = events[0].object_kind();
    if (kind == "subscription") return expect_same(events, [](Json const& t) { return stripe::parse_subscription(t); });
    if (kind == "invoice") return expect_same(events, [](Json const& t) { return stripe::parse_invoice(t); });
    if (kind == "customer") return expect_same(events, [](Json const& t) { return stripe::parse_customer(t); });
    if (kind == "price") return expect_same(events, [](Json const& t) { return stripe::parse_price(t); });
    if (kind == "product") return expect_same(events, [](Json const& t) { return stripe::parse_product(t); });
    if (kind == "checkout.session")
        return expect_same(events, [](Json const& t) { return stripe::parse_checkout_session(t); });
    if (kind == "subscription_schedule")
        return expect_same(events, [](Json const& t) { return stripe::parse_subscription_schedule(t); });
    ADD_FAILURE() << "no reader for " << kind;
}

TEST(Payload, IsReadTheSameInEveryVersion) {
    std::map<std::string, std::vector<stripe::Event>> by_type;
    for (auto const* version : versions)
        for (auto const& payload : payloads(version)) {
            auto event = parse(payload);
            EXPECT_EQ(event.api_version, version);
            by_type[event.type].push_back(std::move(event));
        }
    for (auto const& [type, events] : by_type) {
        ASSERT_EQ(events.size(), std::size(versions)) << type;
        expect_same(events);
    }
}

TEST(Payload, ThereIsOneOfEachTypeThatIsHandled) {
    std::vector<std::string> sampled;
    for (auto const& payload : payloads(versions[0])) sampled.push_back(parse(payload).type);
    for (auto const& type : handled_event_types())
        EXPECT_NE(std::ranges::find(sampled, type), sampled.end()) << "no sample of " << type;
    for (auto const& type : sampled) EXPECT_TRUE(is_handled_event_type(type)) << type << " has no handler";
}

INBOX_SUITE(PayloadReceipt);

TEST_P(PayloadReceipt, KeepsIdsAndNoPerson) {
    for (auto const* version : versions)
        for (auto const& payload : payloads(version)) {
            auto const sent = parse(payload);
            SCOPED_TRACE(sent.type + ' ' + version);
            // Each version numbers its events alike.
            auto const body = [&] {
                auto tree = parse_json(payload)->get_object();
                tree["id"] = sent.id + '_' + version;
                return to_text(tree);
            }();
            ASSERT_TRUE(is_ok(receive(body)));
            auto const row = event(sent.id + '_' + version);
            EXPECT_EQ(row.type, sent.type);
            EXPECT_EQ(row.api_version, version);
            bool const is_catalog = sent.object_kind() == "price" || sent.object_kind() == "product";
            EXPECT_EQ(row.subject, is_catalog ? "prod_pro" : "cus_acme");
            EXPECT_EQ(row.payload.find("PERSON"), std::string::npos) << row.payload;
            EXPECT_EQ(row.payload.find("SECRET"), std::string::npos) << row.payload;
            auto const kept = parse(row.payload);
            EXPECT_EQ(kept.object_id(), sent.object_id());
            for (auto const* path :
                 {"status", "customer", "subscription", "metadata.billhook_customer", "payment_status",
                  "parent.subscription_details.subscription", "lookup_key", "released_subscription"})
                EXPECT_EQ(string_or(Json(kept.object), path), string_or(Json(sent.object), path)) << path;
        }
}

}  // namespace
}  // namespace billhook::flow::payload_test
