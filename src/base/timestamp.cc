#include "base/timestamp.h"

#include <cstdio>

#include "base/calendar.h"

namespace billhook {
namespace {

bool read_digits(std::string_view& text, int count, int& out) {
    if (text.size() < static_cast<std::size_t>(count)) return false;
    out = 0;
    for (int i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool read_char(std::string_view& text, char expected) {
    if (text.empty() || text[0] != expected) return false;
    text.remove_prefix(1);
    return true;
}

bool read_offset(std::string_view& text, std::int64_t& offset_ms) {
    if (read_char(text, 'Z') || read_char(text, 'z')) return true;
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
    int const sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!read_digits(text, 2, hours) || !read_char(text, ':') || !read_digits(text, 2, minutes)) return false;
    offset_ms = sign * (hours * 3'600'000LL + minutes * 60'000LL);
    return hours < 24 && minutes < 60;
}

int read_fraction_ms(std::string_view& text) {
    int ms = 0, scale = 100;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        ms += (text[0] - '0') * scale;
        scale /= 10;
        text.remove_prefix(1);
    }
    return ms;
}

}  // namespace

std::string to_rfc3339(Timestamp time) {
    std::int64_t const seconds = time.seconds();
    std::int64_t const days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
    int const rest = static_cast<int>(seconds - days * 86400);
    int const ms = static_cast<int>(time.ms - seconds * 1000);
    CivilDate const date = civil_from_days(days);
    char text[80];
    int n = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day,
                          rest / 3600, rest / 60 % 60, rest % 60);
    if (ms != 0) n += std::snprintf(text + n, sizeof text - n, ".%03d", ms);
    return std::string(text, n) + "Z";
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
    auto const bad = [] { return fail(invalid("", "expected an RFC 3339 time such as 2025-01-31T00:00:00Z")); };
    CivilDate date;
    if (!read_digits(text, 4, date.year) || !read_char(text, '-') || !read_digits(text, 2, date.month) ||
        !read_char(text, '-') || !read_digits(text, 2, date.day))
        return bad();
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_in_month(date.year, date.month))
        return bad();
    std::int64_t const midnight_ms = days_from_civil(date) * 86'400'000;
    if (text.empty()) return Timestamp{midnight_ms};

    int hour = 0, minute = 0, second = 0, ms = 0;
    std::int64_t offset_ms = 0;
    if (!read_char(text, 'T') && !read_char(text, 't') && !read_char(text, ' ')) return bad();
    if (!read_digits(text, 2, hour) || !read_char(text, ':') || !read_digits(text, 2, minute) ||
        !read_char(text, ':') || !read_digits(text, 2, second))
        return bad();
    if (hour > 23 || minute > 59 || second > 59) return bad();
    if (read_char(text, '.')) ms = read_fraction_ms(text);
    if (!read_offset(text, offset_ms) || !text.empty()) return bad();
    return Timestamp{midnight_ms + ((hour * 60 + minute) * 60 + second) * 1000LL + ms - offset_ms};
}

}  // namespace billhook
