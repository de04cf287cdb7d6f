#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

namespace billhook {
namespace {

constexpr std::size_t bytes_max = 4 << 20;
constexpr std::size_t shown_characters_max = 60;

struct Refused {
    YamlSyntaxError error;
};

YamlPosition end_of(std::string_view text) {
    YamlPosition end;
    for (char const c : text) end = c == '\n' ? YamlPosition{end.line + 1, 1} : YamlPosition{end.line, end.column + 1};
    return end;
}

YamlPosition position_of(YAML::Mark const& mark) {
    return {mark.line + 1, mark.column + 1};
}

// Builds the tree from the parser's events. A collection under construction lies on the stack until its end.
class TreeBuilder : public YAML::EventHandler {
  public:
    YamlNode take_root() { return std::move(root_); }
    YamlPosition last_position() const { return last_; }

    void OnDocumentStart(YAML::Mark const&) override {}
    void OnDocumentEnd() override {}
    void OnAnchor(YAML::Mark const& mark, std::string const& name) override {
        refuse(mark, "anchors (&" + name + ") are not supported; write the value out where it is needed");
    }
    void OnAlias(YAML::Mark const& mark, YAML::anchor_t) override {
        refuse(mark, "aliases are not supported; write the value out where it is needed");
    }
    void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        YamlNode node;
        node.position = position_of(mark);
        add(std::move(node));
    }
    void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  std::string const& value) override {
        refuse_anchor(mark, anchor);
        if (tag != "?" && tag != "!" && !tag.empty()) refuse(mark, "tags (" + tag + ") are not supported");
        YamlNode node;
        node.kind = YamlNode::Kind::scalar;
        node.position = position_of(mark);
        node.text = value;
        node.is_quoted = tag == "!";
        if (!node.is_quoted && (value == "~" || value == "null")) node.kind = YamlNode::Kind::null;
        add(std::move(node));
    }
    void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, YamlNode::Kind::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, YamlNode::Kind::mapping);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Open {
        YamlNode node;
        bool has_key = false;  // the last entry waits for its value
    };

    [[noreturn]] static void refuse(YAML::Mark const& mark, std::string message) {
        throw Refused{{position_of(mark), std::move(message)}};
    }
    static void refuse_anchor(YAML::Mark const& mark, YAML::anchor_t anchor) {
        if (anchor) refuse(mark, "anchors are not supported; write the value out where it is needed");
    }
    void open(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
        refuse_anchor(mark, anchor);
        if (tag != "?" && tag != "!" && !tag.empty()) refuse(mark, "tags (" + tag + ") are not supported");
        if (!stack_.empty() && stack_.back().node.kind == YamlNode::Kind::mapping && !stack_.back().has_key)
            refuse(mark, "a key must be a word, not a list or a mapping");
        last_ = position_of(mark);
        Open opened;
        opened.node.kind = kind;
        opened.node.position = position_of(mark);
        stack_.push_back(std::move(opened));
    }
    void close() {
        YamlNode node = std::move(stack_.back().node);
        stack_.pop_back();
        add(std::move(node));
    }
    void add(YamlNode node) {
        last_ = std::max(last_, node.position);
        if (stack_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& top = stack_.back();
        if (top.node.kind == YamlNode::Kind::sequence) {
            top.node.items.push_back(std::move(node));
        } else if (!top.has_key) {
            if (node.kind != YamlNode::Kind::scalar) throw Refused{{node.position, "a key must be a word"}};
            top.node.entries.push_back({std::move(node.text), node.position, {}});
            top.has_key = true;
        } else {
            auto& entry = top.node.entries.back();
            // An absent value has no place of its own in the text.
            if (node.kind == YamlNode::Kind::null) node.position = entry.position;
            entry.value = std::move(node);
            top.has_key = false;
        }
    }

    YamlNode root_;
    std::vector<Open> stack_;
    YamlPosition last_;
};

}  // namespace

YamlNode const* YamlNode::find(std::string_view key) const {
    for (auto const& entry : entries)
        if (entry.key == key) return &entry.value;
    return nullptr;
}

std::expected<YamlNode, YamlSyntaxError> parse_yaml(std::string_view text) {
    if (text.size() > bytes_max)
        return std::unexpected(YamlSyntaxError{{}, "the file is longer than " + std::to_string(bytes_max) + " bytes"});
    if (auto const zero = text.find('\0'); zero != std::string_view::npos)
        return std::unexpected(YamlSyntaxError{{}, "the file contains a zero byte; expected text in UTF-8"});
    // yaml-cpp takes the end of the text for the end of a quoted scalar where the text ends with a line break.
    std::istringstream stream{std::string(text) + "\n#"};
    TreeBuilder builder;
    try {
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder)) return YamlNode{};
        YamlNode root = builder.take_root();
        if (parser.HandleNextDocument(builder))
            return std::unexpected(YamlSyntaxError{builder.last_position(), "expected one document, found a second"});
        return root;
    } catch (Refused const& refused) {
        return std::unexpected(refused.error);
    } catch (YAML::Exception const& error) {
        auto const position = error.mark.is_null() ? builder.last_position() : position_of(error.mark);
        return std::unexpected(YamlSyntaxError{std::min(position, end_of(text)), "not valid YAML: " + error.msg});
    }
}

std::string describe(YamlNode const& node) {
    switch (node.kind) {
        case YamlNode::Kind::null:
            return "nothing";
        case YamlNode::Kind::sequence:
            return "a list";
        case YamlNode::Kind::mapping:
            return "a mapping";
        case YamlNode::Kind::scalar:
            break;
    }
    if (node.text.size() <= shown_characters_max) return "'" + node.text + "'";
    return "'" + node.text.substr(0, shown_characters_max) + "…'";
}

}  // namespace billhook
