// The program under test of the command suites dies of an answer that breaks the API, and of nothing else.

#include "sandbox/witness.h"

#include <gtest/gtest.h>

namespace billhook::sandbox::witness_test {
namespace {

net::HttpRequest asking(std::string const& method, std::string const& target) {
    return {.method = method, .target = target};
}

net::HttpResponse answering(int status, std::string const& body) {
    return {.status = status, .body = body};
}

TEST(Witness, an_answer_that_breaks_the_api_ends_the_program_and_is_named) {
    auto const request = asking("GET", "/v1/customers/cus_1");
    EXPECT_EXIT(witness(request, answering(200, R"({"id": "cus_1"})")), testing::ExitedWithCode(70),
                "the sandbox broke the API: GET /v1/customers/cus_1 -> 200: .*object");
    EXPECT_EXIT(witness(request, answering(404, R"({"error": {"message": "No such customer"}})")),
                testing::ExitedWithCode(70), "error.type: missing");
    EXPECT_EXIT(witness(request, answering(200, "<html>")), testing::ExitedWithCode(70), "the body is not JSON");
}

TEST(Witness, a_webhook_that_breaks_the_api_ends_the_program_and_is_named) {
    auto request = asking("POST", "http://127.0.0.1:1/hook");
    request.headers.set("Stripe-Signature", "t=1,v1=00");
    request.body = R"({"object": "event", "id": "evt_1", "type": "customer.created"})";
    EXPECT_EXIT(witness(request, answering(200, "")), testing::ExitedWithCode(70),
                "the sandbox broke the API: event evt_1");
}

TEST(Witness, what_keeps_to_the_api_is_let_through) {
    witness(asking("GET", "/v1/customers/cus_1"),
            answering(404, R"({"error": {"type": "invalid_request_error", "message": "No such customer: 'cus_1'"}})"));
    witness(asking("GET", "/v1/customers/cus_1"), answering(0, ""));
    witness(asking("GET", "/_sandbox"), answering(200, "no operation of the API"));
}

}  // namespace
}  // namespace billhook::sandbox::witness_test
