#pragma once
// InboxTest: an empty store on each database, a clock moved by hand, and payloads to be received.

#include "base/digest.h"
#include "flow/webhook_inbox/receive.h"
#include "flow/webhook_inbox/replay.h"
#include "flow/webhook_inbox/worker.h"
#include "tests/store/store_fixture.h"

namespace billhook::flow {

using store::is_ok;
using store::reason_of;

inline std::string sign(std::string_view secret, std::string_view body, Timestamp at) {
    auto const time = std::to_string(at.seconds());
    return "t=" + time + ",v1=" + to_hex(hmac_sha256(secret, time + "." + std::string(body)));
}

inline std::string event_body(std::string const& id, std::string const& customer,
                              std::string const& type = "customer.subscription.updated") {
    return R"({"id":")" + id + R"(","object":"event","api_version":"2026-10-28.endive","created":1790000000,"type":")" +
           type + R"(","data":{"object":{"id":"sub_)" + customer +
           R"(","object":"subscription","status":"active","customer":")" + customer +
           R"(","metadata":{"billhook_customer":"acme","note":"Ada"},"description":"for Ada"}}})";
}

class InboxTest : public store::StoreTest {
  protected:
    std::string const secret = "whsec_test";
    ManualClock clock{Timestamp::from_seconds(1'790'000'000)};
    SeededRandom random{1};
    WebhookSecrets secrets{{secret}};
    int wakes = 0;

    WebhookReceiver receiver() {
        return {*store, secrets, {}, [this] { ++wakes; }};
    }
    Result<Receipt> receive(std::string const& body) {
        return receiver().receive(body, sign(secret, body, clock.now()), clock.now());
    }
    store::InboxEvent event(std::string const& id) {
        auto found = read([&](store::Reader& reader) { return store::find_event(reader, id); });
        EXPECT_TRUE(is_ok(found));
        EXPECT_TRUE(*found) << id;
        return found->value_or(store::InboxEvent{});
    }
    std::string status(std::string const& id) { return to_string(event(id).status); }
    void pass(Duration duration) { clock.set(clock.now() + duration); }
};

#define INBOX_SUITE(name)                                                                                              \
    class name : public InboxTest {};                                                                                  \
    INSTANTIATE_TEST_SUITE_P(Store, name, testing::Values(store::DatabaseKind::sqlite, store::DatabaseKind::postgres), \
                             store::kind_name)

}  // namespace billhook::flow
