// HTTP requests: however the bytes arrive in pieces, the same requests are read from them, or the same refusal. The
// first byte of an input says how it is cut.

#include <algorithm>
#include <vector>

#include "net/http_request_reader.h"
#include "tests/fuzz/property.h"

namespace billhook::fuzz {
namespace {

struct Outcome {
    std::vector<net::HttpRequest> requests;
    bool is_refused = false;
    bool is_waiting = false;
};

bool same(net::HttpRequest const& a, net::HttpRequest const& b) {
    return a.method == b.method && a.target == b.target && a.body == b.body &&
           std::ranges::equal(a.headers.fields(), b.headers.fields());
}

void check_request(net::HttpRequest const& request) {
    hold(!request.method.empty(), "a request has a method");
    hold(request.target.starts_with('/') || (request.target == "*" && request.method == "OPTIONS"),
         "a target is a path");
    hold(std::ranges::all_of(request.target, [](unsigned char c) { return c > 0x20 && c < 0x7F; }),
         "a target is visible ASCII");
    int lengths = 0, codings = 0;
    for (auto const& [name, value] : request.headers.fields()) {
        hold(!name.empty() && name.find_first_of(" :\r\n") == std::string::npos, "a header's name is a token");
        hold(value.find_first_of("\r\n") == std::string::npos, "a header's value is one line");
        hold(value.find('\0') == std::string::npos, "a header's value has no NUL");
    }
    lengths = request.headers.find("Content-Length") ? 1 : 0;
    codings = request.headers.find("Transfer-Encoding") ? 1 : 0;
    hold(lengths + codings <= 1, "a body has one length");
}

/// Reads `input` in pieces of `piece` bytes; 0 is all at once.
Outcome read_all(std::string_view input, std::size_t piece) {
    net::RequestReader reader({.header_bytes_max = 2048, .header_count_max = 20, .body_bytes_max = 4096});
    Outcome outcome;
    std::size_t begin = 0, end = piece == 0 ? input.size() : std::min(piece, input.size());
    for (;;) {
        std::size_t consumed = 0;
        auto const progress = reader.read(input.substr(begin, end - begin), consumed);
        hold(consumed <= end - begin, "no more is consumed than was there");
        begin += consumed;
        if (progress == net::ReadProgress::refused) {
            hold(!reader.refusal().detail.empty(), "a refusal says why");
            outcome.is_refused = true;
            return outcome;
        }
        if (progress == net::ReadProgress::complete) {
            outcome.requests.push_back(std::move(reader.request()));
            reader.begin_next();
            check_request(outcome.requests.back());
        } else if (progress == net::ReadProgress::need_more && end == input.size()) {
            outcome.is_waiting = reader.stage() != net::RequestReader::Stage::nothing;
            return outcome;
        } else if (progress == net::ReadProgress::need_more) {
            end = std::min(end + piece, input.size());
        }
    }
}

}  // namespace

void try_input(std::string_view input) {
    std::size_t const piece = 1 + take_byte(input) % 40;
    auto const whole = read_all(input, 0), cut = read_all(input, piece);
    hold(whole.requests.size() == cut.requests.size(), "pieces make the same number of requests");
    for (std::size_t i = 0; i < whole.requests.size(); ++i)
        hold(same(whole.requests[i], cut.requests[i]), "pieces make the same requests");
    hold(whole.is_refused == cut.is_refused, "pieces make the same refusal");
    hold(whole.is_refused || whole.is_waiting == cut.is_waiting, "pieces leave the same rest");
}

}  // namespace billhook::fuzz
