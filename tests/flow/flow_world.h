#pragma once
// FlowWorld: a small house for the flows' own tests: the sandbox in this process, a database, a catalog that has been
// applied, commands, and webhooks that are delivered when the test says so. Every answer of the sandbox is judged by
// the API's surface.

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "domain/catalog/catalog.h"
#include "flow/command/cancel_subscription.h"
#include "flow/command/change_plan.h"
#include "flow/command/context.h"
#include "flow/command/customer_command.h"
#include "flow/command/purchase.h"
#include "flow/price_book.h"
#include "flow/projector/recent_reads.h"
#include "gateway/stripe/calls.h"
#include "sandbox/sandbox.h"
#include "sandbox/sandbox_transport.h"
#include "sandbox/surface/validating_transport.h"
#include "tests/store/test_database.h"

namespace billhook::flow {

/// Thrown through a command where the test wants the process to die.
struct Death {};

/// What stands between Billhook and the sandbox: the test may let a call fail before or after Stripe has acted, or let
/// the process die there.
class FaultyTransport : public net::HttpTransport {
  public:
    /// key_in_use: Stripe says that a request with this idempotency key is still running.
    enum class Fault { none, lost_before, lost_after, death_before, death_after, key_in_use };
    using Choose = std::function<Fault(net::HttpRequest const&)>;

    explicit FaultyTransport(net::HttpTransport& inner) : inner_(inner) {}
    void choose(Choose choose);
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration timeout) override;
    /// "POST /v1/checkout/sessions", in order, GETs left out.
    std::vector<std::string> take_writes();
    /// Until Stripe is answering nobody.
    void wait_until_quiet();

  private:
    net::HttpTransport& inner_;
    std::mutex mutex_;
    std::condition_variable has_answered_;
    int being_answered_ = 0;
    Choose choose_;
    std::vector<std::string> writes_;
};

/// Keeps the webhooks until the test has them handled.
class HeldWebhooks : public net::HttpTransport {
  public:
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration timeout) override;
    std::vector<net::HttpRequest> take();

  private:
    std::mutex mutex_;
    std::vector<net::HttpRequest> held_;
};

/// Who is to try again later does so when Stripe has answered everybody else: what stands in its way is another
/// thread's call, however long the machine takes over it.
class WaitForOthers : public stripe::Sleeper {
  public:
    explicit WaitForOthers(std::unique_ptr<FaultyTransport> const& transport) : transport_(transport) {}
    bool sleep(Duration) override {
        transport_->wait_until_quiet();
        return true;
    }

  private:
    std::unique_ptr<FaultyTransport> const& transport_;
};

class FlowWorld {
  public:
    explicit FlowWorld(store::DatabaseKind kind, std::uint64_t seed = 1);
    ~FlowWorld();

    // A customer's doing, as the tests speak of it.
    void add_customer(std::string const& id);
    PurchaseRequest buying(std::string const& customer, std::string const& plan,
                           IntervalUnit interval = IntervalUnit::month) const;
    ChangeRequest changing(std::string const& customer, std::string const& plan,
                           IntervalUnit interval = IntervalUnit::month) const;
    /// Buys and pays on the hosted page; fails the test where that does not work.
    void subscribe(std::string const& customer, std::string const& plan, IntervalUnit interval = IntervalUnit::month);
    /// Presses the button of the hosted page. The status of the page's answer.
    int pay(std::string const& url, std::string const& card = "4242424242424242");
    /// Attaches a card and makes it the customer's default.
    void set_card(std::string const& customer, std::string const& payment_method = "pm_card_visa");

    SubscriptionView view(std::string const& customer, std::string const& line = "tier");
    /// "pro active", "starter trialing next=pro", "free", with " cancel" and " pending=upgrade" where that is so.
    std::string show(std::string const& customer, std::string const& line = "tier");
    /// "free->trialing trialing->active", oldest first.
    std::string history(std::string const& customer);
    /// The customer's intents' ends, oldest first: "purchase:confirmed upgrade:refused".
    std::string intents(std::string const& customer);

    // Time and news.
    void advance(Duration by);
    /// Until whoever looks at the clock once more sees the last millisecond of a second: a second look is in the next.
    void await_end_of_second();
    /// Delivers webhooks until none is left. The number of events.
    int deliver();
    std::vector<stripe::Event> take_events();
    void handle(stripe::Event const& event);
    /// Delivers the outbox's due messages, as the worker would. The number delivered.
    int run_outbox();

    /// A request to the sandbox past Billhook, as somebody at Stripe's Dashboard would do it.
    Json at_stripe(std::string const& method, std::string const& target, std::string const& form = {});
    /// How many of the customer's there are at Stripe: "subscriptions?status=all", "checkout/sessions", "invoices",
    /// "subscription_schedules".
    std::size_t count_at_stripe(std::string const& customer, std::string const& what,
                                std::function<bool(Json const&)> const& counts = {});

    StepClock steps{parse_rfc3339("2026-03-10T09:00:00Z").value(), Duration::milliseconds(1)};
    ShiftedClock clock{steps};
    SeededRandom random;
    HeldWebhooks webhooks;
    sandbox::ValidatingTransport judged_webhooks{webhooks};
    std::unique_ptr<sandbox::Sandbox> stripe_sandbox;
    std::unique_ptr<sandbox::SandboxTransport> direct;
    std::unique_ptr<sandbox::ValidatingTransport> judged;
    std::unique_ptr<FaultyTransport> transport;
    WaitForOthers sleeper{transport};
    stripe::CircuitBreaker breaker{{.failures_max = 1'000'000}};
    stripe::SilentMetrics metrics;
    std::unique_ptr<stripe::Client> client;
    std::unique_ptr<store::TestDatabase> database;
    std::unique_ptr<store::Store> store;
    std::shared_ptr<catalog::Catalog const> catalog;
    std::shared_ptr<PriceBook const> prices;
    RecentReads reads;
    std::atomic<int> projections{0};
    std::unique_ptr<ProjectorContext> projector;
    std::unique_ptr<CommandContext> commands;

  private:
    void apply_catalog();
};

testing::AssertionResult is_ok(auto const& result) {
    if (result) return testing::AssertionSuccess();
    return testing::AssertionFailure() << result.error().reason << ": " << result.error().detail << " "
                                       << to_text(result.error().extra);
}
std::string reason_of(auto const& result) {
    return result ? "" : result.error().reason;
}

/// A world for each test, once on SQLite and once on PostgreSQL.
class FlowTest : public testing::TestWithParam<store::DatabaseKind> {
  protected:
    void SetUp() override { world = std::make_unique<FlowWorld>(GetParam()); }
    std::unique_ptr<FlowWorld> world;
};

#define FLOW_SUITE(name)                                                                           \
    class name : public FlowTest {};                                                               \
    INSTANTIATE_TEST_SUITE_P(                                                                      \
        Flow, name, testing::Values(store::DatabaseKind::sqlite, store::DatabaseKind::postgres),   \
        [](auto const& info) {                                                                     \
            return std::string(info.param == store::DatabaseKind::sqlite ? "sqlite" : "postgres"); \
        })

}  // namespace billhook::flow
