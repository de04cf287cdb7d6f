#include "tests/flow/flow_world.h"

#include <chrono>

#include "flow/command/outbox_message.h"
#include "flow/projector/event_handlers.h"
#include "store/catalog_store.h"
#include "store/customer_store.h"
#include "store/outbox_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {

void FaultyTransport::choose(Choose choose) {
    std::lock_guard const lock(mutex_);
    choose_ = std::move(choose);
}

Result<net::HttpResponse> FaultyTransport::send(net::HttpRequest const& request, Duration timeout) {
    Choose choose;
    {
        std::lock_guard const lock(mutex_);
        choose = choose_;
    }
    // Unlocked: what the test chooses to do may call Stripe itself, as somebody else would at this very moment.
    auto const fault = choose ? choose(request) : Fault::none;
    if (fault == Fault::death_before) throw Death{};
    if (fault == Fault::lost_before) return fail(unavailable("timeout", "lost on the way there"));
    if (fault == Fault::key_in_use)
        return net::HttpResponse{.status = 409,
                                 .body = R"({"error":{"type":"idempotency_error","code":"idempotency_key_in_use",)"
                                         R"("message":"There is currently another in-progress request."}})"};
    {
        std::lock_guard const lock(mutex_);
        ++being_answered_;
    }
    auto response = inner_.send(request, timeout);
    std::unique_lock lock(mutex_);
    --being_answered_;
    has_answered_.notify_all();
    if (request.method != "GET") {
        auto target = request.target;
        if (auto scheme = target.find("://"); scheme != std::string::npos)
            target = target.substr(target.find('/', scheme + 3));
        writes_.push_back(request.method + " " + target);
    }
    lock.unlock();
    if (fault == Fault::death_after) throw Death{};
    if (fault == Fault::lost_after) return fail(unavailable("connection_lost", "lost on the way back"));
    return response;
}

void FaultyTransport::wait_until_quiet() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(has_answered_.wait_for(lock, std::chrono::seconds(60), [this] { return being_answered_ == 0; }));
}

std::vector<std::string> FaultyTransport::take_writes() {
    std::lock_guard const lock(mutex_);
    return std::exchange(writes_, {});
}

Result<net::HttpResponse> HeldWebhooks::send(net::HttpRequest const& request, Duration) {
    std::lock_guard const lock(mutex_);
    held_.push_back(request);
    return net::HttpResponse{.status = 200};
}

std::vector<net::HttpRequest> HeldWebhooks::take() {
    std::lock_guard const lock(mutex_);
    return std::exchange(held_, {});
}

namespace {

catalog::Plan plan(std::string const& line, std::string const& code, int rank, std::int64_t month_amount) {
    catalog::Plan plan{.code = code, .name = code, .line = line, .rank = rank};
    plan.prices = {{code + "_month", IntervalUnit::month, {{"eur", month_amount}}, {}},
                   {code + "_year", IntervalUnit::year, {{"eur", 10 * month_amount}}, {}}};
    plan.features["clients"] = {true, 10 * (rank + 1)};
    return plan;
}

std::shared_ptr<catalog::Catalog> sample_catalog() {
    auto catalog = std::make_shared<catalog::Catalog>();
    catalog->default_currency = "eur";
    catalog->currencies = {"eur"};
    catalog->lines = {{"tier", "Tier", {"starter", "pro", "max"}}, {"ai", "AI", {"ai_basic", "ai_plus"}}};
    catalog->plans["starter"] = plan("tier", "starter", 0, 1000);
    catalog->plans["pro"] = plan("tier", "pro", 1, 3000);
    catalog->plans["max"] = plan("tier", "max", 2, 9000);
    catalog->plans["ai_basic"] = plan("ai", "ai_basic", 0, 500);
    catalog->plans["ai_plus"] = plan("ai", "ai_plus", 1, 1500);
    catalog->plans["ai_basic"].trial_days = 14;
    catalog->plans["ai_basic"].trial_needs_card = false;
    catalog->features["clients"] = {.code = "clients", .type = catalog::FeatureType::limit, .is_gauge = true};
    return catalog;
}

void expect_clean(sandbox::ValidatingTransport& judged) {
    for (auto const& violation : judged.take_violations()) ADD_FAILURE() << violation;
}

}  // namespace

FlowWorld::FlowWorld(store::DatabaseKind kind, std::uint64_t seed) : random(seed), database(make_test_database(kind)) {
    stripe_sandbox = std::make_unique<sandbox::Sandbox>(
        sandbox::SandboxOptions{.seed = seed,
                                .clock = &clock,
                                .move_clock = [this](Timestamp t) { clock.advance_to(t); },
                                .webhook_transport = &judged_webhooks});
    direct = std::make_unique<sandbox::SandboxTransport>(*stripe_sandbox);
    judged = std::make_unique<sandbox::ValidatingTransport>(*direct);
    transport = std::make_unique<FaultyTransport>(*judged);
    client =
        std::make_unique<stripe::Client>(stripe::ClientOptions{.api_base = "http://sandbox", .api_key = "sk_test_flow"},
                                         stripe::ClientParts{*transport, steps, random, sleeper, breaker, metrics});
    EXPECT_TRUE(is_ok(store::migrate(database->address())));
    store = std::move(store::open_store(database->address()).value());
    catalog = sample_catalog();
    projector =
        std::make_unique<ProjectorContext>(ProjectorContext{*client,
                                                            clock,
                                                            random,
                                                            reads,
                                                            [this] { return catalog; },
                                                            [this] { return prices; },
                                                            [this](store::Writer&, CustomerId const&) -> Status {
                                                                ++projections;
                                                                return {};
                                                            },
                                                            {}});
    CommandSettings settings{.success_url = "https://app.example/done",
                             .cancel_url = "https://app.example/back",
                             .portal_return_url = "https://app.example/billing"};
    commands = std::make_unique<CommandContext>(CommandContext{*store, *projector, settings});
    apply_catalog();
    at_stripe("POST", "/v1/billing_portal/configurations",
              "features[invoice_history][enabled]=true&metadata[billhook_portal]=default");
    at_stripe("POST", "/v1/webhook_endpoints", "url=http://billhook/hook&enabled_events[0]=*");
    transport->take_writes();
}

FlowWorld::~FlowWorld() {
    expect_clean(*judged);
    expect_clean(judged_webhooks);
}

void FlowWorld::apply_catalog() {
    std::vector<store::CatalogPrice> rows;
    for (auto const& [code, plan] : catalog->plans) {
        auto product =
            stripe::create_product(*client, {.name = plan.name}, stripe::IdempotencyKey::of(code, "product"));
        ASSERT_TRUE(is_ok(product));
        for (auto const& price : plan.prices) {
            auto const amount = price.amounts.at("eur");
            auto made = stripe::create_price(*client,
                                             {.product_id = product->id,
                                              .currency = "eur",
                                              .unit_amount = amount,
                                              .interval = Interval{price.interval, 1},
                                              .lookup_key = price.lookup_key},
                                             stripe::IdempotencyKey::of(price.lookup_key, "price"));
            ASSERT_TRUE(is_ok(made));
            rows.push_back({made->id, "eur", price.lookup_key, product->id, code, price.interval, amount, true});
        }
    }
    ASSERT_TRUE(is_ok(store->write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        for (auto const& row : rows) TRY_VOID(store::save_catalog_price(writer, row));
        return {};
    })));
    prices = std::make_shared<PriceBook const>(rows);
}

void FlowWorld::add_customer(std::string const& id) {
    ASSERT_TRUE(is_ok(put_customer(*commands, {.customer = CustomerId(id), .name = "Company " + id})));
}

PurchaseRequest FlowWorld::buying(std::string const& customer, std::string const& plan, IntervalUnit interval) const {
    PurchaseRequest request;
    request.asker = {CustomerId(customer), "customer:" + customer};
    request.target = {plan, interval, 1};
    return request;
}

ChangeRequest FlowWorld::changing(std::string const& customer, std::string const& plan, IntervalUnit interval) const {
    ChangeRequest request;
    request.asker = {CustomerId(customer), "customer:" + customer};
    request.target = {plan, interval, 0};
    return request;
}

int FlowWorld::pay(std::string const& url, std::string const& card) {
    net::HttpRequest request{.method = "POST", .target = url};
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = "email=payer@example.com&exp_month=1&exp_year=2040&cvc=123&number=" + card;
    return direct->send(request, Duration::seconds(5))->status;
}

void FlowWorld::subscribe(std::string const& customer, std::string const& plan, IntervalUnit interval) {
    add_customer(customer);
    auto checkout = purchase(*commands, buying(customer, plan, interval));
    ASSERT_TRUE(is_ok(checkout));
    ASSERT_EQ(pay(checkout->url), 303);
    deliver();
}

void FlowWorld::set_card(std::string const& customer, std::string const& payment_method) {
    auto record = ensure_stripe_customer(*commands, CustomerId(customer));
    ASSERT_TRUE(is_ok(record));
    auto attached = at_stripe("POST", "/v1/payment_methods/" + payment_method + "/attach",
                              "customer=" + record->stripe_customer_id);
    at_stripe("POST", "/v1/customers/" + record->stripe_customer_id,
              "invoice_settings[default_payment_method]=" + string_or(attached, "id"));
    // What Checkout saved on a subscription comes before the customer's default.
    auto list = at_stripe("GET", "/v1/subscriptions?customer=" + record->stripe_customer_id);
    for (auto const& each : list.at("data").as_array())
        at_stripe("POST", "/v1/subscriptions/" + string_or(each, "id"),
                  "default_payment_method=" + string_or(attached, "id"));
}

SubscriptionView FlowWorld::view(std::string const& customer, std::string const& line) {
    CustomerId const id(customer);
    return store
        ->read_value(store::Scope::customer(id), [&](store::Reader& reader) { return view_line(reader, id, line); })
        .value();
}

std::string FlowWorld::show(std::string const& customer, std::string const& line) {
    auto const seen = view(customer, line);
    std::string out = "free";
    if (seen.subscription) {
        auto const& record = *seen.subscription;
        out = record.plan + " " + to_string(record.status);
        if (record.interval == IntervalUnit::year) out += " yearly";
        if (subscription::plan_quantity(record) != 1) out += " x" + std::to_string(subscription::plan_quantity(record));
        if (record.cancel_at_period_end && !subscription::has_ended(record.status)) out += " leaving";
    }
    if (seen.scheduled) {
        out += " next=" + seen.scheduled->to_plan;
        if (seen.scheduled->to_quantity != subscription::plan_quantity(*seen.subscription))
            out += " x" + std::to_string(seen.scheduled->to_quantity);
    }
    if (seen.pending) out += std::string(" pending=") + to_string(seen.pending->kind);
    return out;
}

std::string FlowWorld::history(std::string const& customer) {
    CustomerId const id(customer);
    auto entries = store
                       ->read_value(store::Scope::customer(id),
                                    [&](store::Reader& reader) {
                                        return store::list_history(reader, id, "tier", std::nullopt, 100);
                                    })
                       .value();
    std::string out;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
        out += (out.empty() ? "" : ", ") + entry->from_plan + " " + entry->from_status + " -> " + entry->to_plan + " " +
               entry->to_status;
    return out;
}

std::string FlowWorld::intents(std::string const& customer) {
    std::string out;
    for (auto const& row : database->run("SELECT kind, status, reason FROM intent WHERE customer_id = '" + customer +
                                         "' ORDER BY created_at, ended_at"))
        out += (out.empty() ? "" : " ") + row[0] + ":" + row[1] + (row[2].empty() ? "" : "(" + row[2] + ")");
    return out;
}

void FlowWorld::advance(Duration by) {
    clock.advance_to(clock.now() + by);
    stripe_sandbox->run_due();
}

void FlowWorld::await_end_of_second() {
    while (clock.now().ms % 1000 != 998) {
    }
}

std::vector<stripe::Event> FlowWorld::take_events() {
    stripe_sandbox->run_due();
    while (stripe_sandbox->deliver_due() > 0) {
    }
    std::vector<stripe::Event> events;
    for (auto const& request : webhooks.take())
        events.push_back(
            stripe::parse_event(parse_json(request.body, {.depth_max = 64, .bytes_max = 1 << 24}).value()).value());
    return events;
}

void FlowWorld::handle(stripe::Event const& event) {
    auto work = prepare_event(*projector, event, clock.now());
    ASSERT_TRUE(is_ok(work)) << event.type;
    if (!work->apply) return;
    EXPECT_TRUE(is_ok(store->write(store::Scope::system(), work->apply))) << event.type;
}

int FlowWorld::deliver() {
    int handled = 0;
    for (auto events = take_events(); !events.empty(); events = take_events())
        for (auto const& event : events) {
            handle(event);
            ++handled;
        }
    return handled;
}

int FlowWorld::run_outbox() {
    int delivered = 0;
    for (;;) {
        auto claimed =
            store
                ->write_value(store::Scope::system(),
                              [&](store::Writer& writer) {
                                  return store::claim_due_messages(writer, clock.now(), Duration::minutes(5), 10);
                              })
                .value();
        if (claimed.empty()) return delivered;
        for (auto const& message : claimed) {
            auto done = deliver_message(*commands, message);
            EXPECT_TRUE(is_ok(store->write(store::Scope::system(), [&](store::Writer& writer) {
                return done ? store::finish_message(writer, message, clock.now())
                            : store::reschedule_message(writer, message, clock.now() + Duration::minutes(1),
                                                        done.error().reason);
            })));
            ++delivered;
        }
    }
}

Json FlowWorld::at_stripe(std::string const& method, std::string const& target, std::string const& form) {
    net::HttpRequest request{.method = method, .target = target, .body = form};
    request.headers.set("Authorization", "Bearer sk_test_flow");
    auto response = judged->send(request, Duration::seconds(5)).value();
    EXPECT_LT(response.status, 300) << method << " " << target << "\n" << response.body;
    return parse_json(response.body, {.depth_max = 64, .bytes_max = 1 << 24}).value();
}

std::size_t FlowWorld::count_at_stripe(std::string const& customer, std::string const& what,
                                       std::function<bool(Json const&)> const& counts) {
    CustomerId const id(customer);
    auto record = store
                      ->read_value(store::Scope::customer(id),
                                   [&](store::Reader& reader) { return store::find_customer(reader, id); })
                      .value();
    auto const separator = what.find('?') == std::string::npos ? "?" : "&";
    auto list = at_stripe("GET", "/v1/" + what + separator + "limit=100&customer=" + record->stripe_customer_id);
    std::size_t count = 0;
    for (auto const& each : list.at("data").as_array()) count += !counts || counts(each);
    return count;
}

}  // namespace billhook::flow
