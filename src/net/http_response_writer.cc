#include "net/http_response_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/http_syntax.h"

namespace billhook::net {
namespace {

constexpr std::size_t head_bytes_expected = 256;

struct Reason {
    int status;
    std::string_view phrase;
};
constexpr std::array reasons{
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{206, "Partial Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{417, "Expectation Failed"},
    Reason{422, "Unprocessable Content"},
    Reason{424, "Failed Dependency"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
};

std::string_view reason_of(int status) {
    auto const found = std::ranges::lower_bound(reasons, status, {}, &Reason::status);
    return found != reasons.end() && found->status == status ? found->phrase : std::string_view{};
}

bool is_framing(std::string_view name) {
    return same_word(name, "Content-Length") || same_word(name, "Connection") || same_word(name, "Transfer-Encoding") ||
           same_word(name, "Keep-Alive");
}

bool is_safe_name(std::string_view name) {
    return !name.empty() && std::ranges::none_of(name, [](char c) { return c <= ' ' || c == ':' || c == 0x7F; });
}

bool is_safe_value(std::string_view value) {
    return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_date(std::string& out, std::string_view date) {
    out += "Date: ";
    out += date;
    out += "\r\n";
}

void append_length(std::string& out, std::size_t body_bytes) {
    out += "Content-Length: ";
    append_number(out, body_bytes);
    out += "\r\n";
}

void end_head(std::string& out, ResponseFraming framing) {
    if (!framing.keep_alive)
        out += "Connection: close\r\n";
    else if (framing.is_http_1_0)
        out += "Connection: keep-alive\r\n";
    out += "\r\n";
}

}  // namespace

std::string_view DateHeader::at(std::time_t now) {
    if (now == second_) return text_;
    second_ = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    // Not strftime for the names: a locale must not translate them.
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 64> buffer;
    auto const size = std::snprintf(buffer.data(), buffer.size(), "%s, %02d %s %d %02d:%02d:%02d GMT",
                                    days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900,
                                    parts.tm_hour, parts.tm_min, parts.tm_sec);
    text_.assign(buffer.data(), static_cast<std::size_t>(size));
    return text_;
}

bool wants_close(HttpResponse const& response) {
    return std::ranges::any_of(response.headers.fields(), [](auto const& field) {
        return same_word(field.name, "Connection") && same_word(field.value, "close");
    });
}

bool may_have_body(int status) {
    return status != 204 && status != 304;
}

bool append_response_head(std::string& out, HttpResponse const& response, ResponseFraming framing,
                          std::string_view date) {
    if (response.status < 200 || response.status > 599) return false;
    auto const start = out.size();
    out.reserve(start + head_bytes_expected + response.body.size());
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    out += reason_of(response.status);
    out += "\r\n";
    bool has_date = false;
    for (auto const& [name, value] : response.headers.fields()) {
        if (!is_safe_name(name) || !is_safe_value(value)) {
            out.resize(start);
            return false;
        }
        if (is_framing(name)) continue;
        has_date = has_date || same_word(name, "Date");
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    }
    if (!has_date) append_date(out, date);
    if (may_have_body(response.status)) append_length(out, response.body.size());
    end_head(out, framing);
    return true;
}

void append_json_head(std::string& out, std::size_t body_bytes, ResponseFraming framing, std::string_view date) {
    out.reserve(out.size() + head_bytes_expected + body_bytes);
    out += "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    append_date(out, date);
    append_length(out, body_bytes);
    end_head(out, framing);
}

}  // namespace billhook::net
