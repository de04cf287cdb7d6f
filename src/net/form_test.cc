#include "net/form.h"

#include <gtest/gtest.h>

namespace billhook::net::form_test {
namespace {

TEST(Form, ReadsATree) {
    struct Case {
        char const* text;
        char const* json;
    };
    Case const cases[] = {
        {"", "{}"},
        {"a=1", R"({"a":"1"})"},
        {"a", R"({"a":""})"},
        {"a=", R"({"a":""})"},
        {"&&a=1&&b=2&", R"({"a":"1","b":"2"})"},
        {"a=1=2", R"({"a":"1=2"})"},
        {"a=b+c%20d%2B", R"({"a":"b c d+"})"},
        {"a%5Bb%5D=1", R"({"a":{"b":"1"}})"},
        {"a=%C3%A9%E2%82%AC%F0%9F%98%80", "{\"a\":\"\u00e9\u20ac\U0001F600\"}"},
        {"metadata[k]=v&metadata[l]=w", R"({"metadata":{"k":"v","l":"w"}})"},
        {"items[0][price]=p&items[0][quantity]=2&items[1][price]=q",
         R"({"items":[{"price":"p","quantity":"2"},{"price":"q"}]})"},
        // Indexes order, they do not place.
        {"a[7]=x&a[2]=y&a[10]=z", R"({"a":["y","x","z"]})"},
        {"a[4000000000000]=x", R"({"a":{"4000000000000":"x"}})"},
        {"a[01]=x", R"({"a":{"01":"x"}})"},
        // A word among the indexes makes an object: metadata may have any keys.
        {"metadata[0]=x&metadata[k]=y", R"({"metadata":{"0":"x","k":"y"}})"},
        {"expand[]=a&expand[]=b", R"({"expand":["a","b"]})"},
        {"a[1]=y&a[]=z&a[0]=x", R"({"a":["x","y","z"]})"},
        {"a[][k]=1&a[][j]=2&a[][k]=3", R"({"a":[{"k":"1","j":"2"},{"k":"3"}]})"},
        {"a[][k][x]=1&a[][k][y]=2&a[][k][x]=3", R"({"a":[{"k":{"x":"1","y":"2"}},{"k":{"x":"3"}}]})"},
        {"a[][k][]=1&a[][k][]=2&a[][j]=3", R"({"a":[{"k":["1","2"],"j":"3"}]})"},
        {"a[]=x&a[][k]=v&a[][j]=w", R"({"a":["x",{"k":"v","j":"w"}]})"},
        {"a[][k]=v&a[]=x&a[][j]=w", R"({"a":[{"k":"v"},"x",{"j":"w"}]})"},
        {"a[][]=1&a[][]=2", R"({"a":[["1"],["2"]]})"},
        // The last of a repeated plain parameter counts.
        {"a=1&a=2", R"({"a":"2"})"},
        {"a[b]=1&a[b]=2", R"({"a":{"b":"2"}})"},
        {"a[0]=1&a[0]=2", R"({"a":["2"]})"},
    };
    for (auto const& c : cases) {
        auto const parsed = parse_form(c.text);
        ASSERT_TRUE(parsed) << c.text << ": " << parsed.error().detail;
        EXPECT_EQ(Json(*parsed), *parse_json(c.json)) << c.text << " gave " << billhook::to_text(*parsed);
    }
}

TEST(Form, RefusesAndNamesTheParameter) {
    struct Case {
        char const* text;
        char const* field;
    };
    Case const cases[] = {
        {"=1", ""},
        {"[a]=1", "[a]"},
        {"a[=1", "a["},
        {"a]=1", "a]"},
        {"a[b=1", "a[b"},
        {"a[b]c=1", "a[b]c"},
        {"a[b]]=1", "a[b]]"},
        {"a[[b]]=1", "a[[b]]"},
        {"ok=1&a=%", "a"},
        {"a=%4", "a"},
        {"a=%zz", "a"},
        {"a=%%41", "a"},
        {"a%5=1", "a%5"},
        {"a=%ff", "a"},
        {"a=%C0%80", "a"},
        {"a=%ED%A0%80", "a"},
        {"a=%F4%90%80%80", "a"},
        {"%ff=1", ""},
        {"a=1&a[b]=2", "a[b]"},
        {"a[b]=2&a=1", "a"},
        {"a=1&a[]=2", "a[]"},
        {"a[]=2&a=1", "a"},
        {"a[b]=1&a[]=2", "a[]"},
        {"a[]=2&a[b]=1", "a[b]"},
        {"a[b]=1&a[b][c]=2", "a[b][c]"},
        {"a[0]=1&a[0][c]=2", "a[0][c]"},
        {"a[0][c]=1&a[0]=2", "a[0]"},
        {"a[b][c][d][e][f][g][h][i]=1", "a[b][c][d][e][f][g][h][i]"},
    };
    for (auto const& c : cases) {
        auto const parsed = parse_form(c.text);
        ASSERT_FALSE(parsed) << c.text << " gave " << billhook::to_text(*parsed);
        EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
        EXPECT_EQ(parsed.error().field, c.field) << c.text;
        EXPECT_FALSE(parsed.error().detail.empty());
    }
}

TEST(Form, HoldsItsLimits) {
    EXPECT_TRUE(parse_form("a[b][c]=1", {.depth_max = 3}));
    EXPECT_FALSE(parse_form("a[b][c]=1", {.depth_max = 2}));
    EXPECT_TRUE(parse_form("a=1&b=2", {.fields_max = 2}));
    auto const many = parse_form("a=1&b=2&c=3", {.fields_max = 2});
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().field, "c");
}

TEST(Form, WritesWhatItReads) {
    char const* const cases[] = {
        "a=1&b=x%20y%26z",
        "items[0][price]=p&items[0][quantity]=2&items[1][price]=q",
        "metadata[k]=v&metadata[empty]=",
        "expand[0]=a&expand[1]=b.c",
    };
    for (auto const* text : cases) EXPECT_EQ(encode_form(*parse_form(text)), text);
}

TEST(Form, WritesEveryKindOfLeaf) {
    JsonObject const fields{
        {"t", true},  {"f", false},       {"i", -5},           {"u", std::uint64_t{7}},  {"d", 12.5}, {"n", nullptr},
        {"s", "a/b"}, {"e", JsonArray{}}, {"o", JsonObject{}}, {"l", JsonArray{1, "x"}}, {"k k", "v"}};
    EXPECT_EQ(encode_form(fields), "t=true&f=false&i=-5&u=7&d=12.5&n=&s=a%2Fb&l[0]=1&l[1]=x&k%20k=v");
}

TEST(Percent, DecodesLeniently) {
    EXPECT_EQ(percent_decode("a%2fb+%zz%4"), "a/b+%zz%4");
    EXPECT_EQ(percent_decode_form("a%2fb+%zz%4"), "a/b %zz%4");
    EXPECT_EQ(percent_decode("%41%"), "A%");
    EXPECT_EQ(percent_encode("aZ09-._~ /\xC3\xA9"), "aZ09-._~%20%2F%C3%A9");
}

}  // namespace
}  // namespace billhook::net::form_test
