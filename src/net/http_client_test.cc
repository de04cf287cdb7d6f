#include "net/http_client.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

#include "net/testing/raw_socket.h"

namespace billhook::net::http_client_test {
namespace {

using testing::RawListener;
using testing::RawSocket;

Duration const long_enough = Duration::seconds(30);

// A server of one connection that does what the test says.
class Peer {
  public:
    explicit Peer(std::function<void(RawSocket&)> act)
        : thread_([this, act = std::move(act)] {
              auto socket = listener.accept();
              act(socket);
          }) {}
    ~Peer() { thread_.join(); }
    std::string url(std::string const& path = "/") const { return "http://" + listener.address() + path; }

    RawListener listener;

  private:
    std::thread thread_;
};

TEST(CurlTransport, CarriesRequestAndAnswer) {
    std::string seen;
    CurlTransport transport;
    {
        Peer peer([&](RawSocket& socket) {
            seen = socket.read_until("a=1");
            socket.send(
                "HTTP/1.1 100 Continue\r\nX-Early: no\r\n\r\n"
                "HTTP/1.1 418 Teapot\r\nContent-Length: 2\r\nX-One:  a b \r\nX-One: c\r\n\r\nhi");
        });
        auto const answer = transport.send({.method = "POST",
                                            .target = peer.url("/v1/../x?q=1"),
                                            .headers = {{"Content-Type", "text/plain"}, {"X-Empty", ""}},
                                            .body = "a=1"},
                                           long_enough);
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->status, 418);
        EXPECT_EQ(answer->body, "hi");
        EXPECT_EQ(answer->headers.get_or("x-one"), "a b");
        EXPECT_EQ(answer->headers.fields().size(), 3u);
    }
    EXPECT_TRUE(seen.starts_with("POST /v1/../x?q=1 HTTP/1.1\r\n")) << seen;
    EXPECT_NE(seen.find("Content-Type: text/plain\r\n"), std::string::npos);
    EXPECT_NE(seen.find("X-Empty:\r\n"), std::string::npos) << seen;
    EXPECT_NE(seen.find("Content-Length: 3\r\n"), std::string::npos);
    EXPECT_EQ(seen.find("Expect"), std::string::npos);
}

TEST(CurlTransport, SaysEveryMethodWithTheRightBody) {
    struct Case {
        char const* method;
        char const* body;
        char const* length;  // nullptr: no Content-Length at all
    };
    Case const cases[] = {{"GET", "", nullptr},     {"HEAD", "", nullptr},  {"DELETE", "", nullptr}, {"POST", "", "0"},
                          {"PATCH", "", "0"},       {"PUT", "xy", "2"},     {"DELETE", "xy", "2"},   {"GET", "xy", "2"},
                          {"OPTIONS", "", nullptr}, {"POST", "a\n\nb", "4"}};
    for (auto const& c : cases) {
        std::string seen;
        CurlTransport transport;
        {
            Peer peer([&](RawSocket& socket) {
                seen = socket.read_until("\r\n\r\n");
                seen += socket.read_exactly(std::string_view(c.body).size());
                socket.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            });
            auto const answer = transport.send({.method = c.method, .target = peer.url(), .body = c.body}, long_enough);
            ASSERT_TRUE(answer) << c.method << ": " << answer.error().detail;
        }
        EXPECT_TRUE(seen.starts_with(std::string(c.method) + " / HTTP/1.1\r\n")) << seen;
        EXPECT_TRUE(seen.ends_with(std::string("\r\n\r\n") + c.body)) << seen;
        if (c.length)
            EXPECT_NE(seen.find(std::string("Content-Length: ") + c.length + "\r\n"), std::string::npos) << seen;
        else
            EXPECT_EQ(seen.find("Content-Length"), std::string::npos) << seen;
        EXPECT_EQ(seen.find("Content-Type"), std::string::npos) << seen;
    }
}

TEST(CurlTransport, SaysWhetherThePeerMayHaveActed) {
    struct Case {
        char const* name;
        std::function<void(RawSocket&)> act;
        char const* reason;
    };
    Case const cases[] = {
        {"closed before the answer", [](RawSocket& s) { s.read_until("\r\n\r\n"); }, "connection_lost"},
        {"closed in the head",
         [](RawSocket& s) {
             s.read_until("\r\n\r\n");
             s.send("HTTP/1.1 200");
         },
         "connection_lost"},
        {"closed in the body",
         [](RawSocket& s) {
             s.read_until("\r\n\r\n");
             s.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
         },
         "connection_lost"},
        {"not HTTP",
         [](RawSocket& s) {
             s.read_until("\r\n\r\n");
             s.send("220 mail.example.com ESMTP\r\n");
         },
         "connection_lost"},
        {"silent", [](RawSocket& s) { s.read_to_end(); }, "timeout"},
        {"too long",
         [](RawSocket& s) {
             s.read_until("\r\n\r\n");
             s.send("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x'));
             s.read_to_end();
         },
         "response_too_large"},
        {"head too long",
         [](RawSocket& s) {
             s.read_until("\r\n\r\n");
             s.send("HTTP/1.1 200 OK\r\nX-A: " + std::string(2000, 'x') + "\r\nContent-Length: 0\r\n\r\n");
             s.read_to_end();
         },
         "response_too_large"},
    };
    for (auto const& c : cases) {
        CurlTransport transport({.response_bytes_max = 1500});
        Peer peer(c.act);
        bool const is_silent = std::string_view(c.name) == "silent";
        auto const answer = transport.send({.method = "POST", .target = peer.url(), .body = "x"},
                                           is_silent ? Duration::seconds(2) : long_enough);
        ASSERT_FALSE(answer) << c.name;
        EXPECT_EQ(answer.error().kind, ErrorKind::unavailable) << c.name;
        EXPECT_EQ(answer.error().reason, c.reason) << c.name << ": " << answer.error().detail;
    }
}

TEST(CurlTransport, SaysWhenNothingWasSent) {
    CurlTransport transport;
    std::string address;
    {
        RawListener listener;
        address = listener.address();
    }
    auto const refused = transport.send({.method = "GET", .target = "http://" + address}, long_enough);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "connect_failed");

    auto const unknown = transport.send({.method = "GET", .target = "http://nowhere.invalid/"}, long_enough);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().reason, "connect_failed");

    // Speaks TLS to a peer that does not: the request itself was never on the wire.
    Peer peer([](RawSocket& socket) {
        socket.read_exactly(1);
        socket.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    auto const plain = transport.send({.method = "GET", .target = "https://" + peer.listener.address()}, long_enough);
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().reason, "connect_failed");
}

TEST(CurlTransport, RefusesWhatCannotBeSaidSafely) {
    CurlTransport transport;
    struct Case {
        char const* method;
        char const* target;
        Headers headers;
        char const* field;
    };
    Case const cases[] = {
        {"GET", "file:///etc/passwd", {}, "target"},
        {"GET", "http://user@127.0.0.1/", {}, "target"},
        {"GET", "/relative", {}, "target"},
        {"GET /x", "http://127.0.0.1:1/", {}, "method"},
        {"", "http://127.0.0.1:1/", {}, "method"},
        {"GET", "http://127.0.0.1:1/", {{"X-A", "b\r\nX-C: d"}}, "X-A"},
        {"GET", "http://127.0.0.1:1/", {{"X-A: b\r\nX", "c"}}, "X-A: b\r\nX"},
    };
    for (auto const& c : cases) {
        auto const answer = transport.send({.method = c.method, .target = c.target, .headers = c.headers}, long_enough);
        ASSERT_FALSE(answer) << c.target;
        EXPECT_EQ(answer.error().kind, ErrorKind::invalid);
        EXPECT_EQ(answer.error().field, c.field);
    }
}

TEST(CurlTransport, KeepsConnectionsAndFollowsNoRedirect) {
    CurlTransport transport;
    Peer peer([](RawSocket& socket) {
        for (int i = 0; i < 3; ++i) {
            socket.read_until("\r\n\r\n");
            socket.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        }
    });
    for (int i = 0; i < 3; ++i) {
        auto const answer = transport.send({.method = "GET", .target = peer.url()}, long_enough);
        ASSERT_TRUE(answer) << answer.error().detail;  // a second connection would find nobody who answers
        EXPECT_EQ(answer->status, 302);
        EXPECT_EQ(answer->headers.get_or("Location"), "http://127.0.0.1:1/");
    }
}

// The peer takes a second request on a kept connection and dies. Only what may be repeated is sent again.
TEST(CurlTransport, ResendsOnlyWhatMayBeRepeated) {
    struct Case {
        char const* method;
        Headers headers;
        int seen;
    };
    Case const cases[] = {{"GET", {}, 3}, {"POST", {}, 2}, {"POST", {{"Idempotency-Key", "k"}}, 3}, {"PATCH", {}, 2}};
    for (auto const& c : cases) {
        RawListener listener;
        int seen = 0;
        std::thread peer([&] {
            for (auto socket = listener.accept(); socket.is_open(); socket = listener.accept()) {
                for (int i = 0; i < 2 && !socket.read_until("\r\n\r\n").empty(); ++i) {
                    ++seen;
                    if (i == 0) socket.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                }
                socket.close();
                if (seen >= c.seen) break;
            }
        });
        HttpRequest const request{.method = c.method, .target = "http://" + listener.address(), .headers = c.headers};
        {
            CurlTransport transport;
            ASSERT_TRUE(transport.send(request, long_enough));
            auto const second = transport.send(request, long_enough);
            EXPECT_EQ(second.has_value(), c.seen == 3) << c.method;
            if (!second) {
                EXPECT_EQ(second.error().reason, "connection_lost");
            }
        }
        peer.join();
        EXPECT_EQ(seen, c.seen) << c.method;
    }
}

TEST(CurlTransport, BoundsItsConnectionsAndWaitsItsTurn) {
    CurlTransport transport({.requests_at_once_max = 1});
    RawListener listener;
    std::thread holder(
        [&] { (void)transport.send({.method = "GET", .target = "http://" + listener.address()}, long_enough); });
    auto held = listener.accept();
    held.read_until("\r\n\r\n");
    auto const crowded =
        transport.send({.method = "GET", .target = "http://" + listener.address()}, Duration::milliseconds(50));
    ASSERT_FALSE(crowded);
    EXPECT_EQ(crowded.error().reason, "connect_failed");
    held.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    holder.join();
}

}  // namespace
}  // namespace billhook::net::http_client_test
