#pragma once
// ChunkedBody: the chunked coding (RFC 9112 section 7.1) taken off a body as it arrives. Extensions and trailers are
// read past, never believed.

#include <cstdint>
#include <string>
#include <string_view>

namespace billhook::net {

class ChunkedBody {
  public:
    enum class Progress { need_more, complete, malformed, body_too_large, lines_too_long };

    ChunkedBody(std::size_t body_bytes_max, std::size_t line_bytes_max)
        : body_bytes_max_(body_bytes_max), line_bytes_max_(line_bytes_max) {}

    /// Appends to `body`; `consumed` says how much of the input's front is done with.
    Progress read(std::string_view input, std::size_t& consumed, std::string& body);
    void begin_next();

  private:
    enum class Part { size, data, data_end, trailers };

    Progress read_line(std::string_view line, std::string const& body);
    Progress read_size(std::string_view line, std::string const& body);

    std::size_t const body_bytes_max_, line_bytes_max_;
    Part part_ = Part::size;
    std::uint64_t chunk_left_ = 0;
    std::size_t trailer_bytes_ = 0;
};

}  // namespace billhook::net
