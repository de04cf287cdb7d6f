#include "net/connection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "net/testing/comes_true.h"
#include "net/testing/raw_socket.h"

namespace billhook::net::connection_test {
namespace {

using testing::comes_true;
using testing::RawSocket;
using namespace std::chrono_literals;

constexpr std::string_view plain_request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// One event loop; "/hold" stops it until release(), so that a test knows what waits in the kernel meanwhile.
class Loop {
  public:
    explicit Loop(HttpServerOptions options = {}, std::string body = "answer")
        : shared_(new ServerShared{std::move(options),
                                   [this, body = std::move(body)](HttpRequest&& request, Responder respond) {
                                       if (request.target == "/hold") {
                                           is_held_.set_value();
                                           released_.get_future().wait();
                                       }
                                       respond({.body = body});
                                   },
                                   ConnectionCensus(1000, 0), TlsHolder()}),
          loop_(std::make_shared<EventLoop>(shared_)) {
        ListenAddress address{.ip = "127.0.0.1"};
        EXPECT_TRUE(loop_->listen(address));
        address_ = to_text(address);
        thread_ = std::thread([this] { loop_->run(); });
    }
    ~Loop() {
        loop_->end();
        thread_.join();
    }

    RawSocket connect() const { return RawSocket::connect(address_); }
    void hold(RawSocket& by) {
        by.send("GET /hold HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        is_held_.get_future().wait();
    }
    void release() { released_.set_value(); }
    EventLoop& loop() { return *loop_; }
    std::uint64_t open() const { return shared_->census.open(); }

  private:
    std::promise<void> is_held_, released_;
    std::shared_ptr<ServerShared> const shared_;
    std::shared_ptr<EventLoop> const loop_;
    std::string address_;
    std::thread thread_;
};

// What follows the last request lies unread in the kernel; closing over it would reset the connection, and take away
// what the client has not read yet.
TEST(Connection, TheLastAnswerArrivesWholeThoughMoreWasAsked) {
    std::string const large(3u << 20, 'x');
    Loop loop({}, large);
    auto client = loop.connect();
    loop.hold(client);
    ASSERT_TRUE(client.send(plain_request));
    loop.release();
    auto const answer = client.read_to_end();
    EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_EQ(answer.size(), answer.find("\r\n\r\n") + 4 + large.size());
}

// The client is told that nothing more comes, and may be slow to go: not for long.
TEST(Connection, WhoeverStaysAfterTheLastAnswerIsCountedAndSentAway) {
    Loop loop;
    auto client = loop.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    auto const answered = std::chrono::steady_clock::now();
    EXPECT_TRUE(client.read_to_end().ends_with("answer"));
    EXPECT_EQ(loop.open(), 1u);
    ASSERT_TRUE(comes_true([&] { return loop.open() == 0; }));
    EXPECT_LT(std::chrono::steady_clock::now() - answered, 4s);  // two, on a machine that has nothing else to do
}

TEST(Connection, WhoeverGoesAfterTheLastAnswerIsNotWaitedFor) {
    Loop loop({.header_timeout = Duration::minutes(5), .idle_timeout = Duration::minutes(5)});
    auto const begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) {
        auto client = loop.connect();
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        client.shutdown_write();
        EXPECT_TRUE(client.read_to_end().ends_with("answer"));
        ASSERT_TRUE(comes_true([&] { return loop.open() == 0; }));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);  // waiting would take 30
}

TEST(Connection, WhatHasJustBeenAskedIsAnsweredBeforeTheEnd) {
    Loop loop;
    auto idle = loop.connect(), silent = loop.connect(), holder = loop.connect();
    idle.send(plain_request);
    EXPECT_TRUE(idle.read_response().ends_with("answer"));
    loop.hold(holder);
    loop.loop().stop_accepting();  // is told first of what waits for the loop
    ASSERT_TRUE(idle.send(plain_request));
    auto waiting = loop.connect();  // in the backlog
    ASSERT_TRUE(waiting.send(plain_request));
    loop.release();
    EXPECT_EQ(silent.read_to_end(), "");
    for (auto* client : {&idle, &waiting, &holder}) {
        auto const answer = client->read_to_end();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
        EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos) << answer;
    }
    EXPECT_FALSE(loop.connect().is_open());
}

// More requests than one turn of the loop takes, when the time of them all is over.
TEST(Connection, ARequestThatCameInTimeIsNotTakenForSilence) {
    Loop loop({.header_timeout = Duration::seconds(1)});
    std::vector<RawSocket> clients(300);
    auto holder = loop.connect();
    auto const opened = std::chrono::steady_clock::now();
    for (auto& client : clients) client = loop.connect();
    ASSERT_TRUE(comes_true([&] { return loop.open() == clients.size() + 1; }));
    loop.hold(holder);
    for (auto& client : clients) ASSERT_TRUE(client.send(plain_request));
    std::this_thread::sleep_until(opened + 1500ms);
    loop.release();
    std::size_t answered = 0;
    for (auto& client : clients) answered += client.read_response().ends_with("answer");
    EXPECT_EQ(answered, clients.size());
}

}  // namespace
}  // namespace billhook::net::connection_test
