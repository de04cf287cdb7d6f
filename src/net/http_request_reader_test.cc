#include "net/http_request_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace billhook::net::http_request_reader_test {
namespace {

struct Outcome {
    std::vector<HttpRequest> requests;
    std::vector<bool> keep_alive;
    ReadProgress last = ReadProgress::need_more;
    Refusal refusal{};
    int continues = 0;
    std::size_t unread = 0;
};

// Feeds `text` in pieces, as a socket would.
Outcome read_all(std::string_view text, std::size_t piece, RequestLimits const& limits = {}) {
    RequestReader reader(limits);
    Outcome outcome;
    std::string buffer;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        buffer += text.substr(at, piece);
        for (bool is_fed = true; is_fed;) {
            std::size_t consumed = 0;
            outcome.last = reader.read(buffer, consumed);
            buffer.erase(0, consumed);
            outcome.unread = buffer.size();
            is_fed = false;
            if (outcome.last == ReadProgress::refused) {
                outcome.refusal = reader.refusal();
                return outcome;
            }
            if (outcome.last == ReadProgress::wants_continue) ++outcome.continues;
            if (outcome.last == ReadProgress::complete) {
                outcome.keep_alive.push_back(reader.wants_keep_alive());
                outcome.requests.push_back(std::move(reader.request()));
                reader.begin_next();
                is_fed = !buffer.empty();
            }
        }
    }
    return outcome;
}

std::size_t const pieces[] = {1, 2, 3, 7, 64, 100'000};

TEST(RequestReader, ReadsRequestsHoweverTheyAreCut) {
    struct Case {
        char const* text;
        char const* method;
        char const* target;
        char const* body;
        bool keep_alive;
    };
    Case const cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "", true},
        {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "", true},
        {"GET /a%20b?c=d HTTP/1.1\r\nhost:a\r\nConnection: close\r\n\r\n", "GET", "/a%20b?c=d", "", false},
        {"GET / HTTP/1.0\r\n\r\n", "GET", "/", "", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET", "/", "", true},
        {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST", "/x", "hello", true},
        {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST", "/x", "", true},
        {"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST", "/x", "", true},
        {"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n1;ext=\"x\"\r\n!\r\n0\r\n\r\n",
         "POST", "/x", "hello!", true},
        // Trailers are read past.
        {"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Trailer: y\r\n\r\n", "POST",
         "/x", "x", true},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*", "", true},
        {"GET http://b.test/p?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/p?q", "", true},
        {"GET http://b.test HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "", true},
        {"GET http://b.test?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/?q", "", true},
    };
    for (auto const& c : cases) {
        for (auto const piece : pieces) {
            auto const outcome = read_all(c.text, piece);
            ASSERT_EQ(outcome.requests.size(), 1u) << c.text << outcome.refusal.detail << " in pieces of " << piece;
            auto const& request = outcome.requests[0];
            EXPECT_EQ(request.method, c.method);
            EXPECT_EQ(request.target, c.target);
            EXPECT_EQ(request.body, c.body);
            EXPECT_EQ(outcome.keep_alive[0], c.keep_alive) << c.text;
            EXPECT_EQ(outcome.unread, 0u);
            EXPECT_FALSE(request.headers.find("X-Trailer"));
        }
    }
    EXPECT_EQ(read_all("GET http://b.test:1/ HTTP/1.1\r\nHost: a\r\n\r\n", 9).requests[0].headers.get_or("host"),
              "b.test:1");
}

TEST(RequestReader, ReadsPipelinedRequestsInOrder) {
    std::string text;
    for (int i = 0; i < 20; ++i) {
        auto const body = std::string(static_cast<std::size_t>(i), 'x');
        text += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(i) +
                "\r\n\r\n" + body;
        text += "PUT /" + std::to_string(i) +
                " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    }
    for (auto const piece : pieces) {
        auto const outcome = read_all(text, piece);
        ASSERT_EQ(outcome.requests.size(), 40u) << outcome.refusal.detail;
        EXPECT_EQ(outcome.requests[38].target, "/19");
        EXPECT_EQ(outcome.requests[38].body.size(), 19u);
        EXPECT_EQ(outcome.requests[39].body, "abc");
    }
}

TEST(RequestReader, RefusesWhatCouldBeReadInTwoWays) {
    using enum ServerProblem;
    struct Case {
        char const* text;
        ServerProblem problem;
    };
    Case const cases[] = {
        // The body's length, said twice.
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n",
         malformed_request},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", malformed_request},
        // More than one empty line before the request, whether they come together or not.
        {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        // The body's length, said badly.
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 1\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", malformed_request},
        // Codings that we would have to know to find the end.
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", unsupported_transfer_coding},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", unsupported_transfer_coding},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", unsupported_transfer_coding},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", unsupported_transfer_coding},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", unsupported_transfer_coding},
        // Line ends and folds.
        {"GET / HTTP/1.1\nHost: a\n\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: y\n\nGET / HTTP/1.1\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n", malformed_request},
        // Header names.
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\r\nTransfer Encoding: chunked\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", malformed_request},
        // Hosts.
        {"GET / HTTP/1.1\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a/c\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: a, b:80, c\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: []:80\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: [::1]80\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n", malformed_request},
        {"GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        // Request lines.
        {"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET /\r\n\r\n", malformed_request},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET / b HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", malformed_request},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", malformed_request},
        {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", malformed_request},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", malformed_request},
        {"\x16\x03\x01\x02\x01\n", malformed_request},
        // Chunks.
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", malformed_request},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: magic\r\n\r\n", expectation_failed},
    };
    for (auto const& c : cases) {
        for (auto const piece : pieces) {
            auto const outcome = read_all(c.text, piece);
            EXPECT_EQ(outcome.last, ReadProgress::refused) << c.text << " in pieces of " << piece;
            EXPECT_EQ(outcome.refusal.problem, c.problem) << c.text << ": " << outcome.refusal.detail;
            EXPECT_TRUE(outcome.requests.empty()) << c.text;
        }
    }
}

TEST(RequestReader, TakesEveryHostThatThereMayBe) {
    for (auto const* host : {"", "a", "a:80", "a:", "a.example.", "127.0.0.1:8080", "[::1]", "[::1]:8080", "[v1.a:b]",
                             "xn--bcher-kva.example", "a%20b", "under_score:1"}) {
        auto const outcome = read_all("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n", 1'000);
        EXPECT_EQ(outcome.requests.size(), 1u) << host << outcome.refusal.detail;
    }
}

TEST(RequestReader, HoldsItsLimits) {
    using enum ServerProblem;
    RequestLimits const limits{.header_bytes_max = 200, .header_count_max = 3, .body_bytes_max = 10};
    std::string const start = "POST / HTTP/1.1\r\nHost: a\r\n";
    std::string const chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
    struct Case {
        std::string text;
        std::optional<ServerProblem> problem;
    };
    Case const cases[] = {
        {start + "X: " + std::string(150, 'x') + "\r\n\r\n", std::nullopt},
        {start + "X: " + std::string(200, 'x') + "\r\n\r\n", headers_too_large},
        {start + "X: " + std::string(200, 'x'), headers_too_large},
        {"POST /" + std::string(300, 'x'), uri_too_long},
        {"POST /" + std::string(300, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", uri_too_long},
        {start + "A: 1\r\nB: 2\r\n\r\n", std::nullopt},
        {start + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", headers_too_large},
        {start + "Content-Length: 10\r\n\r\n0123456789", std::nullopt},
        {start + "Content-Length: 11\r\n\r\n", body_too_large},
        {start + "Content-Length: 11\r\nExpect: 100-continue\r\n\r\n", body_too_large},
        {chunked + "5\r\n01234\r\n5\r\n01234\r\n0\r\n\r\n", std::nullopt},
        {chunked + "5\r\n01234\r\n6\r\n", body_too_large},
        {chunked + "B\r\n", body_too_large},
        {chunked + "1;" + std::string(300, 'x'), headers_too_large},
        {chunked + "0\r\nX: " + std::string(300, 'x'), headers_too_large},
    };
    for (auto const& c : cases) {
        for (auto const piece : pieces) {
            auto const outcome = read_all(c.text, piece, limits);
            if (!c.problem) {
                EXPECT_EQ(outcome.requests.size(), 1u) << c.text << outcome.refusal.detail;
                continue;
            }
            ASSERT_EQ(outcome.last, ReadProgress::refused) << c.text << " in pieces of " << piece;
            EXPECT_EQ(outcome.refusal.problem, *c.problem) << c.text << ": " << outcome.refusal.detail;
        }
    }
}

TEST(RequestReader, AsksToContinueOnceAndOnlyWhereItIsAwaited) {
    std::string const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
    EXPECT_EQ(read_all(head, 1'000).continues, 1);
    EXPECT_EQ(read_all(head + "ab", 1).continues, 1);
    EXPECT_EQ(read_all(head + "ab", 1'000).continues, 0);  // the body is there already
    EXPECT_EQ(
        read_all("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n", 1'000).continues,
        0);
    EXPECT_EQ(read_all("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", 1'000).continues, 0);
}

}  // namespace
}  // namespace billhook::net::http_request_reader_test
