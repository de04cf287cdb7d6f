// The server's own cost: a small authenticated answer, beside nginx's `return 200` where nginx is installed. Both are
// asked by the same clients in turn, so that a busy machine slows both. Requests a second depend on what else runs;
// the processor time per request hardly does.
// bench_http_server [seconds per round] [connections]

#include "net/http_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "bench/load/http_load.h"
#include "net/testing/raw_socket.h"

namespace billhook::net {
namespace {

constexpr char answer_body[] =
    R"({"feature":"exports","allowed":true,"reason":"included","limit":null,"used":0,"remaining":null,"as_of":"2025-01-01"})";

struct Peer {
    std::string name, address;
    std::vector<pid_t> processes;
};

constexpr std::string_view request =
    "GET /api/v1/check?feature=exports HTTP/1.1\r\nHost: billing.example.com\r\nAccept: */*\r\n"
    "User-Agent: application/1.0\r\nAuthorization: Bearer bh_live_0123456789abcdef0123456789abcdef\r\n\r\n";

Peer start_ours() {
    int channel[2];
    if (::pipe(channel) != 0) std::exit(1);
    pid_t const process = ::fork();
    if (process == 0) {
        HttpServer server({.loops = 2}, [](HttpRequest&& request, Responder respond) {
            bool const is_known = request.headers.get_or("authorization").ends_with("abcdef");
            respond({.status = is_known ? 200 : 401,
                     .headers = {{"Content-Type", "application/json"}},
                     .body = answer_body});
        });
        if (!server.start()) ::_exit(1);
        auto const address = server.address() + "\n";
        if (::write(channel[1], address.data(), address.size()) < 0) ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    char text[64] = "";
    if (::read(channel[0], text, sizeof text - 1) <= 0) std::exit(1);
    text[std::strcspn(text, "\n")] = '\0';
    return {"billhook", text, {process}};
}

Peer start_nginx(std::filesystem::path const& folder) {
    std::string address;
    {
        testing::RawListener free_port;
        address = free_port.address();
    }
    std::string body = answer_body;
    std::ofstream(folder / "nginx.conf")
        << "daemon off; worker_processes 2; pid " << (folder / "pid").string() << "; error_log /dev/null;\n"
        << "events { worker_connections 1024; }\nhttp { access_log off; keepalive_requests 100000000;\n"
        << "server { listen " << address << " reuseport; default_type application/json; location / { return 200 '"
        << body << "'; } } }\n";
    pid_t const process = ::fork();
    if (process == 0) {
        int const nowhere = ::open("/dev/null", O_WRONLY);
        ::dup2(nowhere, 2);
        ::execlp("nginx", "nginx", "-c", (folder / "nginx.conf").c_str(), "-p", folder.c_str(), nullptr);
        ::_exit(127);
    }
    for (int i = 0; i < 200; ++i) {
        ::usleep(20'000);
        if (testing::RawSocket::connect(address).is_open()) break;
        if (::waitpid(process, nullptr, WNOHANG) == process) return {};
    }
    return {"nginx", address, {process}};
}

void run(int seconds, int connections) {
    char folder[] = "/tmp/bench_http_server_XXXXXX";
    if (!::mkdtemp(folder)) std::exit(1);
    Peer const ours = start_ours();
    Peer const nginx = start_nginx(folder);
    std::vector<Peer> peers{ours};
    if (!nginx.name.empty()) peers.push_back(nginx);
    std::vector<bench::LoadResult> total(peers.size());
    constexpr int rounds = 4;
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < peers.size(); ++i) {
            auto const one = bench::run_load({.address = peers[i].address,
                                              .connections = connections,
                                              .duration = std::chrono::seconds(seconds),
                                              .next_request = [] { return request; },
                                              .processes = peers[i].processes});
            total[i].requests_per_second += one.requests_per_second / rounds;
            total[i].microseconds_each += one.microseconds_each / rounds;
        }
    }
    for (std::size_t i = 0; i < peers.size(); ++i)
        std::printf("%-10s %8.0f requests/s  %6.2f us of processor each\n", peers[i].name.c_str(),
                    total[i].requests_per_second, total[i].microseconds_each);
    if (peers.size() == 2)
        std::printf("billhook / nginx: %.2f of the rate, %.2f of the processor time\n",
                    total[0].requests_per_second / total[1].requests_per_second,
                    total[0].microseconds_each / total[1].microseconds_each);
    ::kill(ours.processes[0], SIGKILL);
    ::waitpid(ours.processes[0], nullptr, 0);
    if (peers.size() == 2) {
        ::kill(nginx.processes.back(), SIGTERM);
        ::waitpid(nginx.processes.back(), nullptr, 0);
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace billhook::net

int main(int argc, char** argv) {
    billhook::net::run(argc > 1 ? std::atoi(argv[1]) : 2, argc > 2 ? std::atoi(argv[2]) : 64);
}
