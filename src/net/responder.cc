#include "net/responder.h"

#include "base/check.h"
#include "net/server_problem.h"

namespace billhook::net {
namespace {

class FunctionSink final : public ResponseSink {
  public:
    explicit FunctionSink(std::function<void(HttpResponse)> receive) : receive_(std::move(receive)) {}
    void respond(std::uint64_t, HttpResponse&& response) override { receive_(std::move(response)); }

  private:
    std::function<void(HttpResponse)> receive_;
};

}  // namespace

void ResponseSink::respond_json(std::uint64_t request, std::string_view body) {
    respond(request, {.headers = {{"Content-Type", "application/json"}}, .body = std::string(body)});
}

Responder Responder::into(std::function<void(HttpResponse)> receive) {
    return {std::make_shared<FunctionSink>(std::move(receive)), 0};
}

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        answer_if_owed();
        sink_ = std::move(other.sink_);
        request_ = other.request_;
    }
    return *this;
}

void Responder::operator()(HttpResponse response) {
    CHECK(sink_ != nullptr);
    auto const sink = std::move(sink_);
    sink->respond(request_, std::move(response));
}

void Responder::json(std::string_view body) {
    CHECK(sink_ != nullptr);
    auto const sink = std::move(sink_);
    sink->respond_json(request_, body);
}

void Responder::answer_if_owed() {
    if (!sink_) return;
    (*this)(to_response(ServerProblem::internal_error, "The request ended without an answer; this has been logged."));
}

}  // namespace billhook::net
