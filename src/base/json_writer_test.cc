#include "base/json_writer.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace billhook::json_writer_test {
namespace {

TEST(JsonWriter, WritesMembersInTheirOrder) {
    JsonWriter writer;
    writer.text("code", "clients").number("limit", -9).boolean("allowed", true).null("resets_at");
    writer.open("upgrade").text("line", "tier").open("empty").close().close();
    writer.number_or_null("used", std::nullopt).number_or_null("left", INT64_MIN);
    EXPECT_EQ(writer.finish(),
              R"({"code":"clients","limit":-9,"allowed":true,"resets_at":null,"upgrade":{"line":"tier","empty":{}},)"
              R"("used":null,"left":-9223372036854775808})");
}

TEST(JsonWriter, AnObjectWithoutMembersIsEmpty) {
    EXPECT_EQ(JsonWriter().finish(), "{}");
}

TEST(JsonWriter, WhatItEscapesReadsBackTheSame) {
    std::string all;
    for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
    all += "ä€😀";
    JsonWriter writer;
    writer.text("all", all);
    auto const read = parse_json(writer.finish());
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(string_or(*read, "all"), all);
}

}  // namespace
}  // namespace billhook::json_writer_test
