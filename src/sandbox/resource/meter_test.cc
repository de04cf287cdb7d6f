#include "sandbox/resource/meter.h"

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::meter_test {
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

TEST_F(Metered, RefusesWhatIsWrongByItself) {
    make_meter("sum");
    auto const now = stripe.clock.now().seconds();
    EXPECT_EQ(record("sum", "1", "&timestamp=" + std::to_string(now - 36 * 86'400))["error.code"],
              "timestamp_too_far_in_past");
    EXPECT_EQ(record("sum", "1", "&timestamp=" + std::to_string(now + 301))["error.code"], "timestamp_in_future");
    EXPECT_EQ(record("sum", "1", "&identifier=" + std::string(101, 'i')).status, 400);
    EXPECT_EQ(
        stripe.post("/v1/billing/meters", "display_name=Again&event_name=calls_sum&default_aggregation[formula]=sum")
            .status,
        400);
}

TEST_F(Metered, ReportsLaterWhatItCouldNotCount) {
    struct Case {
        char const* description;
        std::string form;
        char const* code;
    };
    auto const meter = make_meter("sum");
    auto const inactive = make_meter("last");
    stripe.post("/v1/billing/meters/" + inactive + "/deactivate");
    Case const cases[] = {
        {"no meter", "event_name=nothing&payload[stripe_customer_id]=" + customer + "&payload[value]=1", "no_meter"},
        {"inactive", "event_name=calls_last&payload[stripe_customer_id]=" + customer + "&payload[value]=1",
         "archived_meter"},
        {"nobody", "event_name=calls_sum&payload[value]=1", "meter_event_no_customer_defined"},
        {"unknown", "event_name=calls_sum&payload[stripe_customer_id]=cus_none&payload[value]=1",
         "meter_event_customer_not_found"},
        {"no value", "event_name=calls_sum&payload[stripe_customer_id]=" + customer, "meter_event_invalid_value"},
        {"words", "event_name=calls_sum&payload[stripe_customer_id]=" + customer + "&payload[value]=many",
         "meter_event_invalid_value"},
        {"long", "event_name=calls_sum&payload[stripe_customer_id]=" + customer + "&payload[value]=1234567890123456",
         "meter_event_value_too_many_digits"},
    };
    stripe.send(
        "POST", "/v2/core/event_destinations",
        R"({"name":"n","type":"webhook_endpoint","event_payload":"thin","enabled_events":["v1.billing.meter.error_report_triggered"],
                    "webhook_endpoint":{"url":"http://127.0.0.1:1/thin"}})");
    for (auto const& c : cases) {
        EXPECT_EQ(stripe.post("/v1/billing/meter_events", c.form + "&identifier=" + c.description).status, 200)
            << c.description;
        EXPECT_EQ(
            stripe.get(
                "/v2/core/events?limit=1")["data.0.data.reason.error_types.0.sample_errors.0.request.identifier"] ==
                c.description,
            false)
            << "not at once";
        stripe.clock.set(stripe.clock.now() + Duration::minutes(2));
        stripe.sandbox.run_due();
        auto const events = stripe.get("/v2/core/events?limit=1");
        EXPECT_EQ(events["data.0.data.reason.error_types.0.code"], c.code) << events[""];
        EXPECT_EQ(events["data.0.data.reason.error_types.0.sample_errors.0.request.identifier"], c.description);
    }
    EXPECT_EQ(total(meter), "0");
    EXPECT_EQ(stripe.deliver(), 6) << "all but the one without a meter";
    auto const notification = parse_json(stripe.webhooks.received.back().body).value();
    EXPECT_EQ(string_or(notification, "related_object.id"), meter);
    EXPECT_EQ(find(notification, "data"), nullptr) << "thin";
    EXPECT_EQ(stripe.get("/v2/core/events/" + string_or(notification, "id"))["id"], string_or(notification, "id"));
}

TEST_F(Metered, TakesTheSecondGeneration) {
    auto const meter = make_meter("sum");
    auto const event = R"({"event_name":"calls_sum","identifier":"v2","payload":{"stripe_customer_id":")" + customer +
                       R"(","value":"3"}})";
    EXPECT_EQ(stripe.post("/v2/billing/meter_events", event)["identifier"], "v2");
    EXPECT_EQ(stripe.post("/v2/billing/meter_events", R"({"event_name":"none","payload":{"value":"3"}})")["error.code"],
              "no_meter");
    EXPECT_EQ(stripe.post("/v2/billing/meter_event_stream", R"({"events":[]})").status, 401);
    auto const session = stripe.post("/v2/billing/meter_event_session", "{}");
    net::HttpRequest stream{.method = "POST", .target = "/v2/billing/meter_event_stream"};
    stream.headers.set("Authorization", "Bearer " + session["authentication_token"]);
    stream.body =
        R"({"events":[{"event_name":"calls_sum","payload":{"stripe_customer_id":")" + customer + R"(","value":"4"}}]})";
    EXPECT_EQ(stripe.sandbox.handle(stream).status, 200);
    EXPECT_EQ(total(meter), "7");
    stripe.clock.set(stripe.clock.now() + Duration::minutes(16));
    EXPECT_EQ(stripe.sandbox.handle(stream).status, 401);
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
}  // namespace billhook::sandbox::meter_test
