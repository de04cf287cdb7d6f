#include "sandbox/core/older_parameters.h"

#include <gtest/gtest.h>

#include "sandbox/surface/surface.h"

namespace billhook::sandbox::older_parameters_test {
namespace {

Json tree(std::string_view text) {
    return parse_json(text).value();
}

TEST(OlderParameters, are_said_in_todays_words_unless_the_version_is_without_them) {
    ObjectStore store;
    store.insert("price", {{"id", "price_2"}, {"recurring", {{"interval", "week"}, {"interval_count", 2}}}});
    struct Case {
        char const* path;
        char const* version;
        char const* raw;
        char const* expected;
    };
    Case const cases[] = {
        {"/v1/promotion_codes", "", R"({"coupon":"TEN"})", R"({"promotion":{"type":"coupon","coupon":"TEN"}})"},
        {"/v1/promotion_codes", "2025-08-27.basil", R"({"coupon":"A"})",
         R"({"promotion":{"type":"coupon","coupon":"A"}})"},
        {"/v1/promotion_codes", "2025-09-30.clover", R"({"coupon":"A"})", R"({"coupon":"A"})"},
        {"/v1/payment_intents", "", R"({"payment_method_types":["card"]})",
         R"({"allowed_payment_method_types":["card"]})"},
        {"/v1/payment_intents", "2026-10-28.endive", R"({"payment_method_types":["card"]})",
         R"({"payment_method_types":["card"]})"},
        {"/v1/customers", "", R"({"payment_method_types":["card"]})", R"({"payment_method_types":["card"]})"},
        {"/v1/customers", "2023-10-16", R"({"card":"tok_visa"})", R"({"source":"tok_visa"})"},
        {"/v1/customers", "2026-10-28.endive", R"({"card":"tok_visa"})", R"({"card":"tok_visa"})"},
        {"/v1/subscriptions", "2020-08-27", R"({"plan":"gold","quantity":"3"})",
         R"({"items":[{"plan":"gold","quantity":"3"}],"billing_mode":{"type":"classic"}})"},
        {"/v1/subscriptions", "2025-09-30.clover", R"({"plan":"gold"})", R"({"plan":"gold"})"},
        {"/v1/subscription_schedules", "", R"({"phases":[{"items":[{"price":"price_2"}],"iterations":"3"}]})",
         R"({"phases":[{"items":[{"price":"price_2"}],"duration":{"interval":"week","interval_count":"6"}}]})"},
        {"/v1/subscription_schedules", "",
         R"({"phases":[{"items":[{"price_data":{"recurring":{"interval":"year"}}}],"iterations":"1"}]})",
         R"({"phases":[{"items":[{"price_data":{"recurring":{"interval":"year"}}}],)"
         R"("duration":{"interval":"year","interval_count":"1"}}]})"},
        {"/v1/subscription_schedules", "", R"({"phases":[{"items":[{"price":"price_none"}],"iterations":"3"}]})",
         R"({"phases":[{"items":[{"price":"price_none"}],"iterations":"3"}]})"},
        {"/v1/subscription_schedules", "2025-09-30.clover",
         R"({"phases":[{"items":[{"price":"price_2"}],"iterations":"3"}]})",
         R"({"phases":[{"items":[{"price":"price_2"}],"iterations":"3"}]})"},
    };
    for (auto const& c : cases) {
        auto raw = tree(c.raw);
        auto const* operation = Surface::embedded().find_operation("POST", c.path);
        ASSERT_NE(operation, nullptr) << c.path;
        translate_older_parameters(store, *operation, c.version, raw.get_object());
        EXPECT_EQ(raw, tree(c.expected)) << c.path << " " << c.version << " " << to_text(raw);
    }
}

}  // namespace
}  // namespace billhook::sandbox::older_parameters_test
