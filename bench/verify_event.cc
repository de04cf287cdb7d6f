// What one webhook costs before it is stored: the signature, the strict reading, the redaction; of
// src/gateway/stripe/testdata/event_6kb.json, in processor time. The bare digest of as many bytes stands beside it: no
// receiver can be cheaper. bench_verify_event [rounds]

#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include "base/digest.h"
#include "flow/webhook_inbox/receive.h"

namespace billhook::bench {
namespace {

constexpr double microseconds_max = 5;  // to verify and parse, of the processor's time
constexpr int repeats = 20'000;

double processor_microseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double cost_of(std::function<bool()> const& work) {
    double const begin = processor_microseconds();
    for (int i = 0; i < repeats; ++i)
        if (!work()) std::exit(1);
    return (processor_microseconds() - begin) / repeats;
}

struct Step {
    char const* name;
    std::function<bool()> work;
    std::vector<double> rounds;

    double median() const { return rounds[rounds.size() / 2]; }  // once they are sorted
};

int run(int rounds) {
    std::ifstream file("src/gateway/stripe/testdata/event_6kb.json");
    std::string const body((std::istreambuf_iterator<char>(file)), {});
    Timestamp const now{1'790'000'000'000};
    std::vector<std::string> const secrets{"whsec_bench"};
    std::string const header = "t=1790000000,v1=" + to_hex(hmac_sha256(secrets[0], "1790000000." + body));
    flow::AllowedMetadata const allowed;
    auto const verify = [&] {
        return stripe::verify_signature(body, header, secrets, stripe::signature_tolerance_default, now).has_value();
    };
    std::vector<Step> steps{
        {"bare SHA-256", [&] { return !sha256(body).empty(); }, {}},
        {"verify", verify, {}},
        {"parse and redact", [&] { return flow::to_inbox_event(body, allowed, now).has_value(); }, {}},
    };
    for (int round = 0; round < rounds; ++round)
        for (auto& step : steps) step.rounds.push_back(cost_of(step.work));
    std::printf("an event of %zu bytes, medians of %d rounds of %d:\n", body.size(), rounds, repeats);
    for (auto& step : steps) {
        std::ranges::sort(step.rounds);
        std::printf("%-20s %7.2f us\n", step.name, step.median());
    }
    double const whole = steps[1].median() + steps[2].median();
    bool const is_held = whole <= microseconds_max;
    std::printf("%s  an event of %zu bytes: %.2f us to verify and parse, redaction included, at most %.0f\n",
                is_held ? "held  " : "MISSED", body.size(), whole, microseconds_max);
    return is_held ? 0 : 1;
}

}  // namespace
}  // namespace billhook::bench

int main(int argc, char** argv) {
    return billhook::bench::run(argc > 1 ? std::atoi(argv[1]) : 5);
}
