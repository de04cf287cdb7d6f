// Disputes: opened by the published test cards, answered by evidence, ended by the bank or by time. SEMANTICS.md 15.

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::dispute_test {
namespace {

struct Disputed {
    explicit Disputed(std::string const& card) {
        auto const intent = stripe.post(
            "/v1/payment_intents", "amount=2000&currency=usd&confirm=true&off_session=true&payment_method=" + card);
        EXPECT_EQ(intent["status"], "succeeded") << "the payment itself goes through";
        charge = intent["latest_charge"];
        auto const found = stripe.get("/v1/disputes?charge=" + charge);
        id = found["data.0.id"];
        events = stripe.new_events();
    }
    Answered dispute() { return stripe.get("/v1/disputes/" + id); }
    Answered answer(std::string const& form) { return stripe.post("/v1/disputes/" + id, form); }

    Driver stripe;
    std::string charge, id, events;
};

TEST(Dispute, holds_the_money_back) {
    Disputed life("pm_card_createDispute");
    EXPECT_EQ(life.events,
              "payment_intent.created charge.succeeded payment_intent.succeeded charge.dispute.created charge.updated "
              "charge.dispute.funds_withdrawn");
    auto const dispute = life.dispute();
    EXPECT_EQ(dispute["status"], "needs_response");
    EXPECT_EQ(dispute["reason"], "fraudulent");
    EXPECT_EQ(dispute["amount"], "2000");
    EXPECT_EQ(life.stripe.get("/v1/charges/" + life.charge)["disputed"], "true");
    EXPECT_EQ(life.stripe.post("/v1/refunds", "charge=" + life.charge)["error.code"], "charge_disputed");
}

TEST(Dispute, is_won_or_lost_by_the_evidence) {
    struct Case {
        char const* evidence;
        char const* status;
        char const* events;
    };
    for (auto const& [evidence, status, events] :
         {Case{"winning_evidence", "won",
               "charge.dispute.updated charge.dispute.funds_reinstated charge.dispute.closed"},
          Case{"losing_evidence", "lost", "charge.dispute.updated charge.dispute.closed"},
          Case{"a letter", "under_review", "charge.dispute.updated"}}) {
        Disputed life("pm_card_createDisputeProductNotReceived");
        EXPECT_EQ(life.dispute()["reason"], "product_not_received");
        auto const answered = life.answer("evidence[uncategorized_text]=" + std::string(evidence));
        EXPECT_EQ(answered["status"], status);
        EXPECT_EQ(answered["evidence_details.submission_count"], "1");
        EXPECT_EQ(life.stripe.new_events(), events);
        EXPECT_EQ(life.answer("evidence[uncategorized_text]=more").status, 400) << "it was sent to the bank";
    }
}

TEST(Dispute, evidence_may_be_kept_before_it_is_submitted) {
    Disputed life("pm_card_createDispute");
    auto const kept = life.answer("evidence[product_description]=A+plan&submit=false&metadata[case]=7");
    EXPECT_EQ(kept["status"], "needs_response");
    EXPECT_EQ(kept["evidence.product_description"], "A plan");
    EXPECT_EQ(kept["evidence_details.has_evidence"], "true");
    EXPECT_EQ(kept["metadata.case"], "7");
}

TEST(Dispute, is_lost_when_it_is_accepted_or_never_answered) {
    Disputed accepted("pm_card_createDispute");
    EXPECT_EQ(accepted.stripe.post("/v1/disputes/" + accepted.id + "/close")["status"], "lost");
    EXPECT_EQ(accepted.stripe.post("/v1/disputes/" + accepted.id + "/close").status, 400);
    Disputed ignored("pm_card_createDispute");
    ignored.stripe.clock.set(Timestamp::from_seconds(std::stoll(ignored.dispute()["evidence_details.due_by"])));
    ignored.stripe.sandbox.run_due();
    EXPECT_EQ(ignored.dispute()["status"], "lost");
    EXPECT_EQ(ignored.dispute()["evidence_details.past_due"], "true");
    EXPECT_EQ(ignored.stripe.new_events(), "charge.dispute.closed");
}

TEST(Dispute, an_inquiry_only_asks) {
    Disputed life("pm_card_createDisputeInquiry");
    EXPECT_EQ(life.dispute()["status"], "warning_needs_response");
    EXPECT_EQ(life.dispute()["is_charge_refundable"], "true");
    EXPECT_EQ(life.stripe.get("/v1/charges/" + life.charge)["disputed"], "false");
    EXPECT_EQ(life.answer("evidence[uncategorized_text]=winning_evidence")["status"], "warning_closed");
    EXPECT_EQ(life.stripe.post("/v1/refunds", "charge=" + life.charge)["status"], "succeeded");
}

}  // namespace
}  // namespace billhook::sandbox::dispute_test
