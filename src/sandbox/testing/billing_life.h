#pragma once
// BillingLife: a driver with a customer on a test clock, for tests of what happens to subscriptions over time.

#include <string>

#include "sandbox/testing/driver.h"

namespace billhook::sandbox {

class BillingLife : public Driver {
  public:
    static constexpr std::int64_t day = 86'400, hour = 3'600;

    /// The clock stands at 1 January 2025; the card is a test token, empty for none.
    explicit BillingLife(std::string const& card = "pm_card_visa", Settings settings = {})
        : Driver(std::move(settings)), now(1'735'689'600) {
        test_clock = post("/v1/test_helpers/test_clocks", "frozen_time=" + std::to_string(now))["id"];
        customer = post("/v1/customers", "email=payer@example.com&test_clock=" + test_clock)["id"];
        if (!card.empty()) use_card(card);
        pro = price("pro", 2500);
        new_events();
    }

    /// Attaches a card and makes it the customer's default.
    std::string use_card(std::string const& token) {
        auto const method = post("/v1/payment_methods/" + token + "/attach", "customer=" + customer);
        EXPECT_EQ(method.status, 200) << method["error.message"];
        post("/v1/customers/" + customer, "invoice_settings[default_payment_method]=" + method["id"]);
        return method["id"];
    }

    std::string price(std::string const& name, std::int64_t amount, std::string const& interval = "month") {
        auto const product = post("/v1/products", "name=" + name)["id"];
        return post("/v1/prices", "product=" + product + "&currency=usd&unit_amount=" + std::to_string(amount) +
                                      "&recurring[interval]=" + interval)["id"];
    }

    Answered subscribe(std::string const& further = {}) {
        auto made = post("/v1/subscriptions", "customer=" + customer + "&items[0][price]=" + pro + further);
        subscription = made["id"];
        return made;
    }
    Answered present(std::string const& query = {}) { return get("/v1/subscriptions/" + subscription + query); }
    Answered change(std::string const& form) { return post("/v1/subscriptions/" + subscription, form); }
    std::string item() { return present()["items.data.0.id"]; }

    void advance(std::int64_t seconds) {
        now += seconds;
        auto const path = "/v1/test_helpers/test_clocks/" + test_clock;
        auto const answered = post(path + "/advance", "frozen_time=" + std::to_string(now));
        EXPECT_EQ(answered.status, 200) << answered["error.message"];
        EXPECT_EQ(get(path)["status"], "ready");
    }

    /// The newest invoice, with its payments.
    Answered invoice() { return get("/v1/invoices/" + present()["latest_invoice"] + "?expand[0]=payments"); }

    std::int64_t now;
    std::string test_clock, customer, pro, subscription;
};

}  // namespace billhook::sandbox
