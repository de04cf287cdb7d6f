#pragma once
// ValidatingTransport: a transport that judges what passes by the surface: answers of API operations, and the events
// in webhooks. It stands in the transport of every suite; what it found fails the test. Thread-safe.

#include <mutex>
#include <string>
#include <vector>

#include "net/http_transport.h"
#include "sandbox/core/registry.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

class ValidatingTransport : public net::HttpTransport {
  public:
    explicit ValidatingTransport(net::HttpTransport& inner, Surface const& surface = Surface::embedded())
        : inner_(inner), surface_(surface), routes_(surface) {}

    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration timeout) override;

    /// All that was found so far, each with the request; take them to start afresh.
    std::vector<std::string> take_violations();

  private:
    void judge_answer(net::HttpRequest const& request, net::HttpResponse const& response);
    void judge_event(net::HttpRequest const& request);
    bool is_older(std::string_view version) const;
    void report(std::string const& where, std::vector<std::string> const& violations);

    net::HttpTransport& inner_;
    Surface const& surface_;
    Registry routes_;
    std::mutex mutex_;
    std::vector<std::string> violations_;
};

}  // namespace billhook::sandbox
