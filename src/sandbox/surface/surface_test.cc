#include "sandbox/surface/surface.h"

#include <gtest/gtest.h>

#include "sandbox/surface/parameters.h"
#include "sandbox/surface/shape.h"

namespace billhook::sandbox::surface_test {
namespace {

Surface const& surface() {
    return Surface::embedded();
}

Json json(std::string_view text) {
    return parse_json(text).value();
}

TEST(Surface, KnowsTheOperationsAndShapes) {
    EXPECT_EQ(surface().version(), "2026-10-28.endive");
    EXPECT_TRUE(surface().knows_version("2024-09-30.acacia"));
    EXPECT_FALSE(surface().knows_version("2024-09-31.acacia"));
    EXPECT_NE(surface().find_operation("POST", "/v1/subscriptions"), nullptr);
    EXPECT_EQ(surface().find_operation("POST", "/v1/nothing"), nullptr);
    EXPECT_EQ(surface().find_object("customer")->name, "Customer");
    EXPECT_EQ(object_schema(*surface().find_event("customer.subscription.updated"))->name, "Subscription");
    auto const* customer = surface().find_object("subscription")->find("customer");
    EXPECT_EQ(expandable_to(*customer->type).front()->name, "Customer");
}

TEST(Surface, LeadsEveryReferenceToAShape) {
    // A name that no line defines would be an empty shape, and refuse everything.
    for (auto const& operation : surface().operations()) {
        if (auto const* schema = object_schema(*operation.answer); schema && schema->name != "V2.DeletedObject") {
            EXPECT_FALSE(schema->fields.empty()) << operation.id << " " << schema->name;
        }
    }
}

TEST(Parameters, AreTypedOrRefused) {
    struct Case {
        char const* operation;
        char const* raw;
        char const* expected;  // the typed tree, or "param: code"
    };
    Case const cases[] = {
        {"/v1/prices", R"({"currency":"usd","unit_amount":"12"})", R"({"currency":"usd","unit_amount":12})"},
        {"/v1/prices", R"({"currency":"usd","unit_amount_decimal":"1.5"})",
         R"({"currency":"usd","unit_amount_decimal":"1.5"})"},
        {"/v1/prices", R"({"currency":"usd","active":"true"})", R"({"currency":"usd","active":true})"},
        {"/v1/prices", R"({"currency":"usd","active":"1"})", "active: "},
        {"/v1/prices", R"({"currency":"usd","unit_amount":"1e3"})", "unit_amount: parameter_invalid_integer"},
        {"/v1/prices", R"({"currency":"usd","unit_amount":"99999999999999999999"})",
         "unit_amount: parameter_invalid_integer"},
        {"/v1/prices", R"({"currency":"usd","unit_amount_decimal":"1.5.2"})",
         "unit_amount_decimal: parameter_invalid_decimal"},
        {"/v1/prices", R"({"currency":"usd","tiers":[{"up_to":"inf"}]})",
         R"({"currency":"usd","tiers":[{"up_to":"inf"}]})"},
        {"/v1/prices", R"({"currency":"usd","tiers":[{"up_to":"5"}]})", R"({"currency":"usd","tiers":[{"up_to":5}]})"},
        {"/v1/prices", R"({"currency":"usd","tiers":[{"flat_amount":"5"}]})", "tiers[0][up_to]: parameter_missing"},
        {"/v1/prices", R"({"currency":"usd","tiers":"x"})", "tiers: "},
        {"/v1/prices", R"({"currency":"usd","recurring":"month"})", "recurring: "},
        {"/v1/prices", R"({"currency":{"a":"b"}})", "currency: "},
        {"/v1/prices", R"({})", "currency: parameter_missing"},
        {"/v1/prices", R"({"currency":"usd","nickname":""})", "nickname: parameter_invalid_empty"},
        {"/v1/customers", R"({"metadata":""})", R"({"metadata":null})"},
        {"/v1/customers", R"({"metadata":{"a":""}})", R"({"metadata":{"a":""}})"},
        {"/v1/customers", R"({"address":{"city":"Oslo","moon":"x"}})", "address[moon]: parameter_unknown"},
        {"/v1/customers", R"({"expand":["sources"]})", R"({"expand":["sources"]})"},
        {"/v1/subscriptions", R"({"customer":"c","trial_end":"now"})", R"({"customer":"c","trial_end":"now"})"},
        {"/v1/subscriptions", R"({"customer":"c","trial_end":"5"})", R"({"customer":"c","trial_end":5})"},
        {"/v1/subscriptions", R"({"customer":"c","trial_end":"later"})", "trial_end: parameter_invalid_integer"},
        {"/v1/subscriptions", R"({"customer":"c","items":[{"quantity":"x"}]})",
         "items[0][quantity]: parameter_invalid_integer"},
        {"/v1/coupons", R"({"percent_off":"12.5"})", R"({"percent_off":1.25E1})"},
    };
    for (auto const& c : cases) {
        auto const* operation = surface().find_operation("POST", c.operation);
        auto const typed = read_parameters(operation->parameters, json(c.raw).as_object());
        auto const found = typed ? to_text(*typed) : typed.error().param + ": " + typed.error().code;
        EXPECT_EQ(found, c.expected) << c.raw;
    }
}

TEST(Shapes, AreCompletedWhereThereIsNoChoice) {
    auto const coupon = complete(surface(), "coupon", {{"id", "x"}});
    EXPECT_EQ(coupon.at("object"), Json("coupon"));
    EXPECT_EQ(coupon.at("livemode"), Json(false));
    EXPECT_TRUE(coupon.at("redeem_by").is_null());
    EXPECT_FALSE(coupon.contains("valid")) << "only the resource knows";
    EXPECT_FALSE(coupon.contains("applies_to")) << "includable";
}

TEST(Shapes, AreJudged) {
    auto const judged = [](std::string_view change) {
        auto rate =
            json(R"({"id":"txr_1","object":"tax_rate","active":true,"country":null,"created":1,"description":null,
            "display_name":"VAT","effective_percentage":null,"flat_amount":null,"inclusive":false,"jurisdiction":null,
            "jurisdiction_level":null,"livemode":false,"metadata":{},"percentage":19,"rate_type":null,"state":null,
            "tax_type":null})");
        auto const changes = json(change);
        for (auto const& [key, value] : changes.as_object()) {
            if (value == Json("take away"))
                rate.as_object().erase(key);
            else
                rate.as_object()[key] = value;
        }
        Type type;
        type.kind = TypeKind::reference;
        type.schema = surface().find_object("tax_rate");
        auto const found = violations(type, rate);
        return found.empty() ? std::string("right") : found.front();
    };
    EXPECT_EQ(judged("{}"), "right");
    EXPECT_EQ(judged(R"({"active":"take away"
})"),
              "$.active: missing");
    EXPECT_EQ(judged(R"({"active":null})"), "$.active: must not be null");
    EXPECT_EQ(judged(R"({"active":1})"), "$.active: expected a boolean, found 1");
    EXPECT_EQ(judged(R"({"created":1.5})"), "$.created: expected an integer, found 1.5E0");
    EXPECT_EQ(judged(R"({"percentage":7.5})"), "right");
    EXPECT_EQ(judged(R"({"object":"coupon"})"), "$.object: expected one of the enum's words, found \"coupon\"");
    EXPECT_EQ(judged(R"({"tax_type":"moon_tax"})"), "right") << "an open enum may grow";
    EXPECT_EQ(judged(R"({"moon":1})"), "$.moon: unknown field");
    EXPECT_EQ(judged(R"({"metadata":{"a":1}})"), "$.metadata.a: expected a string, found 1");
}

}  // namespace
}  // namespace billhook::sandbox::surface_test
