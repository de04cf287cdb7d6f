#include "http/customer_id.h"

#include <algorithm>

namespace billhook::http {

Result<CustomerId> parse_customer_id(std::string_view text, std::string_view field) {
    bool const is_valid = !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._:@-").find(c) != std::string_view::npos;
    });
    if (!is_valid)
        return fail(invalid(std::string(field), "expected 1 to 128 characters of letters, digits and . _ : @ -"));
    return CustomerId{std::string(text)};
}

}  // namespace billhook::http
