#include "net/http_message.h"

#include "net/http_syntax.h"

namespace billhook::net {

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (auto const& place : places_)
        if (same_word(field_at(place).name, name)) return field_at(place).value;
    return std::nullopt;
}

std::string Headers::get_or(std::string_view name, std::string_view fallback) const {
    return std::string(find(name).value_or(fallback));
}

void Headers::set(std::string_view name, std::string_view value) {
    std::erase_if(places_, [&](Place const& place) { return same_word(field_at(place).name, name); });
    add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
    auto const begin = static_cast<std::uint32_t>(text_.size());
    auto const name_size = static_cast<std::uint32_t>(name.size());
    places_.push_back({begin, name_size, begin + name_size, static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

void Headers::clear() {
    text_.clear();
    places_.clear();
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
