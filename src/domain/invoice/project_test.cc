#include "domain/invoice/project.h"

#include <gtest/gtest.h>

namespace billhook::invoice::project_test {
namespace {

Timestamp at(std::int64_t minutes) {
    return Timestamp::from_seconds(1'735'689'600) + Duration::minutes(minutes);
}

subscription::LookTime read_at(std::int64_t minutes) {
    return {at(minutes), at(minutes) + Duration::seconds(1), false};
}

Invoice seen(Status status) {
    Invoice invoice;
    invoice.customer = CustomerId("acme");
    invoice.stripe_invoice_id = "in_1";
    invoice.status = status;
    invoice.amount_due = 3000;
    return invoice;
}

TEST(InvoiceProject, the_newer_look_wins_and_one_that_was_overtaken_is_taken_again) {
    struct Case {
        Status known;
        std::int64_t known_minutes;
        Status observed;
        subscription::LookTime look;
        Effect effect;
    };
    Case const cases[] = {
        {Status::open, 10, Status::paid, read_at(11), Effect::fresh},
        {Status::open, 10, Status::paid, read_at(10), Effect::fresh},
        {Status::open, 10, Status::open, read_at(9), Effect::stale},
        // Older by its clock, which may be another one's: a further read tells.
        {Status::open, 10, Status::paid, read_at(9), Effect::ask_again},
        {Status::paid, 10, Status::open, read_at(9), Effect::ask_again},
        // A write's answer counts from its return; a read that began while it was under way may be newer or older.
        {Status::open, 10, Status::open, {at(9), at(11), true}, Effect::ask_again},
        {Status::open, 10, Status::paid, {at(10), at(11), true}, Effect::fresh},
        {Status::open, 10, Status::paid, {at(8), at(10), true}, Effect::fresh},
        {Status::open, 10, Status::open, {at(8), at(9), true}, Effect::stale},
        {Status::open, 10, Status::paid, {at(8), at(9), true}, Effect::ask_again},
    };
    for (auto const& c : cases) {
        auto known = seen(c.known);
        known.observed_at = at(c.known_minutes);
        EXPECT_EQ(int(project(known, seen(c.observed), c.look)), int(c.effect))
            << to_string(c.known) << " at " << c.known_minutes << ", then " << to_string(c.observed);
    }
    EXPECT_EQ(int(project(std::nullopt, seen(Status::draft), read_at(1))), int(Effect::fresh));
}

TEST(InvoiceProject, an_older_look_is_compared_by_what_stripe_told) {
    auto known = seen(Status::paid);
    known.observed_at = at(10);
    known.subscription = SubscriptionId("bsub_1");
    known.hosted_invoice_url = "https://invoice.example/1";
    auto observed = seen(Status::paid);
    observed.hosted_invoice_url = "https://invoice.example/2";
    EXPECT_EQ(int(project(known, observed, read_at(9))), int(Effect::stale));
    observed.amount_paid = 3000;
    EXPECT_EQ(int(project(known, observed, read_at(9))), int(Effect::ask_again));
}

}  // namespace
}  // namespace billhook::invoice::project_test
