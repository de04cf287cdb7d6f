#include "domain/catalog/variable.h"

#include <algorithm>

namespace billhook::catalog {
namespace {

bool is_variable_name(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

// What one "${…}" stands for; a problem's message where it stands for nothing.
std::string resolve(std::string_view inside, Variables const& variables, std::string& message) {
    auto const separator = inside.find(":-");
    auto const name = inside.substr(0, separator);
    if (!is_variable_name(name)) {
        message = "found '${" + std::string(inside) + "}', expected ${NAME} or ${NAME:-default}";
        return {};
    }
    auto const found = variables.find(name);
    if (found != variables.end() && !found->second.empty()) return found->second;
    if (separator != std::string_view::npos) return std::string(inside.substr(separator + 2));
    message = "the environment variable " + std::string(name) + " is not set; set it, or give a default: ${" +
              std::string(name) + ":-default}";
    return {};
}

// True where something was replaced.
bool substitute_text(std::string& text, Variables const& variables, std::string& message) {
    std::string out;
    bool is_changed = false;
    std::size_t at = 0;
    while (at < text.size()) {
        auto const start = text.find("${", at);
        if (start == std::string::npos) break;
        if (start > 0 && text[start - 1] == '$') {
            out.append(text, at, start - 1 - at).append("${");
            at = start + 2;
            continue;
        }
        auto const end = text.find('}', start);
        if (end == std::string::npos) {
            message = "found '${' without '}'; expected ${NAME} or ${NAME:-default}";
            return false;
        }
        out.append(text, at, start - at);
        out += resolve(std::string_view(text).substr(start + 2, end - start - 2), variables, message);
        if (!message.empty()) return false;
        is_changed = true;
        at = end + 1;
    }
    text = out + text.substr(at);
    return is_changed;
}

}  // namespace

void substitute(YamlNode& node, Variables const& variables, std::string const& file, Problems& problems) {
    if (node.kind == YamlNode::Kind::scalar) {
        std::string message;
        // What comes from a variable is read like a plain value: only quotes can keep ${…} apart from YAML's braces.
        if (substitute_text(node.text, variables, message)) node.is_quoted = false;
        if (!message.empty()) {
            problems.push_back({file, node.position, "", message});
            node.kind = YamlNode::Kind::null;
        }
    }
    for (auto& item : node.items) substitute(item, variables, file, problems);
    for (auto& entry : node.entries) substitute(entry.value, variables, file, problems);
}

}  // namespace billhook::catalog
