// bench_load: one round of load on one server, for the measurements that are scripts.
// bench_load requests ADDRESS CONNECTIONS SECONDS SEED PID,PID… FILE          requests of FILE, picked at random
// bench_load events   ADDRESS CONNECTIONS SECONDS SEED PID,PID… FILE SECRET   FILE as an event, each with its own id
//                                                                             and signature
// FILE of requests: each is its length in bytes, a line end, and the request. Prints one line of JSON.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/digest.h"
#include "base/random.h"
#include "bench/load/http_load.h"

namespace billhook::bench {
namespace {

std::string read_file(std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> read_requests(std::string const& path) {
    std::istringstream file(read_file(path));
    std::vector<std::string> requests;
    for (std::size_t length = 0; file >> length && file.get() == '\n';) {
        std::string request(length, '\0');
        file.read(request.data(), static_cast<std::streamsize>(length));
        requests.push_back(std::move(request));
    }
    return requests;
}

/// Signs as Stripe does, and puts a fresh id in the place of the file's "evt_…".
class EventSource {
  public:
    EventSource(std::string body, std::string secret, std::uint64_t seed)
        : body_(std::move(body)), secret_(std::move(secret)), random_(seed), id_at_(body_.find("evt_") + 4) {}

    std::string_view next() {
        body_.replace(id_at_, id_size, random_.alphanumeric(id_size));
        auto const now = std::to_string(std::time(nullptr));
        auto const signature = to_hex(hmac_sha256(secret_, now + "." + body_));
        request_ =
            "POST /api/v1/webhooks/stripe HTTP/1.1\r\nHost: billing.example.com\r\nAccept: */*\r\n"
            "User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
            "Content-Type: application/json; charset=utf-8\r\nStripe-Signature: t=" +
            now + ",v1=" + signature + "\r\nContent-Length: " + std::to_string(body_.size()) + "\r\n\r\n" + body_;
        return request_;
    }

  private:
    static constexpr int id_size = 24;
    std::string body_;
    std::string const secret_;
    SeededRandom random_;
    std::size_t const id_at_;
    std::string request_;
};

std::vector<pid_t> read_processes(std::string const& list) {
    std::istringstream text(list);
    std::vector<pid_t> processes;
    for (std::string word; std::getline(text, word, ',');) processes.push_back(std::stoi(word));
    return processes;
}

int run(std::vector<std::string> const& words) {
    if (words.size() < 8 || (words[1] == "events" && words.size() < 9)) {
        std::fprintf(stderr, "bench_load requests|events ADDRESS CONNECTIONS SECONDS SEED PIDS FILE [SECRET]\n");
        return 2;
    }
    HttpLoad load{.address = words[2],
                  .connections = std::stoi(words[3]),
                  .duration = std::chrono::milliseconds(static_cast<long>(std::stod(words[4]) * 1000)),
                  .next_request = {},
                  .processes = read_processes(words[6])};
    auto const seed = std::stoull(words[5]);
    SeededRandom random(seed);
    std::vector<std::string> requests;
    EventSource events(words[1] == "events" ? read_file(words[7]) : "evt_" + std::string(64, '0'), words.back(), seed);
    if (words[1] == "events") {
        load.next_request = [&] { return events.next(); };
    } else {
        requests = read_requests(words[7]);
        load.next_request = [&] { return std::string_view(requests[random.below(requests.size())]); };
    }
    auto const result = run_load(load);
    std::printf("{\"requests_per_second\": %.1f, \"microseconds_each\": %.3f}\n", result.requests_per_second,
                result.microseconds_each);
    return 0;
}

}  // namespace
}  // namespace billhook::bench

int main(int argc, char** argv) {
    return billhook::bench::run({argv, argv + argc});
}
