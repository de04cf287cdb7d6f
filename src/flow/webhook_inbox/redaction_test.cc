#include "flow/webhook_inbox/redaction.h"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace billhook::flow::redaction_test {
namespace {

std::string redacted_text(std::string_view text, AllowedMetadata const& allowed = {}) {
    simdjson::dom::parser parser;
    simdjson::dom::element tree;
    EXPECT_EQ(parser.parse(text.data(), text.size()).get(tree), simdjson::SUCCESS) << text;
    auto const left = redact(tree, allowed);
    return left ? *left : left.error().reason;
}

TEST(Redaction, ReplacesWhatIsPersonalAndKeepsTheRest) {
    struct {
        char const* before;
        char const* after;
    } const cases[] = {
        {R"({"id":"cus_1","object":"customer","email":"a@b.test","name":"Ada","phone":null,"balance":-300})",
         R"({"id":"cus_1","object":"customer","email":"[redacted]","name":"[redacted]","phone":null,"balance":-300})"},
        {R"({"address":{"line1":"Way 1","city":"X","country":"DE"}})",
         R"({"address":{"line1":"[redacted]","city":"[redacted]","country":"[redacted]"}})"},
        {R"({"card":{"brand":"visa","last4":"4242","exp_month":4,"fingerprint":"f"}})",
         R"({"card":{"brand":"visa","last4":"[redacted]","exp_month":4,"fingerprint":"[redacted]"}})"},
        {R"({"object":"card","address_line1":"Way 1","address_zip":"12","address_zip_check":"pass","brand":"Visa"})",
         R"({"object":"card","address_line1":"[redacted]","address_zip":"[redacted]","address_zip_check":"pass",)"
         R"("brand":"Visa"})"},
        {R"({"individual":{"first_name":"Ada","dob":{"day":1},"ssn_last_4":"0000","verification":{"status":"verified"}}})",
         R"({"individual":{"first_name":"[redacted]","dob":{"day":"[redacted]"},"ssn_last_4":"[redacted]",)"
         R"("verification":{"status":"verified"}}})"},
        {R"({"sepa_credit_transfer":{"iban":"DE00","bank_name":"B"},"sender_name":"Ada","user_agent":"Firefox"})",
         R"({"sepa_credit_transfer":{"iban":"[redacted]","bank_name":"B"},"sender_name":"[redacted]",)"
         R"("user_agent":"[redacted]"})"},
        {R"([{"object":"v2.core.account","display_name":"Ada"},{"object":"billing.meter","display_name":"Messages"}])",
         R"([{"object":"v2.core.account","display_name":"[redacted]"},)"
         R"({"object":"billing.meter","display_name":"Messages"}])"},
        {R"({"tax_ids":{"object":"list","data":[{"id":"txi_1","value":"DE1"}],"has_more":false}})",
         R"({"tax_ids":{"object":"[redacted]","data":[{"id":"[redacted]","value":"[redacted]"}],"has_more":false}})"},
        {R"({"metadata":{"billhook_customer":"acme","note":"call Ada","seats":7}})",
         R"({"metadata":{"billhook_customer":"acme","note":"[redacted]","seats":"[redacted]"}})"},
        {R"({"object":"product","name":"Pro","description":"for all","metadata":{"x":"y"}})",
         R"({"object":"product","name":"Pro","description":"for all","metadata":{"x":"[redacted]"}})"},
        {R"({"object":"invoice","number":"A-1","status":"open","hosted_invoice_url":"https://x","amount_due":5})",
         R"({"object":"invoice","number":"A-1","status":"open","hosted_invoice_url":"[redacted]","amount_due":5})"},
        {R"({"items":{"object":"list","url":"/v1/subscription_items?subscription=sub_1"},"url":"https://pay/c"})",
         R"({"items":{"object":"list","url":"/v1/subscription_items?subscription=sub_1"},"url":"[redacted]"})"},
        {R"([{"payment_intent":{"client_secret":"pi_1_secret_x","status":"succeeded"}}])",
         R"([{"payment_intent":{"client_secret":"[redacted]","status":"succeeded"}}])"},
        {R"({"metadata":null,"cancellation_details":{"comment":"too dear","reason":"cancellation_requested"}})",
         R"({"metadata":null,"cancellation_details":{"comment":"[redacted]","reason":"cancellation_requested"}})"},
        {R"("text")", R"("text")"},
    };
    for (auto const& [before, after] : cases) EXPECT_EQ(redacted_text(before), after);
}

TEST(Redaction, MetadataHasAnAllowList) {
    EXPECT_EQ(redacted_text(R"({"a":{"metadata":{"campaign":"spring","note":"x"}}})", {"campaign"}),
              R"({"a":{"metadata":{"campaign":"spring","note":"[redacted]"}}})");
}

TEST(Redaction, KeepsEveryKindOfValue) {
    for (auto const* text :
         {R"({"a":[1,-9223372036854775808,18446744073709551615,1.5,2.0,1e+300],"b":{"c":null,"d":true,"e":[]}})",
          R"({"quoted":"\"\\ \u0001 \u0000 ü","":""})"})
        EXPECT_EQ(redacted_text(text), text);
}

TEST(Redaction, RefusesWhatCouldBeReadInTwoWays) {
    EXPECT_EQ(redacted_text(R"({"a":{"b":1,"c":2,"b":3}})"), "invalid_json");
    EXPECT_EQ(redacted_text(R"({"a":1,"\u0061":2})"), "invalid_json");
    EXPECT_EQ(redacted_text(R"({"metadata":{"k":"1","k":"2"}})"), "invalid_json");
    EXPECT_EQ(redacted_text(R"({"a":{"k":1},"b":{"k":1},"k":1})"), R"({"a":{"k":1},"b":{"k":1},"k":1})");
    EXPECT_EQ(redacted_text(std::string(100, '[') + std::string(100, ']')), "invalid_json");
}

TEST(Redaction, TwiceIsOnce) {
    auto const once = redacted_text(R"({"email":"a@b.test","metadata":{"k":"v"},"items":[{"name":"n"}]})");
    EXPECT_EQ(redacted_text(once), once);
}

}  // namespace
}  // namespace billhook::flow::redaction_test
