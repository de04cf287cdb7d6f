#include "tests/money/money_life.h"

#include <algorithm>

#include "base/check.h"
#include "base/timestamp.h"

namespace billhook::money {
namespace {

using Words = std::vector<std::string>;

std::int64_t seconds(std::string const& rfc3339) {
    return parse_rfc3339(rfc3339)->seconds();
}

std::vector<std::string> parts(std::string const& text, char separator = ':') {
    std::vector<std::string> found;
    std::size_t from = 0;
    for (std::size_t at; (at = text.find(separator, from)) != std::string::npos; from = at + 1)
        found.push_back(text.substr(from, at - from));
    found.push_back(text.substr(from));
    return found;
}

bool has_word(Words const& words, std::string const& word) {
    return std::ranges::find(words, word) != words.end();
}

/// The words that update and create_preview spell the same, the second under a prefix.
std::string shared_options(Words const& words, std::string const& open, std::string const& close) {
    std::string form;
    auto const add = [&](std::string const& name, std::string const& value) {
        form += "&" + open + name + close + "=" + value;
    };
    if (auto const value = option(words, "proration")) add("proration_behavior", *value);
    if (auto const value = option(words, "proration_date")) add("proration_date", std::to_string(seconds(*value)));
    if (option(words, "trial_end")) add("trial_end", "now");
    if (auto const value = option(words, "cancel_at_period_end")) add("cancel_at_period_end", *value);
    if (option(words, "anchor")) form += "&" + open + "billing_cycle_anchor" + close + "[type]=now";
    return form;
}

}  // namespace

MoneyLife::MoneyLife(Case const& lived) : case_(lived), now_(lived.steps.front().at) {
    clock_ = must(stripe_.post("/v1/test_helpers/test_clocks", "frozen_time=" + std::to_string(now_)), "clock");
    customer_ = must(stripe_.post("/v1/customers", "test_clock=" + clock_), "customer");
    auto const card = must(stripe_.post("/v1/payment_methods/pm_card_visa/attach", "customer=" + customer_), "card");
    must(stripe_.post("/v1/customers/" + customer_, "invoice_settings[default_payment_method]=" + card),
         "default card");
    if (!case_.taxed_country.empty())
        must(stripe_.post("/v1/customers/" + customer_, "address[country]=" + case_.taxed_country), "address");
    create_prices();
    create_coupons();
}

std::string MoneyLife::must(Answered const& answered, std::string const& what) {
    EXPECT_EQ(answered.status, 200) << what << ": " << answered["error.message"];
    return answered["id"];
}

void MoneyLife::create_prices() {
    for (auto const& price : case_.prices) {
        auto const product = must(stripe_.post("/v1/products", "name=" + price.name), "product");
        std::string form = "product=" + product + "&unit_amount=" + std::to_string(price.amount) +
                           "&currency=" + price.currency + "&recurring[interval]=" + price.interval +
                           "&recurring[interval_count]=" + std::to_string(price.interval_count);
        if (price.is_metered) {
            auto const meter =
                must(stripe_.post("/v1/billing/meters", "display_name=" + price.name + "&event_name=" + price.name +
                                                            "&default_aggregation[formula]=sum"),
                     "meter");
            form += "&recurring[usage_type]=metered&recurring[meter]=" + meter;
        }
        if (price.is_inclusive) form += "&tax_behavior=inclusive";
        auto const id = must(stripe_.post("/v1/prices", form), "price");
        price_ids_[price.name] = id;
        price_names_[id] = price.name;
    }
}

void MoneyLife::create_coupons() {
    for (auto const& coupon : case_.coupons) {
        auto form = "id=" + coupon.name + "&percent_off=" + coupon.percent + "&duration=" + coupon.duration;
        if (!coupon.months.empty()) form += "&duration_in_months=" + coupon.months;
        must(stripe_.post("/v1/coupons", form), "coupon");
    }
}

void MoneyLife::advance_to(std::int64_t at) {
    if (at == now_) return;
    auto const path = "/v1/test_helpers/test_clocks/" + clock_;
    must(stripe_.post(path + "/advance", "frozen_time=" + std::to_string(at)), "advance");
    EXPECT_EQ(stripe_.get(path)["status"], "ready");
    now_ = at;
}

void MoneyLife::live(Step const& step) {
    advance_to(step.at);
    preview_.reset();
    if (step.verb == "create") create(step);
    if (step.verb == "update") update(step);
    if (step.verb == "preview") preview(step);
    if (step.verb == "schedule") schedule(step);
    if (step.verb == "cancel") cancel(step);
    if (step.verb == "adjust") adjust(step);
    compare(step);
}

void MoneyLife::create(Step const& step) {
    std::string form =
        "customer=" + customer_ + "&billing_mode[type]=" + (case_.mode == "itemized" ? "flexible" : case_.mode);
    if (case_.mode == "itemized") form += "&billing_mode[flexible][proration_discounts]=itemized";
    int position = -1;
    for (auto const& word : step.words) {
        if (price_ids_.contains(word))
            form += "&items[" + std::to_string(++position) + "][price]=" + price_ids_[word];
        else if (word.starts_with('x') && word.find('=') == std::string::npos)
            form += "&items[" + std::to_string(position) + "][quantity]=" + word.substr(1);
    }
    if (auto const at = option(step.words, "trial_end")) form += "&trial_end=" + std::to_string(seconds(*at));
    if (auto const at = option(step.words, "anchor")) form += "&billing_cycle_anchor=" + std::to_string(seconds(*at));
    if (auto const at = option(step.words, "backdate")) form += "&backdate_start_date=" + std::to_string(seconds(*at));
    if (auto const value = option(step.words, "proration")) form += "&proration_behavior=" + *value;
    if (auto const coupon = option(step.words, "coupon")) form += "&discounts[0][coupon]=" + *coupon;
    if (!case_.taxed_country.empty()) form += "&automatic_tax[enabled]=true";
    subscription_ = must(stripe_.post("/v1/subscriptions", form), "create");
}

Json MoneyLife::items() {
    return *find_path(stripe_.get("/v1/subscriptions/" + subscription_).body, "items.data");
}

std::string MoneyLife::name_of(std::string const& price_id) const {
    auto const at = price_names_.find(price_id);
    return at == price_names_.end() ? price_id : at->second;
}

std::string MoneyLife::item_of(std::string const& price_name) {
    auto const present = items();
    for (auto const& item : present.as_array())
        if (string_or(item, "price.id") == price_ids_[price_name]) return string_or(item, "id");
    ADD_FAILURE() << "the subscription has no item " << price_name;
    return {};
}

std::string MoneyLife::item_changes(Words const& words, std::string const& prefix) {
    std::string form;
    int position = 0;
    for (auto const& word : words) {
        auto const equals = word.find('=');
        if (equals == std::string::npos) continue;
        auto const name = word.substr(0, equals);
        auto const given = parts(word.substr(equals + 1));
        auto const at = "&" + prefix + "[" + std::to_string(position) + "]";
        if (name == "swap") {
            form += at + "[id]=" + item_of(given[0]) + at + "[price]=" + price_ids_[given[1]];
            if (given.size() > 2) form += at + "[quantity]=" + given[2];
        } else if (name == "quantity") {
            form += at + "[id]=" + item_of(given[0]) + at + "[quantity]=" + given[1];
        } else if (name == "add") {
            form += at + "[price]=" + price_ids_[given[0]];
            if (given.size() > 1) form += at + "[quantity]=" + given[1];
        } else if (name == "remove") {
            form += at + "[id]=" + item_of(given[0]) + at + "[deleted]=true";
        } else {
            continue;
        }
        ++position;
    }
    return form;
}

void MoneyLife::update(Step const& step) {
    auto form = item_changes(step.words, "items") + shared_options(step.words, "", "");
    if (auto const coupon = option(step.words, "coupon")) form += "&discounts[0][coupon]=" + *coupon;
    must(stripe_.post("/v1/subscriptions/" + subscription_, form.substr(1)), "update");
}

void MoneyLife::preview(Step const& step) {
    auto const form = "customer=" + customer_ + "&subscription=" + subscription_ +
                      item_changes(step.words, "subscription_details[items]") +
                      shared_options(step.words, "subscription_details[", "]");
    auto const before = stripe_.get("/v1/subscriptions/" + subscription_).body;
    auto const answered = stripe_.post("/v1/invoices/create_preview", form);
    must(answered, "preview");
    preview_ = answered.body;
    EXPECT_EQ(to_text(stripe_.get("/v1/subscriptions/" + subscription_).body), to_text(before))
        << "the preview has changed the subscription";
}

std::string MoneyLife::phase_items(Words const& words, std::string const& prefix) {
    std::string form;
    int position = 0;
    auto const present = items();
    for (auto const& item : present.as_array()) {
        auto const name = name_of(string_or(item, "price.id"));
        auto price = name;
        auto quantity = std::to_string(int_or(item, "quantity", 1));
        bool is_removed = false;
        for (auto const& word : words) {
            auto const equals = word.find('=');
            auto const given = parts(word.substr(equals + 1));
            if (given[0] != name) continue;
            if (word.starts_with("remove=")) is_removed = true;
            if (word.starts_with("quantity=")) quantity = given[1];
            if (word.starts_with("swap=")) price = given[1];
            if (word.starts_with("swap=") && given.size() > 2) quantity = given[2];
        }
        if (is_removed) continue;
        auto const at = "&" + prefix + "[items][" + std::to_string(position++) + "]";
        form += at + "[price]=" + price_ids_[price] + at + "[quantity]=" + quantity;
    }
    return form;
}

void MoneyLife::schedule(Step const& step) {
    auto const made = stripe_.post("/v1/subscription_schedules", "from_subscription=" + subscription_);
    auto const id = must(made, "schedule");
    auto const present = items();
    auto const& first = present.as_array().front();
    auto form = "end_behavior=release&proration_behavior=none&phases[0][start_date]=" + made["phases.0.start_date"] +
                "&phases[0][end_date]=" + std::to_string(int_or(first, "current_period_end"));
    form += phase_items({}, "phases[0]") + phase_items(step.words, "phases[1]");
    form += "&phases[1][proration_behavior]=none&phases[1][duration][interval]=" +
            string_or(first, "price.recurring.interval");
    must(stripe_.post("/v1/subscription_schedules/" + id, form), "schedule phases");
}

void MoneyLife::cancel(Step const& step) {
    std::string form;
    if (has_word(step.words, "prorate")) form += "&prorate=true";
    if (has_word(step.words, "invoice_now")) form += "&invoice_now=true";
    must(stripe_.remove("/v1/subscriptions/" + subscription_, form.empty() ? form : form.substr(1)), "cancel");
}

void MoneyLife::adjust(Step const& step) {
    must(stripe_.post("/v1/customers/" + customer_ + "/balance_transactions",
                      "amount=" + step.words.at(0) + "&currency=" + step.words.at(1)),
         "adjust");
}

std::vector<Json> MoneyLife::new_invoices() {
    std::vector<Json> found;
    auto const page = stripe_.get("/v1/invoices?limit=100&customer=" + customer_);
    auto const& data = page.body.at("data").as_array();
    for (auto at = data.rbegin(); at != data.rend(); ++at)
        if (seen_invoices_.insert(string_or(*at, "id")).second) found.push_back(*at);
    return found;
}

std::vector<LineSpec> MoneyLife::lines_of(Json const& invoice, bool has_gross) {
    std::vector<LineSpec> found;
    for (auto const& line : find_path(invoice, "lines.data")->as_array()) {
        LineSpec spec{.amount = int_or(line, "amount")};
        if (has_gross) spec.gross = spec.amount;
        for (auto const& off : find(line, "discount_amounts")->as_array()) spec.amount -= int_or(off, "amount");
        if (spec.amount == 0) continue;
        bool const is_proration = bool_or(line, "parent.subscription_item_details.proration") ||
                                  bool_or(line, "parent.invoice_item_details.proration");
        spec.kind = is_proration ? "proration" : "plain";
        spec.price = name_of(string_or(line, "pricing.price_details.price"));
        spec.quantity = int_or(line, "quantity");
        spec.span = {int_or(line, "period.start"), int_or(line, "period.end")};
        found.push_back(std::move(spec));
    }
    return found;
}

std::vector<LineSpec> MoneyLife::waiting() {
    std::vector<LineSpec> found;
    auto const page = stripe_.get("/v1/invoiceitems?limit=100&pending=true&customer=" + customer_);
    for (auto const& item : page.body.at("data").as_array()) {
        if (int_or(item, "amount") == 0) continue;
        found.push_back({.amount = int_or(item, "amount"),
                         .price = name_of(string_or(item, "pricing.price_details.price")),
                         .quantity = int_or(item, "quantity"),
                         .span = {int_or(item, "period.start"), int_or(item, "period.end")}});
    }
    return found;
}

void MoneyLife::compare_lines(std::vector<LineSpec> expected, std::vector<LineSpec> found, std::string const& what) {
    // A line whose kind is not compared takes whatever kind stands at its place.
    for (auto const& line : expected) {
        if (line.kind != "any") continue;
        for (auto& other : found) {
            auto alike = other;
            alike.kind = "any";
            if (alike == line) other = alike;
        }
    }
    std::ranges::sort(expected);
    std::ranges::sort(found);
    auto const shown = [](std::vector<LineSpec> const& lines) {
        std::string text;
        for (auto const& line : lines) text += "\n    " + show(line);
        return text;
    };
    EXPECT_EQ(shown(expected), shown(found)) << what;
}

void MoneyLife::compare_invoice(InvoiceSpec const& expected, Json const& found) {
    auto const reason = string_or(found, "billing_reason");
    if (expected.reason != "any") {
        EXPECT_EQ(reason, expected.reason);
    }
    EXPECT_EQ(int_or(found, "total"), expected.total) << reason;
    EXPECT_EQ(int_or(found, "amount_due"), expected.due) << reason;
    if (expected.tax) {
        std::int64_t tax = 0;
        for (auto const& part : find(found, "total_taxes")->as_array()) tax += int_or(part, "amount");
        EXPECT_EQ(tax, *expected.tax) << reason;
    }
    bool const has_gross = std::ranges::any_of(expected.lines, [](auto const& line) { return line.gross.has_value(); });
    compare_lines(expected.lines, lines_of(found, has_gross), "lines of the invoice " + reason);
}

void MoneyLife::compare(Step const& step) {
    auto found = new_invoices();
    if (preview_) {
        EXPECT_TRUE(found.empty()) << "a preview leaves no invoice";
        found = {*preview_};
    }
    if (step.charged) {
        std::int64_t due = 0;
        for (auto const& invoice : found) due += int_or(invoice, "amount_due");
        EXPECT_EQ(due, *step.charged);
    } else {
        EXPECT_EQ(found.size(), step.invoices.size()) << "invoices of the step";
        for (std::size_t i = 0; i < std::min(found.size(), step.invoices.size()); ++i)
            compare_invoice(step.invoices[i], found[i]);
    }
    // Renewals are finalized: after `advance` no draft is left.
    if (step.verb == "advance")
        for (auto const& invoice : found) {
            EXPECT_EQ(string_or(invoice, "status"), "paid");
        }
    compare_lines(step.pending, waiting(), "what waits");
    if (step.balance) balance_ = *step.balance;
    EXPECT_EQ(stripe_.get("/v1/customers/" + customer_)["balance"], std::to_string(balance_)) << "balance";
    if (step.periods.empty() && !step.status) return;
    auto const subscription = stripe_.get("/v1/subscriptions/" + subscription_);
    if (step.status) {
        EXPECT_EQ(subscription["status"], *step.status);
    }
    auto const present = items();
    for (auto const& [price, span] : step.periods) {
        auto const at = std::ranges::find_if(
            present.as_array(), [&](Json const& item) { return string_or(item, "price.id") == price_ids_[price]; });
        if (at == present.as_array().end()) {
            ADD_FAILURE() << "no item " << price;
            continue;
        }
        SpanSpec const period{int_or(*at, "current_period_start"), int_or(*at, "current_period_end")};
        EXPECT_EQ(show(period), show(span)) << "period of " << price;
    }
}

}  // namespace billhook::money
