#pragma once
// Responder: the one answer that a request is owed. It may travel to another thread; dropped without an answer, it
// answers 500 by itself, so that no client waits for a handler that forgot it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "net/http_message.h"

namespace billhook::net {

/// Where answers go. `request` tells the requests of one sink apart; an answer that comes too late is dropped there.
class ResponseSink {
  public:
    virtual ~ResponseSink() = default;
    virtual void respond(std::uint64_t request, HttpResponse&& response) = 0;  // from any thread
    /// 200 with JSON and nothing else to say.
    virtual void respond_json(std::uint64_t request, std::string_view body);
};

class Responder {
  public:
    Responder(std::shared_ptr<ResponseSink> sink, std::uint64_t request) : sink_(std::move(sink)), request_(request) {}
    /// For requests that come from no socket.
    static Responder into(std::function<void(HttpResponse)> receive);

    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    ~Responder() { answer_if_owed(); }

    /// Once; the responder is empty afterwards. A status of 0 closes the connection without an answer.
    void operator()(HttpResponse response);
    /// As above, of 200 with JSON: what the hot doors answer. On the connection's own loop the text is copied straight
    /// behind what is about to be sent.
    void json(std::string_view body);

  private:
    void answer_if_owed();

    std::shared_ptr<ResponseSink> sink_;
    std::uint64_t request_;
};

}  // namespace billhook::net
