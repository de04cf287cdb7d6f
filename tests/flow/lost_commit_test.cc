// A commit whose answer is lost may have taken place: what memory holds of it is read anew.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "flow/entitlement/snapshot_keeper.h"
#include "store/subscription_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::lost_commit_test {
namespace {

using store::DatabaseKind;

/// Between the store and its database, on a port of its own. It may lose an answer and the connection with it.
class LosingProxy {
  public:
    explicit LosingProxy(int target_port) : target_port_(target_port), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        auto here = address(0);
        socklen_t size = sizeof here;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&here), size), 0);
        EXPECT_EQ(::listen(listener_, 16), 0);
        EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size), 0);
        port_ = ntohs(here.sin_port);
        accepting_ = std::thread([this] { accept(); });
    }
    ~LosingProxy() {
        ::shutdown(listener_, SHUT_RDWR);
        accepting_.join();
        for (auto& thread : connections_) thread.join();
        ::close(listener_);
    }
    LosingProxy(LosingProxy const&) = delete;

    int port() const { return port_; }
    void lose_next_answer() { loses_next_ = true; }

  private:
    static sockaddr_in address(int port) {
        sockaddr_in found{};
        found.sin_family = AF_INET;
        found.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        found.sin_port = htons(static_cast<std::uint16_t>(port));
        return found;
    }

    void accept() {
        for (int client = 0; (client = ::accept(listener_, nullptr, nullptr)) >= 0;)
            connections_.emplace_back([this, client] { carry(client); });
    }

    /// Until one side hangs up.
    void carry(int client) {
        int const server = ::socket(AF_INET, SOCK_STREAM, 0);
        auto const target = address(target_port_);
        EXPECT_EQ(::connect(server, reinterpret_cast<sockaddr const*>(&target), sizeof target), 0);
        std::array<pollfd, 2> sides{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
        std::array<char, 16384> bytes;
        for (bool is_open = true; is_open && ::poll(sides.data(), sides.size(), -1) > 0;) {
            for (std::size_t from = 0; is_open && from < sides.size(); ++from) {
                if (sides[from].revents == 0) continue;
                auto const count = ::recv(sides[from].fd, bytes.data(), bytes.size(), 0);
                bool const is_lost = count > 0 && from == 1 && loses_next_.exchange(false);
                is_open =
                    count > 0 && !is_lost &&
                    ::send(sides[1 - from].fd, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
            }
        }
        ::close(client);
        ::close(server);
    }

    int const target_port_;
    int const listener_;
    int port_ = 0;
    std::atomic<bool> loses_next_ = false;
    std::thread accepting_;
    std::vector<std::thread> connections_;
};

/// "postgres://postgres@127.0.0.1:PORT/NAME" in its parts.
struct Address {
    std::string before;
    int port;
    std::string after;
};

Address parts_of(std::string const& url) {
    auto const colon = url.rfind(':');
    auto const slash = url.find('/', colon);
    return {url.substr(0, colon + 1), std::stoi(url.substr(colon + 1, slash - colon - 1)), url.substr(slash)};
}

TEST(LostCommit, WhatMemoryHoldsOfItIsReadAnew) {
    FlowWorld world(DatabaseKind::postgres);
    world.subscribe("acme", "pro");
    auto const address = parts_of(world.database->address());
    LosingProxy proxy(address.port);
    auto const opened =
        store::open_store(address.before + std::to_string(proxy.port()) + address.after, {.readers = 1, .writers = 1});
    ASSERT_TRUE(is_ok(opened));
    auto& store = **opened;
    CustomerId const acme("acme");
    SnapshotTable table;
    SnapshotKeeper keeper(store, world.clock, [&] { return world.catalog; }, table);
    ASSERT_TRUE(keeper.load(acme)->rights->lines.contains("tier"));

    auto ended = *world.view("acme").subscription;
    ended.status = subscription::Status::canceled;
    ended.ended_at = world.clock.now();
    auto const save = [&](subscription::Subscription const& row, std::function<void()> const& last) {
        return store.write(store::Scope::customer(acme), [&](store::Writer& writer) -> Status {
            TRY_VOID(store::save_subscription(writer, row));
            TRY_VOID(keeper.refresh(writer, acme));
            last();
            return {};
        });
    };
    // The connection learns every statement, so that the answer that is lost is that of the commit.
    ASSERT_TRUE(is_ok(save(*world.view("acme").subscription, [] {})));
    auto const lost = save(ended, [&] { proxy.lose_next_answer(); });
    ASSERT_EQ(reason_of(lost), "commit_unknown");
    EXPECT_FALSE(keeper.find(acme)) << "nobody knows what the customer holds";
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (world.database->run("SELECT status FROM subscription").front().front() != "canceled")
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it was committed";
    EXPECT_FALSE(keeper.load(acme)->rights->lines.contains("tier"));

    ASSERT_TRUE(is_ok(keeper.confirm()));
    EXPECT_FALSE(keeper.find(acme)) << "what was read at once may have been from before the commit";
    ASSERT_TRUE(is_ok(keeper.load(acme)));
    world.advance(Duration::minutes(2));
    ASSERT_TRUE(is_ok(keeper.confirm()));
    ASSERT_TRUE(is_ok(keeper.load(acme)));
    ASSERT_TRUE(is_ok(keeper.confirm()));
    EXPECT_TRUE(keeper.find(acme));
}

}  // namespace
}  // namespace billhook::flow::lost_commit_test
