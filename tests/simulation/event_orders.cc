#include "tests/simulation/event_orders.h"

#include <algorithm>
#include <stdexcept>

namespace billhook::simulation {
namespace {

constexpr char const* customer = "c1";
constexpr char const* good_card = "4242424242424242";

oracle::CatalogReading read(std::string const& path) {
    auto catalog = oracle::read_catalog(path);
    if (!catalog) throw std::runtime_error(catalog.error().detail);
    return std::move(*catalog);
}

std::string name_of(net::HttpRequest const& event) {
    auto const tree = parse_json(event.body, {.depth_max = 64, .bytes_max = event.body.size()});
    return tree ? string_or(*tree, "type") : "";
}

std::string url_of(std::string const& line, char const* tail) {
    return "/api/v1/subscriptions/" + line + tail;
}

}  // namespace

EventOrders::EventOrders(OrdersOptions options)
    : options_(std::move(options)),
      world_({.seed = options_.seed,
              .start = *parse_rfc3339("2025-01-31T10:00:00Z"),
              .faults = FaultPlan::none(),
              .catalog = options_.catalog,
              .open_store = [this](std::string const& path) -> Result<std::unique_ptr<store::Store>> {
                  auto store = TRY(RewindableStore::open(path));
                  store_ = store.get();
                  return store;
              }}),
      catalog_(read(options_.catalog)) {
    world_.hold_events();
}

/// What can befall one customer, once each.
std::vector<EventOrders::Step> EventOrders::life() {
    auto const change = [this](JsonObject wish) { ask("POST", url_of("tier", "/change"), std::move(wish)); };
    auto const buy = [this](char const* plan) {
        auto const answer = ask("POST", "/api/v1/checkout", {{"plan", plan}});
        return string_or(answer.body, "checkout_url");
    };
    return {
        {"a purchase with a trial", [=, this] { pay_page(buy("professional")); }},
        {"the trial ends and is paid", [=, this] { pass(Duration::days(15)); }},
        {"an upgrade", [=] { change({{"plan", "enterprise"}}); }},
        {"a downgrade is scheduled", [=] { change({{"plan", "starter"}}); }},
        {"it is withdrawn", [=, this] { ask("DELETE", url_of("tier", "/scheduled-change")); }},
        {"and scheduled again", [=] { change({{"plan", "starter"}}); }},
        {"a renewal brings it", [=, this] { pass(Duration::days(31)); }},
        {"another quantity", [=] { change({{"quantity", 3}}); }},
        {"a trial without a card", [=, this] { ask("POST", "/api/v1/subscriptions", {{"plan", "ai_pro"}}); }},
        {"the card will fail, and does at an upgrade",
         [=, this] {
             put_card("pm_card_chargeCustomerFail");
             change({{"plan", "professional"}});
         }},
        {"nobody pays for it", [=, this] { pass(Duration::days(2)); }},
        {"a renewal fails", [=, this] { pass(Duration::days(31)); }},
        {"another card pays",
         [=, this] {
             put_card("pm_card_visa");
             auto const open = world_.stripe("GET", "/v1/invoices?status=open&customer=" + stripe_customer());
             for (auto const& invoice : find(open, "data")->as_array())
                 pay_page(string_or(invoice, "hosted_invoice_url"));
         }},
        {"a cancellation", [=, this] { ask("POST", url_of("tier", "/cancel"), {{"at", "period_end"}}); }},
        {"second thoughts", [=, this] { ask("POST", url_of("tier", "/resume")); }},
        {"a yearly rhythm", [=] { change({{"interval", "year"}}); }},
        {"third thoughts", [=, this] { ask("POST", url_of("tier", "/cancel"), {{"at", "period_end"}}); }},
        {"the end", [=, this] { pass(Duration::days(370)); }},
        {"a page that nobody pays",
         [=, this] {
             buy("starter");
             pass(Duration::days(2));
         }},
        {"back again", [=, this] { pay_page(buy("starter")); }},
    };
}

OrdersReport EventOrders::run() {
    world_.ask({.method = "PUT", .path = std::string("/api/v1/customers/") + customer, .body = {{"name", "Company"}}});
    for (auto const& step : life()) {
        if (!report_.violations.empty()) break;
        ++report_.steps;
        step.act();
        auto const events = world_.take_held();
        report_.events += static_cast<std::int64_t>(events.size());
        stripe_ =
            oracle::read_stripe({.stripe = [this](std::string const& target) { return world_.stripe("GET", target); }});
        try_orders(events);
        if (!report_.violations.empty()) {
            report_.order = std::string(step.name) + ":" + report_.order;
            break;
        }
        hand_over(events);
    }
    return report_;
}

void EventOrders::try_orders(Events const& events) {
    auto const size = static_cast<std::size_t>(options_.window);
    for (std::size_t begin = 0; size > 0 && begin < events.size() && report_.violations.empty(); begin += size) {
        auto const first = events.begin() + static_cast<std::ptrdiff_t>(begin);
        auto const last = events.begin() + static_cast<std::ptrdiff_t>(std::min(begin + size, events.size()));
        auto const here = store_->mark();
        Events order(events.begin(), first);
        hand_over(order);
        try_window(order, {first, last}, {last, events.end()});
        go_back(here);
    }
    for (int i = 0; i < options_.random_orders && report_.violations.empty(); ++i) try_random(events);
}

/// Orders that begin alike share their beginning.
void EventOrders::try_window(Events& order, Events const& window, Events const& after) {
    if (window.empty()) {
        ++report_.orders;
        // Their order is not what is tried, so they come as a burst.
        for (auto const& event : after) world_.hand_over(event);
        hand_over({});
        Events whole = order;
        whole.insert(whole.end(), after.begin(), after.end());
        ends_well(whole);
        return;
    }
    for (auto next = window.begin(); next != window.end() && report_.violations.empty(); ++next) {
        auto const here = store_->mark();
        hand_over({*next});
        order.push_back(*next);
        Events others(window.begin(), next);
        others.insert(others.end(), next + 1, window.end());
        try_window(order, others, after);
        order.pop_back();
        go_back(here);
    }
}

/// The process forgets what has not been.
void EventOrders::go_back(RewindableStore::Mark mark) {
    world_.stop_process();
    store_->rewind(mark);
}

void EventOrders::try_random(Events const& events) {
    auto& random = world_.random();
    Events order;
    for (auto const& event : events) {
        auto const drawn = random.below(10);
        if (drawn < 3) continue;
        order.push_back(event);
        if (drawn < 6) order.push_back(event);
    }
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    ++report_.random_orders;
    auto const here = store_->mark();
    hand_over(order);
    ask("POST", std::string("/api/v1/customers/") + customer + "/refresh");
    ends_well(order);
    go_back(here);
}

bool EventOrders::ends_well(Events const& order) {
    oracle::Doors const doors{
        .engine = [this](std::string const& path, std::string const& who) { return world_.read(path, who); },
        .rows = [this](std::string_view sql, std::string_view types) { return world_.rows(sql, types); }};
    auto const engine = oracle::read_engine(doors, {customer});
    report_.violations = oracle::judge({catalog_, stripe_, engine, world_.now()});
    if (report_.violations.empty()) return true;
    for (auto const& event : order) report_.order += " " + name_of(event);
    return false;
}

/// One after the other, each worked off before the next comes: the inbox would put them in order again.
void EventOrders::hand_over(Events const& events) {
    for (auto const& event : events) {
        world_.hand_over(event);
        while (world_.work()) {
        }
    }
    while (world_.work()) {
    }
}

World::Answer EventOrders::ask(std::string const& method, std::string const& path, JsonObject body) {
    return world_.ask({.method = method, .path = path, .body = std::move(body), .customer = customer});
}

std::string EventOrders::stripe_customer() {
    return string_or(world_.read(std::string("/api/v1/customers/") + customer, ""), "stripe_customer_id");
}

void EventOrders::pay_page(std::string const& url) {
    world_.page(url, {{"number", good_card}, {"exp_month", "12"}, {"exp_year", "2040"}, {"cvc", "123"}});
    world_.deliver();
}

void EventOrders::put_card(std::string const& token) {
    auto const stripe_id = stripe_customer();
    auto const method = world_.stripe("POST", "/v1/payment_methods/" + token + "/attach", {{"customer", stripe_id}});
    auto const id = string_or(method, "id");
    world_.stripe("POST", "/v1/customers/" + stripe_id,
                  {{"invoice_settings", JsonObject{{"default_payment_method", id}}}});
    auto const held = world_.stripe("GET", "/v1/subscriptions?customer=" + stripe_id);
    for (auto const& subscription : find(held, "data")->as_array())
        world_.stripe("POST", "/v1/subscriptions/" + string_or(subscription, "id"), {{"default_payment_method", id}});
}

void EventOrders::pass(Duration by) {
    world_.advance_to(world_.now() + by);
}

}  // namespace billhook::simulation
