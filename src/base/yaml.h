#pragma once
// YAML as a tree that remembers where everything stood, for readers that must say "line 12, column 7". Stricter than
// YAML: one document, no anchors, aliases or tags, keys are plain words. A key that stands twice is kept twice; the
// reader of a mapping reports it. What a scalar means is decided by who reads it: the tree holds text only.

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace billhook {

/// Both count from 1.
struct YamlPosition {
    int line = 1;
    int column = 1;
    auto operator<=>(YamlPosition const&) const = default;
};

struct YamlNode {
    enum class Kind { null, scalar, sequence, mapping };
    struct Entry;

    Kind kind = Kind::null;
    YamlPosition position;
    std::string text;             // of a scalar
    bool is_quoted = false;       // a scalar in quotes or as a block is text, whatever it looks like
    std::vector<YamlNode> items;  // of a sequence
    std::vector<Entry> entries;   // of a mapping, in the order of the file

    /// The first entry of that key; null where there is none.
    YamlNode const* find(std::string_view key) const;
};

struct YamlNode::Entry {
    std::string key;
    YamlPosition position;  // of the key
    YamlNode value;
};

struct YamlSyntaxError {
    YamlPosition position;
    std::string message;
    auto operator<=>(YamlSyntaxError const&) const = default;
};

/// An empty text is a null node.
std::expected<YamlNode, YamlSyntaxError> parse_yaml(std::string_view text);

/// How a node is quoted in a message: 'text', "a list", "a mapping", "nothing".
std::string describe(YamlNode const& node);

}  // namespace billhook
