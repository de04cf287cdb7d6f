#include "net/http_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "base/json.h"
#include "net/http_client.h"
#include "net/server_problem.h"
#include "net/testing/comes_true.h"
#include "net/testing/raw_socket.h"
#include "net/testing/self_signed_certificate.h"

namespace billhook::net::http_server_test {
namespace {

using testing::comes_true;
using testing::RawSocket;

Duration const long_enough = Duration::seconds(30);

// Answers with what it was asked.
void echo(HttpRequest&& request, Responder respond) {
    respond(
        {.headers = {{"X-Target", request.target}, {"X-Peer", request.remote_address}, {"X-Method", request.method}},
         .body = std::move(request.body)});
}

class Server {
  public:
    explicit Server(HttpServerOptions options = {}, HttpHandler handler = echo)
        : server(std::move(options), std::move(handler)) {
        auto const started = server.start();
        EXPECT_TRUE(started) << (started ? "" : started.error().detail);
    }
    RawSocket connect() const { return RawSocket::connect(server.address()); }
    std::string url(std::string const& path = "/") const { return "http://" + server.address() + path; }
    /// A connection of its own on which this has been said.
    RawSocket begin(std::string_view text) const {
        auto socket = connect();
        socket.send(text);
        return socket;
    }
    /// One request on a connection of its own; the whole answer.
    std::string ask(std::string_view text) const { return begin(text).read_to_end(); }

    HttpServer server;
};

TEST(HttpServer, ClosesWithoutAnAnswerWhereAHandlerSaysSo) {
    Server server({}, [](HttpRequest&&, Responder respond) { respond({.status = 0}); });
    EXPECT_EQ(server.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "");
}

// Holds answers back until the test asks for them.
class Shelf {
  public:
    HttpHandler handler() {
        return [this](HttpRequest&&, Responder respond) {
            std::lock_guard lock(mutex_);
            held_.push_back(std::move(respond));
            has_come_.notify_all();
        };
    }
    Responder take() {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(has_come_.wait_for(lock, std::chrono::seconds(30), [&] { return !held_.empty(); }));
        auto respond = std::move(held_.front());
        held_.erase(held_.begin());
        return respond;
    }

  private:
    std::mutex mutex_;
    std::condition_variable has_come_;
    std::vector<Responder> held_;
};

std::string code_of(std::string const& response) {
    auto const body = response.find("\r\n\r\n");
    if (body == std::string::npos) return "";
    auto const problem = parse_json(response.substr(body + 4));
    return problem ? string_or(*problem, "code") : "";
}

TEST(HttpServer, AnswersAClient) {
    Server server;
    CurlTransport transport;
    auto const answer = transport.send({.method = "POST",
                                        .target = server.url("/a%20b?c=d"),
                                        .headers = {{"Content-Type", "text/plain"}},
                                        .body = "hello"},
                                       long_enough);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello");
    EXPECT_EQ(answer->headers.get_or("X-Target"), "/a%20b?c=d");
    EXPECT_EQ(answer->headers.get_or("X-Peer"), "127.0.0.1");
    EXPECT_EQ(answer->headers.get_or("Content-Length"), "5");
    EXPECT_TRUE(answer->headers.get_or("Date").ends_with(" GMT"));
    EXPECT_FALSE(answer->headers.find("Connection"));
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(transport.send({.method = "GET", .target = server.url()}, long_enough));
    EXPECT_EQ(server.server.counts().connections_accepted, 1u);
    EXPECT_EQ(server.server.counts().requests, 11u);
}

TEST(HttpServer, CarriesLargeBodiesBothWays) {
    Server server({.body_bytes_max = 20u << 20});
    CurlTransport transport({.response_bytes_max = 32u << 20});
    std::string body(10u << 20, ' ');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i * 7 % 26);
    auto const answer = transport.send({.method = "POST", .target = server.url(), .body = body}, long_enough);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_TRUE(answer->body == body);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
    Shelf shelf;
    Server server({}, [hold = shelf.handler()](HttpRequest&& request, Responder respond) {
        if (request.target == "/wait") return hold(std::move(request), std::move(respond));
        echo(std::move(request), std::move(respond));
    });
    auto socket = server.connect();
    std::string text;
    for (int i = 0; i < 300; ++i) {
        auto const target = i % 100 == 50 ? std::string("/wait") : "/" + std::to_string(i);
        text += "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
    }
    socket.send(text);
    for (int i = 0; i < 300; ++i) {
        if (i % 100 == 50) {
            std::thread([respond = shelf.take()]() mutable { respond({.body = "waited"}); }).join();
            EXPECT_TRUE(socket.read_response().ends_with("\r\n\r\nwaited"));
        } else {
            auto const response = socket.read_response();
            EXPECT_NE(response.find("X-Target: /" + std::to_string(i) + "\r\n"), std::string::npos) << response;
        }
    }
}

// Far more answers than a socket's buffers hold, to a client that reads only afterwards.
TEST(HttpServer, WritesToASlowReaderWithoutLosingItsPlace) {
    std::string const large(200'000, 'x');
    Server server({}, [&](HttpRequest&& request, Responder respond) {
        respond({.headers = {{"X-Target", request.target}}, .body = large});
    });
    auto socket = server.connect();
    std::string text;
    for (int i = 0; i < 100; ++i) text += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    socket.send(text);
    ASSERT_TRUE(comes_true([&] { return server.server.counts().requests > 3; }));
    EXPECT_LT(server.server.counts().requests, 100u);  // the rest waits for the client, not in our memory
    for (int i = 0; i < 100; ++i) {
        auto const response = socket.read_response();
        ASSERT_NE(response.find("X-Target: /" + std::to_string(i) + "\r\n"), std::string::npos) << i;
        ASSERT_TRUE(response.ends_with(large));
    }
}

TEST(HttpServer, SaysNoBodyWhereThereIsNone) {
    Server server({}, [](HttpRequest&& request, Responder respond) {
        int const status = request.target == "/204" ? 204 : request.target == "/304" ? 304 : 200;
        respond({.status = status, .body = "body"});
    });
    auto socket = server.connect();
    socket.send(
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /304 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    auto const head = socket.read_until("\r\n\r\n");
    EXPECT_NE(head.find("Content-Length: 4\r\n"), std::string::npos);
    auto const no_content = socket.read_until("\r\n\r\n");
    EXPECT_TRUE(no_content.starts_with("HTTP/1.1 204 No Content\r\n")) << no_content;
    EXPECT_EQ(no_content.find("Content-Length"), std::string::npos);
    EXPECT_TRUE(socket.read_until("\r\n\r\n").starts_with("HTTP/1.1 304 Not Modified\r\n"));
    auto const last = socket.read_to_end();
    EXPECT_TRUE(last.ends_with("\r\n\r\nbody"));
    EXPECT_NE(last.find("Connection: close\r\n"), std::string::npos);
}

TEST(HttpServer, OwnsTheFramingOfItsAnswers) {
    struct Case {
        HttpResponse response;
        char const* expected;
    };
    Case const cases[] = {
        {{.headers = {{"Content-Length", "99"}, {"transfer-encoding", "chunked"}}, .body = "ab"}, "HTTP/1.1 200 OK"},
        {{.headers = {{"Connection", "close"}}, .body = "ab"}, "HTTP/1.1 200 OK"},
        {{.headers = {{"Date", "mine"}}, .body = "ab"}, "HTTP/1.1 200 OK\r\nDate: mine\r\nContent-Length"},
        {{.headers = {{"Location", "/x\r\nSet-Cookie: evil"}}, .body = "ab"}, "HTTP/1.1 500 Internal Server Error"},
        {{.headers = {{"X: y\r\nZ", "x"}}, .body = "ab"}, "HTTP/1.1 500 Internal Server Error"},
        {{.status = 101}, "HTTP/1.1 500 Internal Server Error"},
        {{.status = 299, .body = "ab"}, "HTTP/1.1 299 \r\n"},
    };
    for (auto const& c : cases) {
        Server server({}, [&](HttpRequest&&, Responder respond) { respond(c.response); });
        auto const text = server.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        EXPECT_TRUE(text.starts_with(c.expected)) << text;
        EXPECT_EQ(text.find("evil"), std::string::npos) << text;
        EXPECT_EQ(text.find("chunked"), std::string::npos);
        EXPECT_EQ(text.find("Content-Length: 99"), std::string::npos);
        EXPECT_EQ(text.find("Connection: close\r\n"), text.rfind("Connection: ")) << text;
    }
}

TEST(HttpServer, AnswersForAHandlerThatForgotOrThrew) {
    Server server({}, [](HttpRequest&& request, Responder) {
        if (request.target == "/throw") throw std::runtime_error("no");
    });
    for (auto const* target : {"/forget", "/throw"}) {
        auto socket = server.connect();
        socket.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        auto const response = socket.read_response();
        EXPECT_TRUE(response.starts_with("HTTP/1.1 500 ")) << response;
        EXPECT_EQ(code_of(response), "internal_error");
        socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");  // the connection goes on
        EXPECT_TRUE(socket.read_response().starts_with("HTTP/1.1 500 "));
    }
}

TEST(HttpServer, SpeaksHttp10) {
    Server server;
    auto const once = server.ask("GET / HTTP/1.0\r\n\r\n");
    EXPECT_NE(once.find("Connection: close\r\n"), std::string::npos);
    auto socket = server.connect();
    for (int i = 0; i < 2; ++i) {
        socket.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        EXPECT_NE(socket.read_response().find("Connection: keep-alive\r\n"), std::string::npos);
    }
}

TEST(HttpServer, LetsABodyComeWhenItsClientAsksFirst) {
    Server server({.body_bytes_max = 10});
    auto socket = server.connect();
    socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send("ab");
    EXPECT_TRUE(socket.read_response().ends_with("\r\n\r\nab"));
    socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(code_of(socket.read_response()), "body_too_large");
}

TEST(HttpServer, RefusesWithAProblemAndCloses) {
    Server server({.body_bytes_max = 100, .header_bytes_max = 1000});
    struct Case {
        std::string text;
        char const* status;
        char const* code;
    };
    Case const cases[] = {
        {"GET /\r\n\r\n", "400 Bad Request", "malformed_request"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "400 Bad Request", "malformed_request"},
        {"GET / HTTP/1.1\nHost: a\n\n", "400 Bad Request", "malformed_request"},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented",
         "unsupported_transfer_coding"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", "413 Content Too Large", "body_too_large"},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1000, 'x') + "\r\n\r\n",
         "431 Request Header Fields Too Large", "headers_too_large"},
        {"GET /" + std::string(1000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", "414 URI Too Long", "uri_too_long"},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "417 Expectation Failed", "expectation_failed"},
    };
    for (auto const& c : cases) {
        // A request of another's on the same connection, as in smuggling: it must not be answered.
        auto const text = server.ask(c.text + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(text.starts_with("HTTP/1.1 " + std::string(c.status) + "\r\n")) << text;
        EXPECT_EQ(code_of(text), c.code) << text;
        EXPECT_NE(text.find("Content-Type: application/problem+json\r\n"), std::string::npos);
        EXPECT_NE(text.find("Connection: close\r\n"), std::string::npos);
        EXPECT_NE(text.find("\"type\":\"/problems/" + std::string(c.code)), std::string::npos);
        EXPECT_EQ(text.find("smuggled"), std::string::npos);
    }
    EXPECT_EQ(server.server.counts().requests, 0u);
}

// The answer must reach a client that is still sending: a reset would take it away.
TEST(HttpServer, RefusalReachesAClientThatIsStillSending) {
    Server server({.body_bytes_max = 100});
    auto socket = server.connect();
    socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
    for (int i = 0; i < 40 && socket.send(std::string(100'000, 'x')); ++i) {
    }
    EXPECT_EQ(code_of(socket.read_to_end()), "body_too_large");
}

TEST(HttpServer, GivesSlowClientsAnEnd) {
    // Longer than a busy machine keeps a test from speaking. They all wait side by side.
    auto const patience = Duration::seconds(2);
    Server server({.header_timeout = patience, .body_timeout = patience, .idle_timeout = patience});
    auto silent = server.connect();
    auto in_head = server.begin("GET / HT");
    auto in_body = server.begin("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
    auto idle = server.begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    auto slow = server.begin("GET / HTTP/1.1\r\nX: ");
    std::thread drip([&] {
        while (slow.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    });
    EXPECT_TRUE(idle.read_response().starts_with("HTTP/1.1 200"));
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(code_of(in_head.read_to_end()), "request_timeout");
    EXPECT_EQ(code_of(in_body.read_to_end()), "request_timeout");
    EXPECT_EQ(code_of(slow.read_to_end()), "request_timeout");  // a byte now and then does not help
    slow.shutdown_write();
    drip.join();
    EXPECT_TRUE(idle.is_closed_by_peer());  // without a word, as nothing more was asked
}

TEST(HttpServer, ClosesOnAClientThatTakesNoAnswer) {
    std::string const large(50u << 20, 'x');
    Server server({.write_timeout = Duration::milliseconds(150)},
                  [&](HttpRequest&&, Responder respond) { respond({.body = large}); });
    auto socket = server.connect();
    socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(comes_true([&] { return server.server.counts().requests == 1; }));
    EXPECT_TRUE(comes_true([&] { return server.server.counts().connections_open == 0; }));
}

TEST(HttpServer, AnswersForAHandlerThatTakesTooLong) {
    Shelf shelf;
    Server server({.request_timeout = Duration::milliseconds(100)}, shelf.handler());
    auto socket = server.connect();
    socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    auto const response = socket.read_to_end();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 503 ")) << response;
    EXPECT_EQ(code_of(response), "no_answer_in_time");
    shelf.take()({.body = "too late"});  // nobody is there any more
}

TEST(HttpServer, AnswersFromThePoolAndSaysWhenItIsFull) {
    std::mutex gate;
    HttpServer* server_pointer = nullptr;
    std::atomic<int> refused = 0;
    Server server({.pool_threads = 1, .pool_queue_max = 2}, [&](HttpRequest&& request, Responder respond) {
        auto shared = std::make_shared<Responder>(std::move(respond));
        bool const is_queued = server_pointer->post([&, shared, target = request.target] {
            std::lock_guard wait(gate);
            (*shared)({.body = target});
        });
        if (!is_queued) {
            ++refused;
            (*shared)({.status = 503});
        }
    });
    server_pointer = &server.server;
    gate.lock();
    std::vector<RawSocket> sockets;
    for (int i = 0; i < 6; ++i) {
        sockets.push_back(server.connect());
        sockets.back().send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        // In this order, and the first one running: then which ones are refused is known.
        ASSERT_TRUE(comes_true([&] {
            auto const counts = server.server.counts();
            return counts.requests == static_cast<std::uint64_t>(i) + 1 && (i > 0 || counts.pool_queued == 0);
        }));
    }
    EXPECT_TRUE(comes_true([&] { return refused == 3; })) << refused;
    gate.unlock();
    for (int i = 0; i < 6; ++i) {
        auto const response = sockets[static_cast<std::size_t>(i)].read_to_end();
        EXPECT_TRUE(response.starts_with(i < 3 ? "HTTP/1.1 200" : "HTTP/1.1 503")) << i << response;
    }
}

TEST(HttpServer, HoldsOffAFloodOfConnections) {
    Server server({.connections_max = 10, .connections_per_address_max = 5});
    std::vector<RawSocket> welcome;
    for (int i = 0; i < 5; ++i) {
        welcome.push_back(server.connect());
        welcome.back().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(welcome.back().read_response().starts_with("HTTP/1.1 200"));
    }
    for (int i = 0; i < 200; ++i) {
        auto crowd = server.connect();
        auto const response = crowd.read_to_end();
        EXPECT_TRUE(response.starts_with("HTTP/1.1 503 ")) << response;
        EXPECT_EQ(code_of(response), "too_many_connections");
    }
    EXPECT_EQ(server.server.counts().connections_refused, 200u);
    welcome[0].send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");  // those inside are not disturbed
    EXPECT_TRUE(welcome[0].read_response().starts_with("HTTP/1.1 200"));
    welcome.clear();
    ASSERT_TRUE(comes_true([&] { return server.server.counts().connections_open == 0; }));
    EXPECT_TRUE(server.ask("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST(HttpServer, CountsNotByAddressWhereManySpeakThroughOne) {
    Server server(
        {.connections_per_address_max = 2, .connections_uncounted_from = *TrustedProxies::parse({"127.0.0.1"})});
    std::vector<RawSocket> clients;
    auto const is_welcome = [&](char const* from) {
        clients.push_back(RawSocket::connect(server.server.address(), from));
        clients.back().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        return clients.back().read_response().starts_with("HTTP/1.1 200");
    };
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(is_welcome("127.0.0.2"));
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(is_welcome("127.0.0.1"));
    EXPECT_FALSE(is_welcome("127.0.0.2"));
    EXPECT_TRUE(is_welcome("127.0.0.3"));
    clients.clear();
    ASSERT_TRUE(comes_true([&] { return server.server.counts().connections_open == 0; }));
    EXPECT_TRUE(is_welcome("127.0.0.2"));
}

TEST(HttpServer, ManyClientsAtOnce) {
    Server server({.loops = 2, .pool_threads = 2}, [](HttpRequest&& request, Responder respond) {
        if (request.target == "/thread")
            std::thread([respond = std::move(respond)]() mutable { respond({.body = "t"}); }).detach();
        else
            respond({.body = "d"});
    });
    CurlTransport transport;
    std::atomic<int> good = 0;
    std::vector<std::thread> clients;
    for (int t = 0; t < 8; ++t) {
        clients.emplace_back([&, t] {
            for (int i = 0; i < 100; ++i) {
                bool const by_thread = (i + t) % 3 == 0;
                auto const answer = transport.send(
                    {.method = "GET", .target = server.url(by_thread ? "/thread" : "/direct")}, long_enough);
                if (answer && answer->body == (by_thread ? "t" : "d")) ++good;
            }
        });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(good, 800);
}

TEST(HttpServer, StopsGracefully) {
    Shelf shelf;
    auto server = std::make_unique<Server>(HttpServerOptions{}, shelf.handler());
    auto idle = server->connect();
    auto busy = server->connect();
    busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    auto respond = shelf.take();
    ASSERT_TRUE(comes_true([&] { return server->server.counts().connections_open == 2; }));
    std::thread stopper([&] { server->server.stop(long_enough); });
    EXPECT_TRUE(idle.is_closed_by_peer());
    ASSERT_TRUE(comes_true([&] { return !server->connect().is_open(); }));
    respond({.body = "last words"});
    auto const response = busy.read_to_end();
    EXPECT_TRUE(response.ends_with("last words")) << response;
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
    busy.close();  // whoever stays is waited for a little
    stopper.join();
    EXPECT_FALSE(server->server.post([] {}));
}

TEST(HttpServer, StopsWithoutThoseWhoTakeTooLong) {
    Shelf shelf;
    auto server = std::make_unique<Server>(HttpServerOptions{}, shelf.handler());
    auto busy = server->connect();
    busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    auto respond = shelf.take();
    server->server.stop(Duration::milliseconds(50));
    EXPECT_EQ(busy.read_to_end(), "");
    server.reset();
    respond({.body = "to nobody"});  // the server is gone; nothing happens
}

TEST(HttpServer, RefusesToStartWhereItCannotServe) {
    Server server;
    struct Case {
        HttpServerOptions options;
        char const* what;
    };
    Case const cases[] = {
        {{.listen = server.server.address()}, "listen_failed"},
        {{.listen = "192.0.2.1:80"}, "listen_failed"},
        {{.listen = "example.com:80"}, "invalid_value"},
        {{.listen = "127.0.0.1"}, "invalid_value"},
        {{.listen = "::1:80"}, "invalid_value"},
        {{.listen = "[::1]:99999"}, "invalid_value"},
        {{.tls = TlsFiles{"/nowhere/a.pem", "/nowhere/b.pem"}}, "invalid_tls_files"},
        {{.connections_max = 0}, "invalid_value"},
        {{.idle_timeout = {}}, "invalid_value"},
    };
    for (auto const& c : cases) {
        HttpServer other(c.options, echo);
        auto const started = other.start();
        ASSERT_FALSE(started) << c.what << c.options.listen;
        EXPECT_EQ(started.error().reason, c.what) << started.error().detail;
    }
}

TEST(HttpServer, ListensOnIpv6) {
    HttpServer server({.listen = "[::1]:0"}, echo);
    if (auto const started = server.start(); !started) {  // a machine without IPv6 says so
        EXPECT_EQ(started.error().reason, "listen_failed");
        return;
    }
    EXPECT_TRUE(server.address().starts_with("[::1]:"));
    CurlTransport transport;
    auto const answer = transport.send({.method = "GET", .target = "http://" + server.address()}, long_enough);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->headers.get_or("X-Peer"), "::1");
}

TEST(HttpServer, SpeaksTlsAndReadsItsFilesAgain) {
    testing::TemporaryFolder folder;
    auto const certificate = folder.path / "certificate.pem", key = folder.path / "key.pem";
    testing::write_self_signed_certificate(certificate, key, "first");
    Server server(
        {.tls = TlsFiles{certificate, key}, .body_bytes_max = 4u << 20, .header_timeout = Duration::seconds(3)});
    auto const url = "https://" + server.server.address() + "/";
    std::string const body(2u << 20, 'x');
    {
        CurlTransport trusting({.ca_file = certificate});
        for (int i = 0; i < 3; ++i) {
            auto const answer = trusting.send({.method = "POST", .target = url, .body = body}, long_enough);
            ASSERT_TRUE(answer) << answer.error().detail;
            EXPECT_TRUE(answer->body == body);
        }
        EXPECT_EQ(server.server.counts().connections_accepted, 1u);
    }
    CurlTransport strict;
    auto const unknown = strict.send({.method = "GET", .target = url}, long_enough);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().reason, "connect_failed");
    // Plain HTTP is told where it is; somebody who never shakes hands is not waited for.
    for (auto const* method : {"GET", "POST", "PUT", "HEAD"}) {
        auto const plain = server.ask(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(plain.starts_with("HTTP/1.1 400 Bad Request\r\n")) << method << plain;
        EXPECT_EQ(code_of(plain), "https_expected") << plain;
    }
    EXPECT_EQ(server.ask("not a request at all\r\n\r\n"), "");
    EXPECT_EQ(server.server.counts().requests, 3u);
    EXPECT_TRUE(server.connect().is_closed_by_peer());

    std::filesystem::rename(certificate, folder.path / "old.pem");
    EXPECT_FALSE(server.server.reload_tls());
    std::ofstream(certificate) << "not a certificate";
    EXPECT_FALSE(server.server.reload_tls());
    CurlTransport still({.ca_file = folder.path / "old.pem"});
    EXPECT_TRUE(still.send({.method = "GET", .target = url}, long_enough));  // the old one stays
    testing::write_self_signed_certificate(certificate, key, "second");
    ASSERT_TRUE(server.server.reload_tls());
    CurlTransport renewed({.ca_file = certificate});
    EXPECT_TRUE(renewed.send({.method = "GET", .target = url}, long_enough));
    CurlTransport outdated({.ca_file = folder.path / "old.pem"});
    EXPECT_FALSE(outdated.send({.method = "GET", .target = url}, long_enough));
}

TEST(ServerProblem, EveryOneHasItsEntry) {
    for (auto const& entry : server_problems()) {
        auto const response = to_response(entry.problem, "why");
        EXPECT_EQ(response.status, entry.status);
        EXPECT_EQ(string_or(*parse_json(response.body), "type"), "/problems/" + std::string(entry.code));
        EXPECT_EQ(string_or(*parse_json(response.body), "detail"), "why");
    }
}

}  // namespace
}  // namespace billhook::net::http_server_test
