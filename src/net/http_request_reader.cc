#include "net/http_request_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "net/http_syntax.h"

namespace billhook::net {
namespace {

constexpr std::size_t body_reserve_bytes_max = 64u << 10;
constexpr std::size_t kept_body_bytes_max = 4u << 10;  // of memory, for the next request of the connection

/// Up to the next space, which goes with it.
std::string_view take_word(std::string_view& line) {
    auto const end = std::min(line.find(' '), line.size());
    auto const word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

}  // namespace

RequestReader::RequestReader(RequestLimits const& limits)
    : limits_(limits), chunks_(limits.body_bytes_max, limits.header_bytes_max) {}

ReadProgress RequestReader::read(std::string_view input, std::size_t& consumed) {
    consumed = 0;
    if (stage_ == Stage::body) return read_body(input, consumed);
    if (stage_ == Stage::nothing) {
        // RFC 9112 section 2.2: one empty line before the request is an old client's habit.
        if (!has_skipped_line_ && input.starts_with("\r\n")) {
            has_skipped_line_ = true;
            consumed = 2;
        }
        if (input.size() == consumed || (!has_skipped_line_ && input == "\r")) return ReadProgress::need_more;
        input.remove_prefix(consumed);
        stage_ = Stage::head;
    }
    auto const head_end = read_head(input);
    if (head_end == HeadEnd::not_yet) return ReadProgress::need_more;
    if (head_end == HeadEnd::refused || !finish_head(input.substr(0, scanned_))) return ReadProgress::refused;
    consumed += scanned_;
    auto const progress = begin_body();
    if (stage_ != Stage::body || scanned_ == input.size()) return progress;
    std::size_t body_bytes = 0;
    auto const body_progress = read_body(input.substr(scanned_), body_bytes);
    consumed += body_bytes;
    return body_progress;
}

RequestReader::HeadEnd RequestReader::read_head(std::string_view input) {
    while (scanned_ < input.size()) {
        auto const* found = std::memchr(input.data() + scanned_, '\n', input.size() - scanned_);
        if (!found) break;
        auto const end = static_cast<std::size_t>(static_cast<char const*>(found) - input.data());
        scanned_ = end + 1;
        if (scanned_ > limits_.header_bytes_max) break;
        if (end == line_begin_ + 1 && input[line_begin_] == '\r' && lines_ > 0) return HeadEnd::found;
        if (!read_line(input, end)) return HeadEnd::refused;
        line_begin_ = scanned_;
    }
    if (input.size() > limits_.header_bytes_max) {
        if (lines_ == 0)
            refuse(ServerProblem::uri_too_long, "Expected a shorter request target.");
        else
            refuse(ServerProblem::headers_too_large, "Expected shorter headers.");
        return HeadEnd::refused;
    }
    scanned_ = input.size();
    return HeadEnd::not_yet;
}

/// The line that ends with the LF at `end`.
bool RequestReader::read_line(std::string_view input, std::size_t end) {
    if (end == line_begin_ || input[end - 1] != '\r')
        return refuse(ServerProblem::malformed_request, "Expected each line to end in CR LF.");
    auto const line = input.substr(line_begin_, end - 1 - line_begin_);
    if (lines_++ == 0) return read_request_line(line);
    if (lines_ > limits_.header_count_max + 1)
        return refuse(ServerProblem::headers_too_large, "Expected fewer headers.");
    return read_field(input, line);
}

bool RequestReader::read_request_line(std::string_view line) {
    auto const method = take_word(line);
    auto const target = take_word(line);
    head_.is_http_1_0 = line == "HTTP/1.0";
    if (!is_token(method) || target.empty() || !is_visible(target) || !(head_.is_http_1_0 || line == "HTTP/1.1"))
        return refuse(
            ServerProblem::malformed_request,
            "Expected a request line: a method, a target in ASCII and HTTP/1.1, with one space between them.");
    request_.method = method;
    request_.target = target;
    return true;
}

bool RequestReader::read_field(std::string_view input, std::string_view line) {
    if (line.starts_with(' ') || line.starts_with('\t'))
        return refuse(ServerProblem::malformed_request, "Expected each header on one line.");
    auto const field = parse_field_line(line);
    if (!field)
        return refuse(ServerProblem::malformed_request,
                      "Expected each header as a name, a colon at its end, and a value without control characters.");
    auto const offset = [&](std::string_view part) { return static_cast<std::uint32_t>(part.data() - input.data()); };
    request_.headers.add({offset(field->name), static_cast<std::uint32_t>(field->name.size()), offset(field->value),
                          static_cast<std::uint32_t>(field->value.size())});
    return note_frame(field->name, field->value);
}

/// The length first: few headers that say something of the frame are as long as another.
bool RequestReader::note_frame(std::string_view name, std::string_view value) {
    switch (name.size()) {
        case 4:
            if (!same_word(name, "Host")) return true;
            ++head_.hosts;
            return is_authority(value) ||
                   refuse(ServerProblem::malformed_request, "Expected a host, with or without a port, as Host.");
        case 6:
            if (!same_word(name, "Expect")) return true;
            head_.expects_continue = head_.is_expectation_known = same_word(value, "100-continue");
            return true;
        case 10:
            return !same_word(name, "Connection") || note_connection(value);
        case 14:
            return !same_word(name, "Content-Length") || note_length(value);
        case 17:
            if (!same_word(name, "Transfer-Encoding")) return true;
            head_.is_coding_known = same_word(value, "chunked");
            return ++head_.codings == 1 || refuse_framing();
        default:
            return true;
    }
}

bool RequestReader::note_length(std::string_view value) {
    auto const* const value_end = value.data() + value.size();
    auto const [end, error] = std::from_chars(value.data(), value_end, head_.body_bytes);
    bool const is_number = error == std::errc{} && end == value_end;
    return (++head_.lengths == 1 && is_number) || refuse_framing();
}

bool RequestReader::note_connection(std::string_view value) {
    while (!value.empty()) {
        auto const comma = std::min(value.find(','), value.size());
        auto const option = trim(value.substr(0, comma));
        value.remove_prefix(std::min(comma + 1, value.size()));
        if (!option.empty() && !is_token(option))
            return refuse(ServerProblem::malformed_request, "Expected a list of words as Connection.");
        head_.says_close |= same_word(option, "close");
        head_.says_keep_alive |= same_word(option, "keep-alive");
    }
    return true;
}

bool RequestReader::finish_head(std::string_view head) {
    request_.headers.take_text(head);
    if ((head_.lengths > 0 && head_.codings > 0) || (head_.codings > 0 && head_.is_http_1_0)) return refuse_framing();
    if (!head_.is_coding_known)
        return refuse(ServerProblem::unsupported_transfer_coding,
                      "Of the transfer codings, only \"chunked\" is understood.");
    if (head_.body_bytes > limits_.body_bytes_max)
        return refuse(ServerProblem::body_too_large,
                      "Expected a body of at most " + std::to_string(limits_.body_bytes_max) + " bytes.");
    if (head_.hosts > 1 || (head_.hosts == 0 && !head_.is_http_1_0))
        return refuse(ServerProblem::malformed_request, "Expected exactly one Host header.");
    if (!normalise_target())
        return refuse(ServerProblem::malformed_request,
                      "Expected a request target that starts with \"/\", or an absolute address.");
    return head_.is_expectation_known ||
           refuse(ServerProblem::expectation_failed, "The only expectation met here is \"100-continue\".");
}

// RFC 9112 section 3.2.2: an absolute target is accepted, and its authority replaces Host.
bool RequestReader::normalise_target() {
    auto& target = request_.target;
    if (target.starts_with('/')) return true;
    if (target == "*") return request_.method == "OPTIONS";
    auto const scheme_end = target.find("://");
    if (scheme_end == std::string::npos) return false;
    auto const scheme = std::string_view(target).substr(0, scheme_end);
    if (!same_word(scheme, "http") && !same_word(scheme, "https")) return false;
    auto const path = std::min(target.find_first_of("/?", scheme_end + 3), target.size());
    auto const authority = target.substr(scheme_end + 3, path - scheme_end - 3);
    if (authority.empty() || !is_authority(authority)) return false;
    request_.headers.set("Host", authority);
    target.erase(0, path);
    if (!target.starts_with('/')) target.insert(0, "/");
    return true;
}

ReadProgress RequestReader::begin_body() {
    if (head_.codings == 0 && head_.body_bytes == 0) return ReadProgress::complete;
    stage_ = Stage::body;
    // What a client only promises is not yet worth memory.
    request_.body.reserve(std::min<std::uint64_t>(head_.body_bytes, body_reserve_bytes_max));
    return head_.expects_continue && !head_.is_http_1_0 ? ReadProgress::wants_continue : ReadProgress::need_more;
}

ReadProgress RequestReader::read_body(std::string_view input, std::size_t& consumed) {
    if (head_.codings > 0) return read_chunks(input, consumed);
    consumed = std::min(static_cast<std::size_t>(head_.body_bytes) - request_.body.size(), input.size());
    request_.body.append(input.substr(0, consumed));
    return request_.body.size() == head_.body_bytes ? ReadProgress::complete : ReadProgress::need_more;
}

ReadProgress RequestReader::read_chunks(std::string_view input, std::size_t& consumed) {
    switch (chunks_.read(input, consumed, request_.body)) {
        case ChunkedBody::Progress::need_more:
            return ReadProgress::need_more;
        case ChunkedBody::Progress::complete:
            return ReadProgress::complete;
        case ChunkedBody::Progress::malformed:
            refuse(ServerProblem::malformed_request,
                   "Expected the body in chunks: each its size in hex, CR LF, the data, CR LF.");
            break;
        case ChunkedBody::Progress::body_too_large:
            refuse(ServerProblem::body_too_large,
                   "Expected a body of at most " + std::to_string(limits_.body_bytes_max) + " bytes.");
            break;
        case ChunkedBody::Progress::lines_too_long:
            refuse(ServerProblem::headers_too_large, "Expected shorter chunk lines and trailers.");
            break;
    }
    return ReadProgress::refused;
}

bool RequestReader::refuse(ServerProblem problem, std::string detail) {
    refusal_ = {problem, std::move(detail)};
    return false;
}

bool RequestReader::refuse_framing() {
    return refuse(ServerProblem::malformed_request,
                  "Expected the body's length once: one Content-Length, or Transfer-Encoding: chunked in HTTP/1.1.");
}

void RequestReader::begin_next() {
    stage_ = Stage::nothing;
    has_skipped_line_ = false;
    scanned_ = line_begin_ = 0;
    lines_ = 0;
    head_ = {};
    chunks_.begin_next();
    request_.method.clear();
    request_.target.clear();
    request_.headers.clear();
    if (request_.body.capacity() > kept_body_bytes_max) request_.body = {};
    request_.body.clear();
}

}  // namespace billhook::net
