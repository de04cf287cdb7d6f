#pragma once
// Application: from an HTTP request to its answer. Finds the route once, authenticates, authorizes, parses, keeps the
// idempotency key, calls the handler and renders. Hot routes run at once on the caller's thread (an event loop) where
// memory has what they need; all others are handed to the pool. Thread-safe.

#include <functional>
#include <memory>
#include <optional>

#include "http/context.h"
#include "http/route.h"
#include "net/responder.h"

namespace billhook::http {

class Application {
  public:
    /// Hands work to a worker thread; false where its queue is full.
    using Post = std::function<bool(std::function<void()>)>;

    explicit Application(Context const& context) : context_(context) {}

    /// Never blocks. Answers `respond`, now or later from another thread.
    void handle(net::HttpRequest&& request, net::Responder respond, Post const& post) const;
    /// The whole path on the calling thread; may block. For tests, simulation and the pool.
    net::HttpResponse answer(net::HttpRequest request) const;

  private:
    using Respond = std::function<void(net::HttpResponse)>;
    /// A request and the row of the route table that it found.
    struct Asked {
        net::HttpRequest request;
        Match found;
    };

    net::HttpResponse answer(Asked const& asked) const;
    /// False: memory lacks something; nothing was answered.
    bool answer_from_memory(net::HttpRequest const& request, Match const& found, net::Responder& respond) const;
    bool submit(std::shared_ptr<Asked const> const& asked, Respond const& respond, Post const& post) const;
    void answer_on_pool(std::shared_ptr<Asked const> const& asked, Respond const& respond, Post const& post) const;

    Context const& context_;
};

}  // namespace billhook::http
