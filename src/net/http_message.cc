#include "net/http_message.h"

#include <strings.h>

namespace billhook::net {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (auto const& [key, value] : fields_)
        if (same_name(key, name)) return value;
    return std::nullopt;
}

std::string Headers::get_or(std::string_view name, std::string_view fallback) const {
    return std::string(find(name).value_or(fallback));
}

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(fields_, [&](auto const& field) { return same_name(field.first, name); });
    fields_.emplace_back(std::string(name), std::move(value));
}

std::string_view HttpRequest::path() const {
    std::string_view const all = target;
    return all.substr(0, all.find('?'));
}

std::string_view HttpRequest::query() const {
    std::string_view const all = target;
    auto const mark = all.find('?');
    return mark == std::string_view::npos ? std::string_view{} : all.substr(mark + 1);
}

}  // namespace billhook::net
