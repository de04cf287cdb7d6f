#include "sandbox/sandbox.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/digest.h"
#include "base/log.h"
#include "sandbox/clock/time_runner.h"
#include "sandbox/core/call.h"
#include "sandbox/core/id_source.h"
#include "sandbox/core/idempotency.h"
#include "sandbox/core/request_reader.h"
#include "sandbox/delivery/delivery.h"
#include "sandbox/delivery/endpoint_directory.h"
#include "sandbox/resource/resources.h"
#include "sandbox/surface/parameters.h"

namespace billhook::sandbox {

class Sandbox::Machine {
  public:
    explicit Machine(SandboxOptions options)
        : options_(std::move(options)),
          world(Surface::embedded(), *options_.clock, options_.settings, options_.seed),
          delivery_random_(options_.seed ^ 0x9e3779b97f4a7c15U),
          request_random_(options_.seed ^ 0x3c6ef372fe94f82aU),
          delivery(
              options_.webhook_transport, delivery_random_,
              [this](std::string const& id) {
                  std::lock_guard const lock(mutex_);
                  return find_endpoint(world, id);
              },
              [this](std::string const& id) {
                  std::lock_guard const lock(mutex_);
                  world.events.acknowledged(id);
              }) {
        world.can_move_root = static_cast<bool>(options_.move_clock);
        delivery.set_policy(
            {world.settings.webhook_retry_ms, world.settings.webhook_retry_factor, world.settings.webhook_retries_max});
        add_resources(world);
    }

    net::HttpResponse handle(net::HttpRequest const& request);
    void run_due();
    void start();
    void stop();

  private:
    SandboxOptions options_;

  public:
    World world;

  private:
    net::HttpResponse answer(net::HttpRequest const& request, std::string const& request_id);
    net::HttpResponse execute(net::HttpRequest const& request, Route const& route, PathIds ids,
                              std::string const& request_id, std::string const& idempotency_key);
    Answer<Json> perform(Call& call, net::HttpRequest const& request, Route const& route, bool& has_begun);
    net::HttpResponse show_page(net::HttpRequest const& request, Route const& route, PathIds ids);
    void commit(Call& call);
    bool run_one_due();
    void run_in_background(std::stop_token stop);

    SeededRandom delivery_random_, request_random_;
    std::mutex mutex_;  // guards `world`
    IdempotencyKeys idempotency_;

  public:
    Delivery delivery;

  private:
    std::atomic<bool> has_thread_ = false;
    std::condition_variable_any woken_;
    std::mutex wake_mutex_;
    std::jthread time_thread_, delivery_thread_;
};

namespace {

net::HttpResponse refusal(ApiError const& error, std::string const& request_id) {
    net::HttpResponse response;
    response.status = error.status;
    response.body = error_body(error, request_id);
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Request-Id", request_id);
    response.headers.set("Stripe-Should-Retry", error.status == 409 || error.status == 429 ? "true" : "false");
    return response;
}

std::vector<std::string> take_expand(JsonObject& params) {
    std::vector<std::string> paths;
    auto const* expand = params.if_contains("expand");
    if (expand && expand->is_array())
        for (auto const& path : expand->get_array())
            if (path.is_string()) paths.emplace_back(as_view(path.get_string()));
    params.erase("expand");
    return paths;
}

}  // namespace

net::HttpResponse Sandbox::Machine::handle(net::HttpRequest const& request) {
    auto const request_id = make_id(request_random_, "req_");
    auto response = answer(request, request_id);
    if (!has_thread_)
        run_due();
    else
        woken_.notify_all();
    return response;
}

net::HttpResponse Sandbox::Machine::answer(net::HttpRequest const& request, std::string const& request_id) {
    PathIds ids;
    Route const* route = world.registry.match(request.method, request.path(), ids);
    if (route && route->page) return show_page(request, *route, std::move(ids));
    if (auto known = authenticate(request, world.settings); !known) return refusal(known.error(), request_id);
    std::string const version(world.surface.version());
    auto const refused = [&](ApiError const& error) {
        auto response = refusal(error, request_id);
        response.headers.set("Stripe-Version", version);
        return response;
    };
    if (auto fits = check_version(request, world.surface); !fits) return refused(fits.error());
    if (!route || !route->handler) {
        auto const asked = request.method + ": " + std::string(request.path());
        if (route)
            return refused({501, "api_error", "", "The sandbox does not answer this operation (" + asked + ")."});
        return refused({404, "invalid_request_error", "", "Unrecognized request URL (" + asked + ").", ""});
    }
    auto const key = request.method == "POST" ? request.headers.get_or("Idempotency-Key") : std::string{};
    if (key.size() > 255) return refused(bad_request("Idempotency keys can be at most 255 characters long.", ""));
    if (key.empty()) return execute(request, *route, std::move(ids), request_id, key);

    auto claimed =
        idempotency_.claim(key, to_hex(sha256(request.target + "\n" + request.body)), world.clock.now().seconds());
    if (!claimed) return refused(claimed.error());
    if (!*claimed) return execute(request, *route, std::move(ids), request_id, key);
    net::HttpResponse replay;
    replay.status = (*claimed)->status;
    replay.body = (*claimed)->body;
    replay.headers = {{"Content-Type", "application/json"},
                      {"Request-Id", request_id},
                      {"Stripe-Version", version},
                      {"Idempotency-Key", key},
                      {"Original-Request", (*claimed)->request_id},
                      {"Idempotent-Replayed", "true"}};
    return replay;
}

net::HttpResponse Sandbox::Machine::execute(net::HttpRequest const& request, Route const& route, PathIds ids,
                                            std::string const& request_id, std::string const& idempotency_key) {
    net::HttpResponse response;
    bool has_begun = false;
    {
        std::lock_guard const lock(mutex_);
        Call call(world);
        call.path_ids = std::move(ids);
        call.path = request.path();
        call.request_id = request_id;
        call.idempotency_key = idempotency_key;
        auto const start = call.mark();
        auto result = perform(call, request, route, has_begun);
        if (result) {
            commit(call);
            response.body = to_text(*result);
            response.headers.set("Content-Type", "application/json");
            response.headers.set("Request-Id", request_id);
        } else {
            if (call.keep_on_refusal)
                commit(call);
            else
                call.undo(start);
            response = refusal(result.error(), request_id);
        }
    }
    response.headers.set("Stripe-Version", std::string(world.surface.version()));
    if (idempotency_key.empty()) return response;
    response.headers.set("Idempotency-Key", idempotency_key);
    response.headers.set("Original-Request", request_id);
    if (has_begun && response.status != 409 && response.status != 429)
        idempotency_.finish(idempotency_key, {response.status, response.body, request_id});
    else
        idempotency_.release(idempotency_key);
    return response;
}

Answer<Json> Sandbox::Machine::perform(Call& call, net::HttpRequest const& request, Route const& route,
                                       bool& has_begun) {
    auto const raw = TRY(raw_parameters(request));
    call.params = TRY(read_parameters(route.operation->parameters, raw));
    auto const expand = take_expand(call.params);
    has_begun = true;
    auto tree = TRY(route.handler(call));
    TRY_VOID(world.views.expand(*route.operation->answer, tree, expand));
    return tree;
}

net::HttpResponse Sandbox::Machine::show_page(net::HttpRequest const& request, Route const& route, PathIds ids) {
    std::lock_guard const lock(mutex_);
    Call call(world);
    call.path_ids = std::move(ids);
    call.path = request.path();
    auto const start = call.mark();
    auto response = route.page(call, request);
    if (response.status < 400)
        commit(call);
    else
        call.undo(start);
    return response;
}

void Sandbox::Machine::commit(Call& call) {
    world.store.commit();
    for (auto& pending : call.events) {
        auto const endpoints = endpoints_for(world, pending.type);
        Event event;
        event.id = call.new_id("evt_");
        event.type = pending.type;
        event.created = pending.created;
        event.webhooks_pending = static_cast<int>(endpoints.size());
        event.body = event_body(world, event, pending.data, call.request_id, call.idempotency_key);
        auto const& kept = world.events.append(std::move(event));
        for (auto const& endpoint : endpoints) delivery.enqueue(kept.id, kept.body, endpoint, world.clock.now());
    }
    call.events.clear();
}

bool Sandbox::Machine::run_one_due() {
    std::lock_guard const lock(mutex_);
    return run_next(world, options_.move_clock, [this](Call& call) { commit(call); });
}

void Sandbox::Machine::run_due() {
    while (run_one_due()) {
    }
}

void Sandbox::Machine::run_in_background(std::stop_token stop) {
    using namespace std::chrono_literals;
    while (!stop.stop_requested()) {
        bool const has_worked = run_one_due();
        if (has_worked) continue;
        std::unique_lock lock(wake_mutex_);
        woken_.wait_for(lock, stop, 100ms, [] { return false; });
    }
}

void Sandbox::Machine::start() {
    has_thread_ = true;
    time_thread_ = std::jthread([this](std::stop_token stop) { run_in_background(stop); });
    delivery_thread_ = std::jthread([this](std::stop_token stop) {
        using namespace std::chrono_literals;
        while (!stop.stop_requested())
            if (delivery.deliver_due(world.clock.now()) == 0) {
                std::unique_lock lock(wake_mutex_);
                woken_.wait_for(lock, stop, 20ms, [] { return false; });
            }
    });
}

void Sandbox::Machine::stop() {
    for (auto* thread : {&time_thread_, &delivery_thread_}) {
        if (!thread->joinable()) continue;
        thread->request_stop();
        thread->join();
    }
    has_thread_ = false;
}

Sandbox::Sandbox(SandboxOptions options) : machine_(std::make_unique<Machine>(std::move(options))) {}
Sandbox::~Sandbox() {
    stop();
}

net::HttpResponse Sandbox::handle(net::HttpRequest const& request) {
    return machine_->handle(request);
}
void Sandbox::run_due() {
    machine_->run_due();
}
int Sandbox::deliver_due() {
    return machine_->delivery.deliver_due(machine_->world.clock.now());
}
bool Sandbox::has_undelivered() const {
    return machine_->delivery.waiting() > 0;
}
void Sandbox::start() {
    machine_->start();
}
void Sandbox::stop() {
    machine_->stop();
}
World& Sandbox::world() {
    return machine_->world;
}

}  // namespace billhook::sandbox
