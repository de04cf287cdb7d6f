#pragma once
// MoneyLife: the life of one money case's subscription, lived through the sandbox's API on a test clock.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sandbox/testing/driver.h"
#include "tests/money/money_case.h"

namespace billhook::money {

class MoneyLife {
  public:
    explicit MoneyLife(Case const& lived);

    /// Advances the clock, carries the verb out, and compares. Failures are GoogleTest's.
    void live(Step const& step);

  private:
    using Answered = sandbox::Answered;

    std::string must(Answered const& answered, std::string const& what);
    void create_prices();
    void create_coupons();
    void advance_to(std::int64_t at);

    void create(Step const& step);
    void update(Step const& step);
    void preview(Step const& step);
    void schedule(Step const& step);
    void cancel(Step const& step);
    void adjust(Step const& step);

    /// The words that change items, as form parameters under a prefix: "items" or "subscription_details[items]".
    std::string item_changes(std::vector<std::string> const& words, std::string const& prefix);
    /// All items after the words' changes, as a phase lists them.
    std::string phase_items(std::vector<std::string> const& words, std::string const& prefix);
    Json items();
    std::string item_of(std::string const& price_name);

    void compare(Step const& step);
    void compare_invoice(InvoiceSpec const& expected, Json const& found);
    void compare_lines(std::vector<LineSpec> expected, std::vector<LineSpec> found, std::string const& what);
    std::vector<Json> new_invoices();
    std::vector<LineSpec> lines_of(Json const& invoice, bool has_gross);
    std::vector<LineSpec> waiting();
    std::string name_of(std::string const& price_id) const;

    Case const& case_;
    sandbox::Driver stripe_;
    std::string clock_, customer_, subscription_;
    std::map<std::string, std::string> price_ids_, price_names_;
    std::set<std::string> seen_invoices_;
    std::int64_t now_ = 0;
    std::int64_t balance_ = 0;
    std::optional<Json> preview_;
};

}  // namespace billhook::money
