// Judges all that the sandbox says by the facts of the API, as ValidatingTransport does for the suites in process, and
// ends the program at the first word that breaks them: whatever test runs against it fails, and its log says why.

#include "sandbox/witness.h"

#include <unistd.h>

#include <iostream>
#include <mutex>

#include "sandbox/surface/validating_transport.h"

namespace billhook::sandbox {
namespace {

constexpr int broken_answer = 70;

/// Gives back what has been answered already.
class Answered : public net::HttpTransport {
  public:
    Result<net::HttpResponse> send(net::HttpRequest const&, Duration) override { return *response; }
    net::HttpResponse const* response = nullptr;
};

struct Judge {
    std::mutex mutex;
    Answered answered;
    ValidatingTransport transport{answered};
};

}  // namespace

void witness(net::HttpRequest const& request, net::HttpResponse const& response) {
    // A connection that was closed on demand has said nothing.
    if (response.status == 0) return;
    static auto& judge = *new Judge;  // threads of the sandbox may speak while the program ends
    std::lock_guard const lock(judge.mutex);
    judge.answered.response = &response;
    if (!judge.transport.send(request, Duration{})) return;
    auto const violations = judge.transport.take_violations();
    if (violations.empty()) return;
    for (auto const& violation : violations) std::cerr << "the sandbox broke the API: " << violation << "\n";
    std::cerr.flush();
    _exit(broken_answer);
}

}  // namespace billhook::sandbox
