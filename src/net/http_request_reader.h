#pragma once
// RequestReader: bytes of one connection in, requests out. It parses with Beast and refuses, beyond what Beast does,
// everything that two servers in a row could cut into requests differently (request smuggling): both lengths, repeated
// lengths, lines that end in a bare LF, folded lines. No sockets, no clock.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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
    complete,        // take_request() has it
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
    ~RequestReader();

    /// `input` is everything not yet consumed; `consumed` says how much of its front is done with.
    ReadProgress read(std::string_view input, std::size_t& consumed);

    Stage stage() const { return stage_; }
    Refusal const& refusal() const { return refusal_; }
    // Of the complete request.
    bool wants_keep_alive() const { return wants_keep_alive_; }
    bool is_http_1_0() const { return is_http_1_0_; }
    /// Makes room for the next one.
    HttpRequest take_request();

  private:
    class Parser;

    enum class HeadEnd { found, not_yet, refused };
    HeadEnd find_head_end(std::string_view input);
    ReadProgress parse_head(std::string_view head);
    ReadProgress parse_body(std::string_view input, std::size_t& consumed);
    ReadProgress refuse(ServerProblem problem, std::string detail);

    RequestLimits const limits_;
    Stage stage_ = Stage::nothing;
    std::size_t scanned_ = 0, line_begin_ = 0;  // offsets into the input while the head's end is looked for
    int lines_ = 0;
    std::unique_ptr<Parser> parser_;
    HttpRequest request_;
    Refusal refusal_{};
    bool wants_keep_alive_ = false;
    bool is_http_1_0_ = false;
};

}  // namespace billhook::net
