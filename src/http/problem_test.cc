#include "http/problem.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "http/openapi_text.h"
#include "net/server_problem.h"

namespace billhook::http::problem_test {
namespace {

// What the server answers by itself bears a type as the handlers' problems do: its page says more than that it exists,
// and the contract names it.
TEST(ProblemPage, TellsWhatTheServerAnswersByItself) {
    for (auto const& entry : net::server_problems()) {
        auto const page = problem_page(entry.code);
        ASSERT_EQ(page.status, 200) << entry.code;
        EXPECT_EQ(string_or(*parse_json(page.body), "meaning"), std::string(entry.title) + ".");
        auto const named = std::string(entry.code) + " " + std::to_string(entry.status);
        EXPECT_NE(openapi_text().find(named), std::string_view::npos) << named;
    }
    EXPECT_EQ(string_or(*parse_json(problem_page("uri_too_long").body), "meaning"),
              "The request's target is too long.");
}

}  // namespace
}  // namespace billhook::http::problem_test
