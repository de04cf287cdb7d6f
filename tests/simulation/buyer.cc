#include "tests/simulation/buyer.h"

namespace billhook::simulation {
namespace {

constexpr auto lines = {"tier", "ai", "care"};

std::string number_of(int card) {
    static constexpr char const* numbers[] = {"4242424242424242", "4000000000000002", "4000000000000341",
                                              "4000002760003184"};
    return numbers[card];
}

std::string url_of(std::string const& line, char const* tail) {
    return "/api/v1/subscriptions/" + line + tail;
}

}  // namespace

bool Buyer::chance(int permille) {
    return world_.random().below(1000) < static_cast<std::uint64_t>(permille);
}

std::string Buyer::pick(std::initializer_list<char const*> words) {
    return words.begin()[world_.random().below(words.size())];
}

World::Answer Buyer::ask(std::string const& method, std::string const& path, JsonObject body, bool is_by_operator) {
    World::Wish wish{method, path, std::move(body), id_, "", is_by_operator};
    if (chance(500)) wish.idempotency_key = "key-" + world_.random().alphanumeric(16);
    auto answer = world_.ask(wish);
    for (int again = 0; again < 3 && answer.status == 0 && chance(700); ++again) answer = world_.ask(wish);
    if (chance(50)) world_.ask(wish);  // a second click
    return answer;
}

void Buyer::act() {
    if (!has_entered_) return enter();
    if (chance(100)) return use();
    auto const line = pick(lines);
    auto const all = world_.ask({.method = "GET", .path = "/api/v1/subscriptions", .customer = id_});
    if (!all.is_success()) return;
    if (links_.contains(line) && chance(500)) return follow_link(line);
    if (checkouts_.contains(line) && chance(800)) return visit_checkout(line);
    for (auto const& each : find(all.body, "data")->as_array())
        if (string_or(each, "line") == line && find(each, "ended_at")->is_null()) return act_with(line, each);
    act_without(line);
}

void Buyer::enter() {
    JsonObject body{{"name", "Company " + id_}, {"email", id_ + "@example.com"}};
    if (chance(300)) body["currency"] = "usd";
    auto const answer = world_.ask({.method = "PUT", .path = "/api/v1/customers/" + id_, .body = body});
    has_entered_ = answer.is_success();
}

void Buyer::act_without(std::string const& line) {
    if (chance(150) && line == "ai") return start_trial();
    if (chance(650)) return buy(line);
    if (chance(50)) change(line, {{"plan", line == "ai" ? "ai_pro" : "starter"}});
}

void Buyer::act_with(std::string const& line, Json const& held) {
    auto const status = string_or(held, "status");
    if (chance(8)) return leave_at_stripe(line);
    if (status == "past_due" || status == "unpaid" || status == "incomplete") return act_when_owing(line);
    if (chance(40)) return buy(line);  // refused: it is held
    act_when_running(line, held);
}

void Buyer::act_when_owing(std::string const& line) {
    auto const drawn = world_.random().below(100);
    if (drawn < 35)
        pay_open_invoice();
    else if (drawn < 55)
        put_card(Card::good);
    else if (drawn < 62)
        ask("POST", url_of(line, "/cancel"), {{"at", "period_end"}});
    else if (drawn < 68)
        change(line, {{"plan", line == "ai" ? "ai_basic" : line == "care" ? "visits_few" : "starter"}});
    else if (drawn < 72)
        ask("POST", url_of(line, "/cancel"), {{"at", "now"}}, true);
    else if (drawn < 75)
        ask("POST", url_of(line, "/resume"), {});
}

void Buyer::act_when_running(std::string const& line, Json const& held) {
    auto const drawn = world_.random().below(100);
    auto const plan = line == "tier" ? pick({"starter", "professional", "enterprise"})
                      : line == "ai" ? pick({"ai_basic", "ai_pro"})
                                     : pick({"visits_few", "visits_many"});
    if (drawn < 24)
        change(line, {{"plan", plan}});
    else if (drawn < 30)
        change(line, {{"plan", plan}, {"at", "period_end"}});
    else if (drawn < 38)
        change(line, {{"interval", string_or(held, "interval") == "month" ? "year" : "month"}});
    else if (drawn < 42)
        change(line, {{"plan", plan}, {"interval", pick({"month", "year"})}});
    else if (drawn < 50)
        change(line, {{"quantity", static_cast<std::int64_t>(1 + world_.random().below(4))}});
    else if (drawn < 60)
        ask("POST", url_of(line, "/cancel"), {{"at", "period_end"}});
    else if (drawn < 70)
        ask("POST", url_of(line, "/resume"), {});
    else if (drawn < 76)
        ask("DELETE", url_of(line, "/scheduled-change"), {});
    else if (drawn < 79)
        ask("POST", url_of(line, "/cancel"), {{"at", "now"}}, true);
    else if (drawn < 81)
        change(line, {{"plan", plan}, {"at", "now"}}, true);
    else if (drawn < 86)
        put_card(Card::fails_later);
    else if (drawn < 91)
        put_card(Card::good);
    else if (drawn < 93)
        put_card(Card::asks);
    else if (drawn < 94)
        remove_card();
    else if (drawn < 96)
        world_.ask({.method = "POST", .path = url_of(line, "/preview"), .body = {{"plan", plan}}, .customer = id_});
    else if (drawn < 97)
        world_.ask({.method = "PUT",
                    .path = "/api/v1/customers/" + id_,
                    .body = {{"name", "Company " + world_.random().alphanumeric(6)}}});
    else if (drawn < 98)
        world_.ask({.method = "POST", .path = "/api/v1/customers/" + id_ + "/refresh"});
}

/// The application counts what its customer makes and removes.
void Buyer::use() {
    auto const id = "client-" + std::to_string(world_.random().below(12));
    ask("POST", std::string("/api/v1/gauges/clients/") + (chance(700) ? "allocate" : "release"), {{"id", id}});
}

void Buyer::buy(std::string const& line) {
    auto const plan = line == "tier" ? pick({"starter", "professional", "enterprise"})
                      : line == "ai" ? pick({"ai_basic", "ai_pro"})
                                     : pick({"visits_few", "visits_many"});
    auto const answer =
        ask("POST", "/api/v1/checkout", {{"plan", plan}, {"interval", pick({"month", "month", "year"})}});
    if (auto url = string_or(answer.body, "checkout_url"); !url.empty()) checkouts_[line] = url;
    if (checkouts_.contains(line) && chance(700)) visit_checkout(line);
}

void Buyer::start_trial() {
    ask("POST", "/api/v1/subscriptions", {{"plan", pick({"ai_pro", "ai_pro", "ai_basic"})}});
}

void Buyer::change(std::string const& line, JsonObject wish, bool is_by_operator) {
    auto const answer = ask("POST", url_of(line, "/change"), std::move(wish), is_by_operator);
    if (auto url = string_or(answer.body, "action_url"); !url.empty()) links_[line] = url;
}

void Buyer::visit_checkout(std::string const& line) {
    auto const url = checkouts_[line];
    auto const drawn = world_.random().below(100);
    bool const is_paid = drawn < 70   ? pay(url, Card::good)
                         : drawn < 78 ? pay(url, Card::declined)
                         : drawn < 88 ? pay(url, Card::asks)
                         : drawn < 94 ? pay(url, Card::fails_later)
                                      : false;
    if (is_paid || chance(300)) checkouts_.erase(line);
}

void Buyer::follow_link(std::string const& line) {
    bool const is_paid = pay(links_[line], chance(800) ? Card::good : Card::declined);
    if (is_paid || chance(400)) links_.erase(line);
}

/// Fills a hosted page's form. True where the page has nothing more to ask.
bool Buyer::pay(std::string const& url, Card card) {
    JsonObject const form{{"number", number_of(static_cast<int>(card))},
                          {"exp_month", "12"},
                          {"exp_year", "2040"},
                          {"cvc", "123"},
                          {"name", "A. Buyer"}};
    auto answer = world_.page(url, form);
    if (answer.location.ends_with("/challenge"))
        answer = world_.page(answer.location, {{"challenge", chance(750) ? "complete" : "fail"}});
    return answer.status == 302 || answer.status == 303 || answer.status == 410;
}

Json Buyer::stripe_customer() {
    auto const found =
        world_.stripe("GET", "/v1/customers/search?query=metadata%5B%27billhook_customer%27%5D%3A%27" + id_ + "%27");
    auto const* data = find(found, "data");
    return data && !data->as_array().empty() ? data->as_array().at(0) : Json(nullptr);
}

/// As in the portal: the card becomes what every invoice is paid with.
void Buyer::put_card(Card card) {
    static constexpr char const* tokens[] = {"pm_card_visa", "pm_card_visa_chargeDeclined",
                                             "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"};
    auto const customer = string_or(stripe_customer(), "id");
    if (customer.empty()) return;
    auto const method =
        world_.stripe("POST", std::string("/v1/payment_methods/") + tokens[static_cast<int>(card)] + "/attach",
                      {{"customer", customer}});
    if (method.is_null()) return;
    auto const id = string_or(method, "id");
    world_.stripe("POST", "/v1/customers/" + customer,
                  {{"invoice_settings", JsonObject{{"default_payment_method", id}}}});
    auto const held = world_.stripe("GET", "/v1/subscriptions?customer=" + customer);
    for (auto const& subscription : find(held, "data")->as_array())
        world_.stripe("POST", "/v1/subscriptions/" + string_or(subscription, "id"), {{"default_payment_method", id}});
}

void Buyer::remove_card() {
    auto const customer = string_or(stripe_customer(), "id");
    if (customer.empty()) return;
    auto const methods = world_.stripe("GET", "/v1/payment_methods?customer=" + customer);
    if (auto const* data = find(methods, "data"))
        for (auto const& method : data->as_array())
            world_.stripe("POST", "/v1/payment_methods/" + string_or(method, "id") + "/detach", {});
}

void Buyer::pay_open_invoice() {
    auto const customer = string_or(stripe_customer(), "id");
    if (customer.empty()) return;
    auto const open = world_.stripe("GET", "/v1/invoices?status=open&customer=" + customer);
    for (auto const& invoice : find(open, "data")->as_array())
        pay(string_or(invoice, "hosted_invoice_url"), chance(850) ? Card::good : Card::declined);
}

/// Somebody cancels in Stripe's own dashboard.
void Buyer::leave_at_stripe(std::string const& line) {
    auto const customer = string_or(stripe_customer(), "id");
    if (customer.empty()) return;
    auto const held = world_.stripe("GET", "/v1/subscriptions?customer=" + customer);
    for (auto const& subscription : find(held, "data")->as_array())
        if (string_or(subscription, "metadata.billhook_line") == line)
            world_.stripe("DELETE", "/v1/subscriptions/" + string_or(subscription, "id"));
}

}  // namespace billhook::simulation
