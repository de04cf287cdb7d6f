#include "bench/load/http_load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace billhook::bench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(std::string const& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

std::vector<pid_t> children_of(pid_t parent) {
    std::ifstream file("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
    return {std::istream_iterator<pid_t>(file), {}};
}

double ticks_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string const text((std::istreambuf_iterator<char>(file)), {});
    if (text.empty()) return 0;
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    for (pid_t const child : children_of(process)) user += ticks_of(child);
    return user + system;
}

int connect_to(std::string const& address) {
    auto const colon = address.rfind(':');
    sockaddr_in peer{.sin_family = AF_INET};
    peer.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr);
    int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(descriptor, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0)
        give_up("nobody listens on " + address);
    int const yes = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return descriptor;
}

void send_whole(int descriptor, std::string_view request) {
    while (!request.empty()) {
        auto const sent = ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
        if (sent <= 0) give_up("a connection was closed while a request was sent");
        request.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// The length of the first answer in `text`, or 0 while it has not all arrived.
std::size_t answer_size(std::string_view text) {
    auto const head_end = text.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return 0;
    if (!text.starts_with("HTTP/1.1 200")) give_up("expected 200, got:\n" + std::string(text));
    std::size_t body = 0;
    constexpr std::string_view wanted = "content-length:";
    for (std::size_t line = text.find("\r\n"); line < head_end; line = text.find("\r\n", line + 2)) {
        auto const field = text.substr(line + 2, head_end - line);
        if (field.size() < wanted.size() || strncasecmp(field.data(), wanted.data(), wanted.size()) != 0) continue;
        auto const value = field.find_first_of("0123456789");
        std::from_chars(field.data() + value, field.data() + field.size(), body);
    }
    return text.size() >= head_end + 4 + body ? head_end + 4 + body : 0;
}

struct Client {
    int descriptor = -1;
    std::string unread;
};

/// True when the client's answer is complete.
bool take_answer(Client& client) {
    char buffer[16384];
    auto const count = ::recv(client.descriptor, buffer, sizeof buffer, 0);
    if (count <= 0) give_up("a connection was closed before its answer came");
    std::string_view text(buffer, static_cast<std::size_t>(count));
    if (!client.unread.empty()) text = client.unread.append(text);
    auto const size = answer_size(text);
    if (size == 0) {
        if (client.unread.empty()) client.unread = text;
        return false;
    }
    client.unread.clear();
    return true;
}

}  // namespace

double processor_seconds(std::vector<pid_t> const& processes) {
    double ticks = 0;
    for (pid_t const process : processes) ticks += ticks_of(process);
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

LoadResult run_load(HttpLoad const& load) {
    int const poller = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<Client> clients(static_cast<std::size_t>(load.connections));
    for (std::size_t i = 0; i < clients.size(); ++i) {
        clients[i].descriptor = connect_to(load.address);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        ::epoll_ctl(poller, EPOLL_CTL_ADD, clients[i].descriptor, &event);
    }
    double const before = processor_seconds(load.processes);
    auto const begin = Clock::now();
    for (auto const& client : clients) send_whole(client.descriptor, load.next_request());
    std::uint64_t answered = 0;
    std::vector<epoll_event> events(256);
    while (Clock::now() - begin < load.duration) {
        int const ready = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), 100);
        for (int i = 0; i < ready; ++i) {
            auto& client = clients[events[static_cast<std::size_t>(i)].data.u64];
            if (!take_answer(client)) continue;
            ++answered;
            send_whole(client.descriptor, load.next_request());
        }
    }
    double const elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
    double const used = processor_seconds(load.processes) - before;
    for (auto const& client : clients) ::close(client.descriptor);
    ::close(poller);
    auto const count = static_cast<double>(answered);
    return {count / elapsed, used * 1e6 / count};
}

}  // namespace billhook::bench
