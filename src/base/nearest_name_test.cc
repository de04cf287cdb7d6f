#include "base/nearest_name.h"

#include <gtest/gtest.h>

namespace billhook::nearest_name_test {
namespace {

TEST(NearestName, FindsWhatWasMeantOrNothing) {
    std::vector<std::string> const known = {"listen", "data", "database", "dev", "catalog", "log_level", "plan"};
    struct Case {
        char const* mistyped;
        char const* meant;
    };
    Case const cases[] = {
        {"lisen", "listen"},
        {"lsiten", "listen"},
        {"databse", "database"},
        {"dta", "data"},
        {"de", "dev"},
        {"loglevel", "log_level"},
        {"plans", "plan"},
        {"catalogue", "catalog"},
        {"listen", "listen"},
        {"frobnicate", ""},
        {"x", ""},
        {"", ""},
        {"LISTEN", ""},
        {"dataabse", "database"},
    };
    for (auto const& c : cases) EXPECT_EQ(nearest_name(c.mistyped, known), c.meant) << c.mistyped;
}

TEST(NearestName, ALongWordIsNotCompared) {
    EXPECT_EQ(nearest_name(std::string(1 << 20, 'a'), {"data"}), "");
}

}  // namespace
}  // namespace billhook::nearest_name_test
