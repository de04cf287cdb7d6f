#include "sandbox/resource/meter.h"

#include "sandbox/testing/driver.h"

namespace billhook::sandbox {
namespace {

struct Metered : testing::Test {
    std::string make_meter(std::string const& formula) {
        auto const meter = stripe.post("/v1/billing/meters", "display_name=Calls&event_name=calls_" + formula +
                                                                 "&default_aggregation[formula]=" + formula);
        EXPECT_EQ(meter.status, 200) << meter[""];
        return meter["id"];
    }
    Answered record(std::string const& formula, std::string const& value, std::string const& more = {}) {
        return stripe.post("/v1/billing/meter_events", "event_name=calls_" + formula + "&payload[stripe_customer_id]=" +
                                                           customer + "&payload[value]=" + value + more);
    }
    std::string total(std::string const& meter) {
        auto const now = stripe.clock.now().seconds() / 60 * 60;
        return stripe.get("/v1/billing/meters/" + meter + "/event_summaries?customer=" + customer +
                          "&start_time=" + std::to_string(now - 86'400) +
                          "&end_time=" + std::to_string(now + 60))["data.0.aggregated_value"];
    }
    Driver stripe;
    std::string customer = stripe.post("/v1/customers")["id"];
};

TEST_F(Metered, AddsUpByItsFormula) {
    struct Case {
        char const* formula;
        std::vector<char const*> values;
        char const* total;
    };
    Case const cases[] = {
        {"sum", {"1", "2", "3"}, "6"}, {"sum", {"5", "-2"}, "3"},        {"sum", {"0.1", "0.2"}, "3E-1"},
        {"count", {"10", "20"}, "2"},  {"last", {"10", "20", "7"}, "7"},
    };
    for (auto const& c : cases) {
        auto const meter = make_meter(c.formula);
        for (auto const* value : c.values) EXPECT_EQ(record(c.formula, value).status, 200);
        EXPECT_EQ(total(meter), c.total) << c.formula;
        stripe.post("/v1/billing/meters/" + meter + "/deactivate");
    }
}

TEST_F(Metered, RefusesWhatItCannotCount) {
    make_meter("sum");
    auto const now = stripe.clock.now().seconds();
    struct Case {
        std::string form;
        char const* code;
    };
    Case const cases[] = {
        {"event_name=nothing&payload[stripe_customer_id]=" + customer + "&payload[value]=1", "resource_missing"},
        {"event_name=calls_sum&payload[value]=1", "parameter_missing"},
        {"event_name=calls_sum&payload[stripe_customer_id]=" + customer, "parameter_missing"},
        {"event_name=calls_sum&payload[stripe_customer_id]=cus_none&payload[value]=1", "resource_missing"},
        {"event_name=calls_sum&payload[stripe_customer_id]=" + customer + "&payload[value]=many",
         "meter_event_invalid_value"},
        {"event_name=calls_sum&payload[stripe_customer_id]=" + customer +
             "&payload[value]=1&timestamp=" + std::to_string(now - 36 * 86'400),
         "timestamp_too_far_in_past"},
        {"event_name=calls_sum&payload[stripe_customer_id]=" + customer +
             "&payload[value]=1&timestamp=" + std::to_string(now + 301),
         "timestamp_in_future"},
    };
    for (auto const& c : cases) {
        auto const answer = stripe.post("/v1/billing/meter_events", c.form);
        EXPECT_EQ(answer.status, 400) << c.form;
        EXPECT_EQ(answer["error.code"], c.code) << c.form;
    }
    EXPECT_EQ(
        stripe.post("/v1/billing/meters", "display_name=Again&event_name=calls_sum&default_aggregation[formula]=sum")
            .status,
        400);
}

TEST_F(Metered, CountsAnIdentifierOnceAndTakesItBack) {
    auto const meter = make_meter("sum");
    EXPECT_EQ(record("sum", "4", "&identifier=a")["identifier"], "a");
    EXPECT_EQ(record("sum", "4", "&identifier=a")["error.code"], "duplicate_meter_event");
    EXPECT_EQ(total(meter), "4");
    auto const cancel = "event_name=calls_sum&type=cancel&cancel[identifier]=a";
    EXPECT_EQ(stripe.post("/v1/billing/meter_event_adjustments", cancel)["status"], "complete");
    EXPECT_EQ(total(meter), "0");
    EXPECT_EQ(stripe.post("/v1/billing/meter_event_adjustments", cancel).status, 400);
}

TEST_F(Metered, SummarisesByWindow) {
    auto const meter = make_meter("sum");
    auto const day = stripe.clock.now().seconds() / 86'400 * 86'400;
    record("sum", "1", "&timestamp=" + std::to_string(day - 10));
    record("sum", "2", "&timestamp=" + std::to_string(day + 10));
    auto const path = "/v1/billing/meters/" + meter + "/event_summaries?customer=" + customer +
                      "&value_grouping_window=day&start_time=" + std::to_string(day - 86'400) + "&end_time=";
    auto const page = stripe.get(path + std::to_string(day + 86'400));
    EXPECT_EQ(page["data.0.aggregated_value"], "2") << page[""];
    EXPECT_EQ(page["data.1.aggregated_value"], "1");
    EXPECT_EQ(stripe.get(path + std::to_string(day + 60)).status, 400);
}

}  // namespace
}  // namespace billhook::sandbox
