#include "domain/invoice/invoice.h"

#include <array>
#include <utility>

namespace billhook::invoice {
namespace {

constexpr std::array<std::pair<Status, char const*>, 5> words{{{Status::draft, "draft"},
                                                               {Status::open, "open"},
                                                               {Status::paid, "paid"},
                                                               {Status::uncollectible, "uncollectible"},
                                                               {Status::voided, "void"}}};

}  // namespace

char const* to_string(Status status) {
    for (auto const& [value, word] : words)
        if (value == status) return word;
    return "";
}

std::optional<Status> parse_status(std::string_view text) {
    for (auto const& [value, word] : words)
        if (text == word) return value;
    return std::nullopt;
}

}  // namespace billhook::invoice
