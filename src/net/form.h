#pragma once
// application/x-www-form-urlencoded with brackets, as Stripe's API speaks it: items[0][price]=x, metadata[k]=v,
// expand[]=a. Decoding yields a tree of objects, arrays and strings (all leaves are strings); encoding is the inverse.
// Percent-coding: RFC 3986 section 2.1; '+' is a space in bodies and queries.

#include <string>
#include <string_view>

#include "base/json.h"

namespace billhook::net {

struct FormLimits {
    int depth_max = 8;
    std::size_t fields_max = 2000;
};

/// Keys "a[0]" and "a[]" make arrays (sparse indexes are closed up in their order), other brackets make objects.
/// Errors are `invalid` with the offending parameter in `field`.
Result<JsonObject> parse_form(std::string_view text, FormLimits const& limits = {});
/// Numbers and booleans become their text, null becomes an empty string.
std::string encode_form(JsonObject const& fields);

std::string percent_decode(std::string_view text);       // leaves malformed escapes as they are; '+' stays
std::string percent_decode_form(std::string_view text);  // also turns '+' into a space
std::string percent_encode(std::string_view text);       // everything but unreserved characters

}  // namespace billhook::net
