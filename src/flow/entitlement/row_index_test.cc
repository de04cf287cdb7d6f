#include "flow/entitlement/row_index.h"

#include <gtest/gtest.h>

#include <string>

namespace billhook::flow::row_index_test {
namespace {

TEST(RowIndex, FindsWhatWasAddedAndNothingElse) {
    RowIndex index;
    EXPECT_FALSE(index.find("acme"));
    for (std::uint32_t n = 0; n < 5000; ++n) EXPECT_EQ(index.add("customer_" + std::to_string(n)), n);
    EXPECT_EQ(index.size(), 5000u);
    for (std::uint32_t n = 0; n < 5000; ++n) EXPECT_EQ(index.find("customer_" + std::to_string(n)), n);
    for (auto const* key : {"", "customer_", "customer_5000", "customer_00", "Customer_1"})
        EXPECT_FALSE(index.find(key));
}

TEST(RowIndex, TakesKeysOfAnyLength) {
    RowIndex index;
    std::string const endless(40'000, 'x');
    EXPECT_EQ(index.add(endless), 0u);
    EXPECT_EQ(index.add(""), 1u);
    EXPECT_EQ(index.add("y"), 2u);
    EXPECT_EQ(index.find(endless), 0u);
    EXPECT_EQ(index.find(""), 1u);
    EXPECT_EQ(index.find("y"), 2u);
}

TEST(RowIndex, BeginsAnewAfterClear) {
    RowIndex index;
    index.add("a");
    index.clear();
    EXPECT_EQ(index.size(), 0u);
    EXPECT_FALSE(index.find("a"));
    EXPECT_EQ(index.add("b"), 0u);
    EXPECT_EQ(index.find("b"), 0u);
}

}  // namespace
}  // namespace billhook::flow::row_index_test
