#include "net/chunked_body.h"

#include <algorithm>
#include <charconv>

#include "net/http_syntax.h"

namespace billhook::net {
namespace {

// Before an extension stands a semicolon. What it says ends with the line, so its inside needs no reading.
bool is_chunk_extension(std::string_view text) {
    return text.empty() || (trim(text).starts_with(';') && is_field_value(text));
}

}  // namespace

ChunkedBody::Progress ChunkedBody::read(std::string_view input, std::size_t& consumed, std::string& body) {
    for (;;) {
        auto const rest = input.substr(consumed);
        if (part_ == Part::data) {
            auto const taken = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, rest.size()));
            body.append(rest.substr(0, taken));
            consumed += taken;
            chunk_left_ -= taken;
            if (chunk_left_ > 0) return Progress::need_more;
            part_ = Part::data_end;
            continue;
        }
        // What follows a chunk's data is an empty line and nothing else: no waiting for its end where it begins
        // otherwise.
        if (part_ == Part::data_end && !rest.empty() && !std::string_view("\r\n").starts_with(rest.substr(0, 2)))
            return Progress::malformed;
        auto const end = rest.find('\n');
        auto const line_bytes = end == std::string_view::npos ? rest.size() : end + 1;
        if (trailer_bytes_ + line_bytes > line_bytes_max_) return Progress::lines_too_long;
        if (end == std::string_view::npos) return Progress::need_more;
        if (end == 0 || rest[end - 1] != '\r') return Progress::malformed;
        consumed += line_bytes;
        if (part_ == Part::trailers) trailer_bytes_ += line_bytes;
        if (auto const progress = read_line(rest.substr(0, end - 1), body); progress != Progress::need_more)
            return progress;
    }
}

ChunkedBody::Progress ChunkedBody::read_line(std::string_view line, std::string const& body) {
    switch (part_) {
        case Part::size:
            return read_size(line, body);
        case Part::trailers:
            if (line.empty()) return Progress::complete;
            return parse_field_line(line) ? Progress::need_more : Progress::malformed;
        case Part::data:
        case Part::data_end:
            break;
    }
    part_ = Part::size;
    return Progress::need_more;
}

ChunkedBody::Progress ChunkedBody::read_size(std::string_view line, std::string const& body) {
    // from_chars would take a sign.
    if (line.starts_with('-')) return Progress::malformed;
    auto const [end, error] = std::from_chars(line.data(), line.data() + line.size(), chunk_left_, 16);
    if (error != std::errc{} || !is_chunk_extension({end, line.data() + line.size()})) return Progress::malformed;
    if (chunk_left_ > body_bytes_max_ - body.size()) return Progress::body_too_large;
    part_ = chunk_left_ == 0 ? Part::trailers : Part::data;
    return Progress::need_more;
}

void ChunkedBody::begin_next() {
    part_ = Part::size;
    chunk_left_ = 0;
    trailer_bytes_ = 0;
}

}  // namespace billhook::net
