#pragma once
// Writes the head of a response. It owns the fields that frame a message (Content-Length, Transfer-Encoding,
// Connection): what a handler says of these is ignored, except the wish for "Connection: close".

#include <ctime>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace billhook::net {

/// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
class DateHeader {
  public:
    std::string_view at(std::time_t now);

  private:
    std::time_t second_ = -1;
    std::string text_;
};

struct ResponseFraming {
    bool keep_alive = true;
    bool is_http_1_0 = false;
};

bool wants_close(HttpResponse const& response);
/// RFC 9110 section 6.4.1: 204 and 304 have none, whatever the handler put there.
bool may_have_body(int status);
/// False, and nothing appended: a status or a header field that must not be sent (a line end in a value would let
/// whoever chose it write headers of his own). That is a handler's mistake.
bool append_response_head(std::string& out, HttpResponse const& response, ResponseFraming framing,
                          std::string_view date);
/// The same head for 200 with JSON and no other field: the answer of the hot doors.
void append_json_head(std::string& out, std::size_t body_bytes, ResponseFraming framing, std::string_view date);

}  // namespace billhook::net
