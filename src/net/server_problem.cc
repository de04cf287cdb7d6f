#include "net/server_problem.h"

#include <array>

#include "base/check.h"
#include "base/json.h"

namespace billhook::net {
namespace {

using enum ServerProblem;
constexpr std::array entries{
    ServerProblemEntry{malformed_request, "malformed_request", 400, "The request is not well-formed HTTP/1.1"},
    ServerProblemEntry{https_expected, "https_expected", 400, "This port speaks HTTPS"},
    ServerProblemEntry{request_timeout, "request_timeout", 408, "The request did not arrive in time"},
    ServerProblemEntry{body_too_large, "body_too_large", 413, "The request's body is too large"},
    ServerProblemEntry{uri_too_long, "uri_too_long", 414, "The request's target is too long"},
    ServerProblemEntry{expectation_failed, "expectation_failed", 417,
                       "The request expects what this server does not do"},
    ServerProblemEntry{headers_too_large, "headers_too_large", 431, "The request's headers are too large"},
    ServerProblemEntry{internal_error, "internal_error", 500, "The server made a mistake"},
    ServerProblemEntry{unsupported_transfer_coding, "unsupported_transfer_coding", 501,
                       "The request's transfer coding is not supported"},
    ServerProblemEntry{too_many_connections, "too_many_connections", 503, "There are too many connections"},
    ServerProblemEntry{no_answer_in_time, "no_answer_in_time", 503, "The server did not answer in time"},
};

}  // namespace

std::span<ServerProblemEntry const> server_problems() {
    return entries;
}

HttpResponse to_response(ServerProblem problem, std::string_view detail) {
    auto const& entry = entries[static_cast<std::size_t>(problem)];
    CHECK(entry.problem == problem);
    JsonObject const body{{"type", "/problems/" + std::string(entry.code)},
                          {"title", entry.title},
                          {"status", entry.status},
                          {"detail", detail},
                          {"code", entry.code}};
    return {.status = entry.status,
            .headers = {{"Content-Type", "application/problem+json"}},
            .body = billhook::to_text(body)};
}

}  // namespace billhook::net
