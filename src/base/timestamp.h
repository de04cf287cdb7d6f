#pragma once
// Timestamp: UTC milliseconds since the Unix epoch. Stripe's seconds exist only in gateway/stripe and sandbox.
// Duration: milliseconds. RFC 3339 is the only text form.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace billhook {

struct Duration {
    std::int64_t ms = 0;

    static constexpr Duration milliseconds(std::int64_t n) { return {n}; }
    static constexpr Duration seconds(std::int64_t n) { return {n * 1000}; }
    static constexpr Duration minutes(std::int64_t n) { return {n * 60'000}; }
    static constexpr Duration hours(std::int64_t n) { return {n * 3'600'000}; }
    static constexpr Duration days(std::int64_t n) { return {n * 86'400'000}; }
    constexpr auto operator<=>(Duration const&) const = default;
};

struct Timestamp {
    std::int64_t ms = 0;

    static constexpr Timestamp from_seconds(std::int64_t seconds) { return {seconds * 1000}; }
    /// Whole seconds, rounded towards the past.
    constexpr std::int64_t seconds() const { return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000); }
    constexpr auto operator<=>(Timestamp const&) const = default;
};

constexpr Timestamp operator+(Timestamp t, Duration d) {
    return {t.ms + d.ms};
}
constexpr Timestamp operator-(Timestamp t, Duration d) {
    return {t.ms - d.ms};
}
constexpr Duration operator-(Timestamp a, Timestamp b) {
    return {a.ms - b.ms};
}

/// "2025-01-31T00:00:00Z"; with milliseconds ("….250Z") only where there are any.
std::string to_rfc3339(Timestamp time);
/// Accepts RFC 3339 with any offset, and a plain date as its midnight UTC.
Result<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace billhook
