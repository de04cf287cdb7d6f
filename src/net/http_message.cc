#include "net/http_message.h"

#include <strings.h>

namespace billhook::net {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (auto const& place : places_)
        if (place.name_size == name.size() && same_name(field_at(place).name, name)) return field_at(place).value;
    return std::nullopt;
}

std::string Headers::get_or(std::string_view name, std::string_view fallback) const {
    return std::string(find(name).value_or(fallback));
}

void Headers::set(std::string_view name, std::string_view value) {
    std::erase_if(places_, [&](Place const& place) { return same_name(field_at(place).name, name); });
    add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
    places_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                       static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

void Headers::reserve(std::size_t count, std::size_t bytes) {
    places_.reserve(count);
    text_.reserve(bytes);
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
