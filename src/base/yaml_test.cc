#include "base/yaml.h"

#include <gtest/gtest.h>

namespace billhook::yaml_test {
namespace {

// The tree in one line, with the position of every scalar: {key@1:1: value@1:6, list: [..]}.
std::string show(YamlNode const& node) {
    auto const at = [](YamlPosition p) { return "@" + std::to_string(p.line) + ":" + std::to_string(p.column); };
    std::string out;
    switch (node.kind) {
        case YamlNode::Kind::null:
            return "null" + at(node.position);
        case YamlNode::Kind::scalar:
            return (node.is_quoted ? "\"" + node.text + "\"" : node.text) + at(node.position);
        case YamlNode::Kind::sequence:
            for (auto const& item : node.items) out += (out.empty() ? "" : ", ") + show(item);
            return "[" + out + "]" + at(node.position);
        case YamlNode::Kind::mapping:
            for (auto const& e : node.entries)
                out += (out.empty() ? "" : ", ") + e.key + at(e.position) + ": " + show(e.value);
            return "{" + out + "}" + at(node.position);
    }
    return out;
}

TEST(Yaml, EverythingRemembersItsPlace) {
    struct Case {
        char const* text;
        char const* tree;
    };
    Case const cases[] = {
        {"", "null@1:1"},
        {"# only a comment\n", "null@1:1"},
        {"a: 1", "{a@1:1: 1@1:4}@1:1"},
        {"a:\n  b: x\n  c: 'y'\n", "{a@1:1: {b@2:3: x@2:6, c@3:3: \"y\"@3:6}@2:3}@1:1"},
        {"a: [1, 2]", "{a@1:1: [1@1:5, 2@1:8]@1:4}@1:1"},
        {"a: [[1, 2], []]", "{a@1:1: [[1@1:6, 2@1:9]@1:5, []@1:13]@1:4}@1:1"},
        {"a:\n- x\n- y\n", "{a@1:1: [x@2:3, y@3:3]@2:1}@1:1"},
        {"a: {eur: 5, usd: 6}", "{a@1:1: {eur@1:5: 5@1:10, usd@1:13: 6@1:18}@1:4}@1:1"},
        {"a:\nb: ~\nc: null\nd: 'null'",
         "{a@1:1: null@1:1, b@2:1: null@2:1, c@3:1: null@3:1, d@4:1: \"null\"@4:4}@1:1"},
        // The reader of the mapping says what it thinks of the second.
        {"a: 1\na: 2\n", "{a@1:1: 1@1:4, a@2:1: 2@2:4}@1:1"},
        {"a: \"\"", "{a@1:1: \"\"@1:4}@1:1"},
    };
    for (auto const& c : cases) {
        auto const parsed = parse_yaml(c.text);
        ASSERT_TRUE(parsed) << c.text << ": " << parsed.error().message;
        EXPECT_EQ(show(*parsed), c.tree) << c.text;
    }
}

TEST(Yaml, RefusesWhatItCannotHold) {
    struct Case {
        std::string text;
        int line;
        int column;
        char const* part;
    };
    Case const cases[] = {
        {"a: &x 1\nb: *x\n", 1, 4, "anchors"},
        {"a: *x\n", 1, 4, "anchor is not defined"},
        {"a: !!str 1\n", 1, 4, "tags"},
        {"[a, b]: 1\n", 1, 1, "key"},
        {"a: 1\n---\nb: 2\n", 3, 4, "one document"},
        {"a: [1, 2\nb: 3\n", 2, 2, "not valid YAML"},
        {"a: 1\n\tb: 2\n", 2, 1, "not valid YAML"},
        {"a: 'x\n", 2, 1, "EOF in scalar"},
        {"a: \"x\nb: 1\n", 3, 1, "EOF in scalar"},
        {"a: b: c\n", 1, 5, "not valid YAML"},
        {std::string("a: \0", 4), 1, 1, "zero byte"},
        {std::string(100'000, '['), 1, 1, ""},
    };
    for (auto const& c : cases) {
        auto const parsed = parse_yaml(c.text);
        ASSERT_FALSE(parsed) << c.text.substr(0, 40);
        EXPECT_NE(parsed.error().message.find(c.part), std::string::npos) << parsed.error().message;
        if (c.text.size() < 1000) {
            EXPECT_EQ(parsed.error().position, (YamlPosition{c.line, c.column})) << c.text << parsed.error().message;
        }
    }
}

}  // namespace
}  // namespace billhook::yaml_test
