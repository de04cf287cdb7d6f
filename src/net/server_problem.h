#pragma once
// What the server itself answers when a request never reaches a handler, or a handler never answers: RFC 9457 problem
// details whose type is /problems/<code>.

#include <span>
#include <string_view>

#include "net/http_message.h"

namespace billhook::net {

enum class ServerProblem {
    malformed_request,
    https_expected,
    request_timeout,
    body_too_large,
    uri_too_long,
    expectation_failed,
    headers_too_large,
    internal_error,
    unsupported_transfer_coding,
    too_many_connections,
    no_answer_in_time,
};

struct ServerProblemEntry {
    ServerProblem problem;
    std::string_view code;
    int status;
    std::string_view title;
};

/// All of them, so that each type can be made to resolve.
std::span<ServerProblemEntry const> server_problems();

HttpResponse to_response(ServerProblem problem, std::string_view detail);

}  // namespace billhook::net
