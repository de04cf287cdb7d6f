#include "net/http_request_reader.h"

// Beast 1.81 asserts that a last chunk never arrives in pieces ("0\r\n", then "\r"), which any client can make untrue;
// the code behind the assertion handles it. So Beast's assertions are off, here in the only file that includes it.
#define BOOST_DISABLE_ASSERTS
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <optional>

namespace billhook::net {
namespace {

namespace http = boost::beast::http;
using Code = boost::beast::error_code;
using boost::beast::string_view;

constexpr std::size_t headers_expected = 12;
constexpr std::size_t body_reserve_bytes_max = 64u << 10;

std::string_view view(string_view text) {
    return {text.data(), text.size()};
}

bool equals(string_view text, char const* word) {
    return boost::beast::iequals(text, word);
}

bool is_digits(string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == string_view::npos;
}

}  // namespace

class RequestReader::Parser final : public http::basic_parser<true> {
  public:
    explicit Parser(RequestReader& reader) : reader_(reader) {
        eager(true);
        header_limit(UINT32_MAX);  // the reader has counted already
        body_limit(reader.limits_.body_bytes_max);
    }

    bool expects_continue() const { return expects_continue_; }

  private:
    void on_request_impl(http::verb, string_view method, string_view target, int version, Code&) override {
        auto& request = reader_.request_;
        request.method.assign(method.data(), method.size());
        request.target.assign(target.data(), target.size());
        request.headers.reserve(headers_expected, reader_.scanned_);  // no head holds more than its own bytes
        reader_.is_http_1_0_ = version == 10;
    }

    void on_field_impl(http::field field, string_view name, string_view value, Code& error) override {
        if (is_head_done_) return;  // trailers: read past, never believed
        switch (field) {
            case http::field::content_length:
                if (++lengths_ > 1 || !is_digits(value)) refuse_framing(error);
                break;
            case http::field::transfer_encoding:
                if (++codings_ > 1) refuse_framing(error);
                is_coding_known_ = equals(value, "chunked");
                break;
            case http::field::host:
                ++hosts_;
                break;
            case http::field::expect:
                expects_continue_ = equals(value, "100-continue");
                is_expectation_known_ = expects_continue_;
                break;
            default:
                break;
        }
        reader_.request_.headers.add(view(name), view(value));
    }

    void on_header_impl(Code& error) override {
        is_head_done_ = true;
        if ((lengths_ > 0 && codings_ > 0) || (codings_ > 0 && reader_.is_http_1_0_)) return refuse_framing(error);
        if (!is_coding_known_)
            return refuse(ServerProblem::unsupported_transfer_coding,
                          "Of the transfer codings, only \"chunked\" is understood.", error);
        if (hosts_ > 1 || (hosts_ == 0 && !reader_.is_http_1_0_))
            return refuse(ServerProblem::malformed_request, "Expected exactly one Host header.", error);
        if (!normalise_target())
            return refuse(ServerProblem::malformed_request,
                          "Expected a request target that starts with \"/\", or an absolute address.", error);
        if (!is_expectation_known_)
            return refuse(ServerProblem::expectation_failed, "The only expectation met here is \"100-continue\".",
                          error);
    }

    // RFC 9112 section 3.2.2: an absolute target is accepted, and its authority replaces Host.
    bool normalise_target() {
        auto& request = reader_.request_;
        if (request.target.starts_with('/')) return true;
        if (request.target == "*") return request.method == "OPTIONS";
        auto const scheme_end = request.target.find("://");
        if (scheme_end == std::string::npos) return false;
        string_view const scheme(request.target.data(), scheme_end);
        if (!equals(scheme, "http") && !equals(scheme, "https")) return false;
        auto const path = std::min(request.target.find_first_of("/?", scheme_end + 3), request.target.size());
        auto authority = request.target.substr(scheme_end + 3, path - scheme_end - 3);
        if (authority.empty() || authority.find('@') != std::string::npos) return false;
        request.headers.set("Host", authority);
        request.target.erase(0, path);
        if (!request.target.starts_with('/')) request.target.insert(0, "/");
        return true;
    }

    void on_body_init_impl(boost::optional<std::uint64_t> const& length, Code&) override {
        // What a client only promises is not yet worth memory.
        if (length) reader_.request_.body.reserve(std::min<std::uint64_t>(*length, body_reserve_bytes_max));
    }
    std::size_t on_body_impl(string_view data, Code&) override {
        reader_.request_.body.append(data.data(), data.size());
        return data.size();
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view data, Code&) override {
        reader_.request_.body.append(data.data(), data.size());
        return data.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, Code&) override {}
    void on_finish_impl(Code&) override {}
    void on_response_impl(int, string_view, int, Code&) override {}

    void refuse_framing(Code& error) {
        refuse(ServerProblem::malformed_request,
               "Expected the body's length once: one Content-Length, or Transfer-Encoding: chunked in HTTP/1.1.",
               error);
    }
    void refuse(ServerProblem problem, char const* detail, Code& error) {
        reader_.refusal_ = {problem, detail};
        error = http::error::bad_field;
    }

    RequestReader& reader_;
    int lengths_ = 0, codings_ = 0, hosts_ = 0;
    bool is_coding_known_ = true, is_expectation_known_ = true;
    bool expects_continue_ = false;
    bool is_head_done_ = false;
};

RequestReader::RequestReader(RequestLimits const& limits) : limits_(limits) {}
RequestReader::~RequestReader() = default;

ReadProgress RequestReader::read(std::string_view input, std::size_t& consumed) {
    consumed = 0;
    if (stage_ == Stage::body) return parse_body(input, consumed);
    if (stage_ == Stage::nothing) {
        // RFC 9112 section 2.2: an empty line before the request is an old client's habit.
        if (input.starts_with("\r\n")) consumed = 2;
        if (input.size() == consumed || input == "\r") return ReadProgress::need_more;
        input.remove_prefix(consumed);
        stage_ = Stage::head;
    }
    switch (find_head_end(input)) {
        case HeadEnd::not_yet:
            return ReadProgress::need_more;
        case HeadEnd::refused:
            return ReadProgress::refused;
        case HeadEnd::found:
            break;
    }
    auto const head_bytes = scanned_;
    consumed += head_bytes;
    auto const progress = parse_head(input.substr(0, head_bytes));
    if (progress == ReadProgress::refused) return progress;
    if (stage_ != Stage::body || head_bytes == input.size()) return progress;
    std::size_t body_bytes = 0;
    auto const body_progress = parse_body(input.substr(head_bytes), body_bytes);
    consumed += body_bytes;
    return body_progress;
}

RequestReader::HeadEnd RequestReader::find_head_end(std::string_view input) {
    auto const bad = [&](ServerProblem problem, char const* detail) {
        refuse(problem, detail);
        return HeadEnd::refused;
    };
    while (scanned_ < input.size()) {
        auto const* found = std::memchr(input.data() + scanned_, '\n', input.size() - scanned_);
        if (!found) break;
        auto const end = static_cast<std::size_t>(static_cast<char const*>(found) - input.data());
        if (end == 0 || input[end - 1] != '\r')
            return bad(ServerProblem::malformed_request, "Expected each line to end in CR LF.");
        scanned_ = end + 1;
        if (scanned_ > limits_.header_bytes_max) break;
        if (end - 1 == line_begin_) return HeadEnd::found;
        if (line_begin_ > 0 && (input[line_begin_] == ' ' || input[line_begin_] == '\t'))
            return bad(ServerProblem::malformed_request, "Expected each header on one line.");
        if (++lines_ > limits_.header_count_max + 1)
            return bad(ServerProblem::headers_too_large, "Expected fewer headers.");
        line_begin_ = scanned_;
    }
    if (input.size() > limits_.header_bytes_max)
        return bad(ServerProblem::headers_too_large, "Expected shorter headers.");
    scanned_ = input.size();
    return HeadEnd::not_yet;
}

ReadProgress RequestReader::parse_head(std::string_view head) {
    parser_ = std::make_unique<Parser>(*this);
    Code error;
    parser_->put({head.data(), head.size()}, error);
    if (error) {
        if (!refusal_.detail.empty()) return ReadProgress::refused;
        if (error == http::error::body_limit) {
            return refuse(ServerProblem::body_too_large,
                          "Expected a body of at most " + std::to_string(limits_.body_bytes_max) + " bytes.");
        }
        return refuse(ServerProblem::malformed_request, "The request's head cannot be read: " + error.message() + ".");
    }
    wants_keep_alive_ = parser_->keep_alive();
    if (parser_->is_done()) return ReadProgress::complete;
    stage_ = Stage::body;
    return parser_->expects_continue() && !is_http_1_0_ ? ReadProgress::wants_continue : ReadProgress::need_more;
}

ReadProgress RequestReader::parse_body(std::string_view input, std::size_t& consumed) {
    if (input.empty()) return ReadProgress::need_more;
    Code error;
    consumed = parser_->put({input.data(), input.size()}, error);
    if (error == http::error::body_limit) {
        return refuse(ServerProblem::body_too_large,
                      "Expected a body of at most " + std::to_string(limits_.body_bytes_max) + " bytes.");
    }
    if (error && error != http::error::need_more)
        return refuse(ServerProblem::malformed_request, "The request's body cannot be read: " + error.message() + ".");
    if (parser_->is_done()) return ReadProgress::complete;
    // Beast keeps the line of a chunk, and all trailers, until they are whole.
    if (input.size() - consumed > limits_.header_bytes_max)
        return refuse(ServerProblem::headers_too_large, "Expected shorter chunk lines and trailers.");
    return ReadProgress::need_more;
}

ReadProgress RequestReader::refuse(ServerProblem problem, std::string detail) {
    refusal_ = {problem, std::move(detail)};
    return ReadProgress::refused;
}

HttpRequest RequestReader::take_request() {
    parser_.reset();
    stage_ = Stage::nothing;
    scanned_ = line_begin_ = 0;
    lines_ = 0;
    return std::exchange(request_, {});
}

}  // namespace billhook::net
