#pragma once
// RequestReader: bytes of one connection in, requests out. It refuses everything that two servers in a row could cut
// into requests differently (request smuggling): both lengths, repeated lengths, lines that end in a bare LF, folded
// lines, spaces where none belong. Each byte is looked at once, however it arrives, and the memory of one request
// serves the next. No sockets, no clock.

#include <cstdint>
#include <string>
#include <string_view>

#include "net/chunked_body.h"
#include "net/http_message.h"
#include "net/server_problem.h"

namespace billhook::net {

struct RequestLimits {
    std::size_t header_bytes_max = 16u << 10;
    int header_count_max = 100;
    std::size_t body_bytes_max = 1u << 20;
};

enum class ReadProgress {
    need_more,
    wants_continue,  // the client waits for "100 Continue" before it sends the body; said once
    complete,        // request() is whole
    refused,         // refusal() says why; the connection cannot go on
};

struct Refusal {
    ServerProblem problem;
    std::string detail;
};

class RequestReader {
  public:
    enum class Stage { nothing, head, body };

    explicit RequestReader(RequestLimits const& limits);

    /// `input` is everything not yet consumed; `consumed` says how much of its front is done with.
    ReadProgress read(std::string_view input, std::size_t& consumed);

    Stage stage() const { return stage_; }
    Refusal const& refusal() const { return refusal_; }
    // Of the complete request.
    bool wants_keep_alive() const { return head_.wants_keep_alive(); }
    bool is_http_1_0() const { return head_.is_http_1_0; }
    /// Whoever wants to keep it moves it away.
    HttpRequest& request() { return request_; }
    void begin_next();

  private:
    /// What the lines read so far say of the message's frame.
    struct Head {
        bool is_http_1_0 = false;
        bool says_close = false, says_keep_alive = false;
        int lengths = 0, codings = 0, hosts = 0;
        bool is_coding_known = true, is_expectation_known = true;
        bool expects_continue = false;
        std::uint64_t body_bytes = 0;

        bool wants_keep_alive() const { return !says_close && (says_keep_alive || !is_http_1_0); }
    };

    // The steps below say true, or refuse and say false.
    enum class HeadEnd { found, not_yet, refused };
    HeadEnd read_head(std::string_view input);
    bool read_line(std::string_view input, std::size_t end);
    bool read_request_line(std::string_view line);
    bool read_field(std::string_view input, std::string_view line);
    bool note_frame(std::string_view name, std::string_view value);
    bool note_length(std::string_view value);
    bool note_connection(std::string_view value);
    bool finish_head(std::string_view head);
    bool normalise_target();
    ReadProgress begin_body();
    ReadProgress read_body(std::string_view input, std::size_t& consumed);
    ReadProgress read_chunks(std::string_view input, std::size_t& consumed);
    bool refuse(ServerProblem problem, std::string detail);
    bool refuse_framing();

    RequestLimits const limits_;
    Stage stage_ = Stage::nothing;
    bool has_skipped_line_ = false;
    std::size_t scanned_ = 0, line_begin_ = 0;  // offsets into the input while the head's end is looked for
    int lines_ = 0;
    Head head_;
    ChunkedBody chunks_;
    HttpRequest request_;
    Refusal refusal_{};
};

}  // namespace billhook::net
