// The money cases, lived one after the other: each is a test of its own, named file/case.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/money/money_case.h"
#include "tests/money/money_life.h"

namespace billhook::money::money_test {
namespace {

std::vector<Case> all_cases() {
    std::vector<Case> all;
    std::vector<std::string> paths;
    for (auto const& entry : std::filesystem::directory_iterator(BILLHOOK_MONEY_CASES))
        if (entry.path().extension() == ".cases") paths.push_back(entry.path().string());
    std::ranges::sort(paths);
    for (auto const& path : paths)
        for (auto& one : read_cases(path)) all.push_back(std::move(one));
    return all;
}

class Money : public testing::TestWithParam<Case> {};

TEST_P(Money, is_billed_to_the_cent) {
    MoneyLife life(GetParam());
    for (auto const& step : GetParam().steps) {
        SCOPED_TRACE(GetParam().file + ".cases:" + std::to_string(step.line_number) + " " + step.verb);
        life.live(step);
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, Money, testing::ValuesIn(all_cases()),
                         [](auto const& info) { return info.param.file + "_" + info.param.name; });

TEST(MoneyCases, are_all_read) {
    EXPECT_GE(all_cases().size(), 60U);
}

}  // namespace
}  // namespace billhook::money::money_test
