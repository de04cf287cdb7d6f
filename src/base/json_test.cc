#include "base/json.h"

#include <gtest/gtest.h>

namespace billhook::json_test {
namespace {

TEST(ParseJson, RefusesWhatTwoReadersCouldUnderstandDifferently) {
    struct {
        char const* name;
        char const* text;
    } const cases[] = {
        {"a key twice", R"({"a":1,"a":2})"},
        {"a key twice, once escaped", R"({"a":1,"\u0061":2})"},
        {"an integer beyond 64 bits", "[18446744073709551616]"},
        {"a negative one", "[-9223372036854775809]"},
        {"a number that only infinity could stand for", "[1e400]"},
        {"its negative", "[-1e400]"},
        {"more after the end", "{} 1"},
        {"no value", ""},
        {"a comma too many", "[1,]"},
        {"broken UTF-8", "[\"\xc3\x28\"]"},
        {"half a pair of surrogates", R"(["\ud800"])"},
    };
    for (auto const& c : cases) {
        auto const read = parse_json(c.text);
        ASSERT_FALSE(read) << c.name;
        EXPECT_EQ(read.error().reason, "invalid_json") << c.name;
    }
}

TEST(ParseJson, RefusesAKeyTwiceInObjectsOfAnySizeAtAnyDepth) {
    for (int const count : {1, 2, 127, 128, 129, 130, 500}) {
        std::string members = R"("inner":{"k0":0})";
        for (int i = 0; i < count; ++i) members += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
        EXPECT_TRUE(parse_json("[{" + members + "},{" + members + "}]")) << count;
        for (int const again : {0, count / 2, count - 1})
            EXPECT_FALSE(parse_json("[{" + members + ",\"k" + std::to_string(again) + "\":0}]")) << count << again;
    }
}

TEST(ParseJson, KeepsNumbersThatFit) {
    for (auto const* text : {"[9223372036854775807,-9223372036854775808,18446744073709551615]", "[0.5,1E300]"}) {
        auto const read = parse_json(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(*parse_json(to_text(*read)), *read) << text;
    }
}

}  // namespace
}  // namespace billhook::json_test
