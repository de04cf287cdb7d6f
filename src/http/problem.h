#pragma once
// Problem details (RFC 9457): the one place where an Error becomes a status code and a body. Every reason that the
// program uses is a type that resolves at /problems/<code>.

#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http_message.h"

namespace billhook::http {

int status_of(ErrorKind kind);

/// `instance` is the request's path. Members of error.extra stand beside the standard ones.
net::HttpResponse problem_response(Error const& error, std::string_view instance);

/// The page behind a problem's type: what the code means and what to do. Any well-formed code has one.
net::HttpResponse problem_page(std::string_view code);

}  // namespace billhook::http
