#include "sandbox/machine/machine.h"

#include "base/log.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/clock/time_runner.h"
#include "sandbox/delivery/endpoint_directory.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

// The seed of one purpose in one life of a data file.
std::uint64_t seed_for(SandboxOptions const& options, DataFile const* file, std::uint64_t purpose) {
    auto const life = file ? static_cast<std::uint64_t>(file->starts()) : 0;
    return SeededRandom(options.seed ^ (life << 32) ^ (purpose * 0x9e3779b97f4a7c15U)).next();
}

}  // namespace

Machine::Machine(SandboxOptions options, std::unique_ptr<DataFile> file)
    : options_(std::move(options)),
      file_(std::move(file)),
      world_(Surface::embedded(), *options_.clock, options_.settings, seed_for(options_, file_.get(), 1)),
      request_random_(seed_for(options_, file_.get(), 3)),
      faults_(seed_for(options_, file_.get(), 4)),
      delivery_(
          options_.webhook_transport, seed_for(options_, file_.get(), 2),
          [this](std::string const& id) {
              std::lock_guard const lock(mutex_);
              return find_endpoint(world_, id);
          },
          [this](std::string const& id) { acknowledged(id); }) {
    world_.can_move_root = static_cast<bool>(options_.move_clock);
    add_resources(world_);
    add_control_api(world_, control_ports());
}

ControlPorts Machine::control_ports() {
    return {.delivery = delivery_, .requests = faults_, .resend = [this](Event const& event, std::string const& to) {
                resend(event, to);
            }};
}

Status Machine::load() {
    if (!file_) return {};
    TRY_VOID(file_->load(world_.store, world_.events, idempotency_));
    TRY_VOID(restore_control(world_, control_ports()));
    // Time does not go back: what was moved ahead in an earlier life stays ahead.
    if (options_.move_clock && file_->latest_time_ms() > world_.clock.now().ms)
        options_.move_clock(Timestamp{file_->latest_time_ms()});
    for (auto const& event : world_.events.all())
        if (event.webhooks_pending > 0) resend(event, "");
    auto const& kept = world_.events.all();
    file_->forget(kept.empty() ? 0 : kept.front().sequence,
                  world_.clock.now().seconds() - IdempotencyKeys::kept_seconds);
    return {};
}

void Machine::record_events(Call& call) {
    for (auto& pending : call.events) {
        auto const endpoints = endpoints_for(world_, pending.type);
        Event event;
        event.id = call.new_id("evt_");
        event.type = pending.type;
        event.created = pending.created;
        event.webhooks_pending = static_cast<int>(endpoints.size());
        event.body = event_body(world_, event, pending.data, call.request_id, call.idempotency_key);
        auto const& kept = world_.events.append(std::move(event));
        if (file_) file_->save(kept);
        for (auto const& endpoint : endpoints)
            delivery_.enqueue(kept.id, event_for(world_, kept, endpoint), endpoint, world_.clock.now());
    }
    call.events.clear();
    for (auto const& thin : call.thin_events)
        for (auto const& endpoint : destinations_for_thin(world_, thin.type))
            delivery_.enqueue(thin.id, thin.body, endpoint, world_.clock.now());
    call.thin_events.clear();
}

void Machine::commit(Call& call, IdempotencyRow const* row) {
    if (!file_) {
        world_.store.commit();
        return record_events(call);
    }
    file_->begin();
    world_.store.commit([this](std::string_view type, std::string_view id, StoredObject const* object) {
        file_->save(type, id, object);
    });
    record_events(call);
    if (row) file_->save(*row);
    file_->end(world_.clock.now().ms);
}

void Machine::acknowledged(std::string const& event) {
    std::lock_guard const lock(mutex_);
    auto const pending = world_.events.acknowledged(event);
    if (file_) file_->set_webhooks_pending(event, pending);
    auto const* kept = world_.events.find(event);
    if (!kept || pending > 0 || kept->type != "invoice.created" || !has_waiting_drafts(world_)) return;
    Call call(world_);
    invoice_was_announced(call, string_or(EventLog::view(*kept), "data.object.id"));
    commit(call);
}

void Machine::resend(Event const& event, std::string const& endpoint) {
    auto const to = endpoint.empty() ? endpoints_for(world_, event.type) : std::vector{endpoint};
    for (auto const& each : to) delivery_.enqueue(event.id, event_for(world_, event, each), each, world_.clock.now());
}

void Machine::set_public_url(std::string url) {
    std::lock_guard const lock(mutex_);
    world_.settings.public_url = std::move(url);
}

bool Machine::run_one_due() {
    std::lock_guard const lock(mutex_);
    return run_next(world_, options_.move_clock, [this](Call& call) { commit(call); });
}

void Machine::run_due() {
    while (run_one_due()) {
    }
}

void Machine::wait_for_work(std::stop_token stop, int ms) {
    std::unique_lock lock(wake_mutex_);
    woken_.wait_for(lock, stop, std::chrono::milliseconds(ms), [] { return false; });
}

void Machine::start() {
    has_threads_ = true;
    time_thread_ = std::jthread([this](std::stop_token stop) {
        while (!stop.stop_requested())
            if (!run_one_due()) wait_for_work(stop, 50);
    });
    delivery_thread_ = std::jthread([this](std::stop_token stop) {
        while (!stop.stop_requested())
            if (deliver_due() == 0) wait_for_work(stop, 10);
    });
}

void Machine::stop() {
    for (auto* thread : {&time_thread_, &delivery_thread_}) {
        if (!thread->joinable()) continue;
        thread->request_stop();
        thread->join();
    }
    has_threads_ = false;
}

}  // namespace billhook::sandbox
