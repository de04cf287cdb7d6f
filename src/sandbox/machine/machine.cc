#include "sandbox/machine/machine.h"

#include <pthread.h>

#include "base/log.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/clock/time_runner.h"
#include "sandbox/delivery/endpoint_directory.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr int webhooks_at_once = 32;
constexpr int due_per_write_max = 64;
// An acknowledgement that a crash loses means one webhook twice, so it can wait for the next write.
constexpr std::size_t acknowledgements_waiting_max = 512;
constexpr std::uint64_t events_forgotten_at_once = 1024;

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
          [this](std::string const& id) { return address_of(id); },
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
    file_->forget_keys(world_.clock.now().seconds());
    return {};
}

void Machine::record_events(Call& call) {
    auto const now = world_.clock.now();
    for (auto& pending : call.events) {
        auto const endpoints = endpoints_for(world_, pending.type);
        Event event;
        event.id = call.new_id("evt_");
        event.type = pending.type;
        event.created = pending.created;
        event.recorded_at = now.seconds();
        event.webhooks_pending = static_cast<int>(endpoints.size());
        event.body = std::make_shared<std::string const>(
            event_body(world_, event, pending.data, call.request_id, call.idempotency_key));
        auto const& kept = world_.events.append(std::move(event));
        if (file_) file_->save(kept);
        for (auto const& endpoint : endpoints)
            outgoing_.push_back({kept.id, event_for(world_, kept, endpoint), endpoint, now});
    }
    call.events.clear();
    for (auto const& thin : call.thin_events)
        for (auto const& endpoint : destinations_for_thin(world_, thin.type))
            outgoing_.push_back({thin.id, std::make_shared<std::string const>(thin.body), endpoint, now});
    call.thin_events.clear();
}

void Machine::commit(Call& call, IdempotencyRow const* row) {
    if (auto const changes = endpoint_changes(world_); changes != endpoint_changes_) {
        std::lock_guard const lock(senders_mutex_);
        addresses_.clear();
        endpoint_changes_ = changes;
    }
    // Most requests only read.
    bool const has_news = world_.store.has_changes() || !call.events.empty() || row;
    if (file_ && has_news) {
        begin_file();
        world_.store.commit([this](StoredObject const& object) { file_->save(object); });
    } else {
        world_.store.commit();
    }
    record_events(call);
    if (row && file_) file_->save(*row);
}

void Machine::begin_file() {
    if (!is_file_open_) file_->begin();
    is_file_open_ = true;
}

void Machine::make_durable() {
    if (file_ && (has_time_moved_ || acknowledged_new_.size() >= acknowledgements_waiting_max)) begin_file();
    if (is_file_open_) {
        save_acknowledgements();
        forget_old_events();
        file_->end(world_.clock.now().ms);
    }
    is_file_open_ = false;
    has_time_moved_ = false;
    due_since_durable_ = 0;
    for (auto& each : outgoing_) delivery_.enqueue(each.event, std::move(each.body), each.endpoint, each.at);
    outgoing_.clear();
}

void Machine::save_acknowledgements() {
    for (auto const& id : acknowledged_new_)
        if (auto const* event = world_.events.find(id)) file_->save_webhooks_pending(*event);
    acknowledged_new_.clear();
}

void Machine::forget_old_events() {
    auto const& kept = world_.events.all();
    if (kept.empty() || kept.front().sequence < oldest_event_saved_ + events_forgotten_at_once) return;
    oldest_event_saved_ = kept.front().sequence;
    file_->forget_events(oldest_event_saved_);
}

void Machine::move_time(Timestamp to) {
    options_.move_clock(to);
    has_time_moved_ = true;
}

std::optional<EndpointAddress> Machine::address_of(std::string const& endpoint) {
    {
        std::lock_guard const lock(senders_mutex_);
        if (auto const at = addresses_.find(endpoint); at != addresses_.end()) return at->second;
    }
    std::lock_guard const lock(mutex_);
    auto address = find_endpoint(world_, endpoint);
    // A secret that is being rolled ends with time.
    bool const is_lasting = address && address->secrets.size() == 1;
    std::lock_guard const senders(senders_mutex_);
    if (is_lasting) addresses_.insert_or_assign(endpoint, *address);
    return address;
}

void Machine::acknowledged(std::string const& event) {
    std::lock_guard const lock(senders_mutex_);
    acknowledged_.push_back(event);  // whoever locks the world next notes it
}

int Machine::deliver_due() {
    auto const attempts = delivery_.deliver_due(world_.clock.now());
    std::lock_guard const lock(mutex_);
    note_acknowledged();
    make_durable();
    return attempts;
}

void Machine::note_acknowledged() {
    std::vector<std::string> ids;
    {
        std::lock_guard const lock(senders_mutex_);
        ids.swap(acknowledged_);
    }
    if (ids.empty()) return;
    std::vector<std::string> announced;
    for (auto const& id : ids) {
        auto const* event = world_.events.acknowledged(id);
        if (!event) continue;
        if (event->webhooks_pending == 0 && event->type == "invoice.created") announced.push_back(id);
        if (file_) acknowledged_new_.push_back(id);
    }
    for (auto const& id : announced) {
        if (!has_waiting_drafts(world_)) break;
        auto const* kept = world_.events.find(id);
        if (!kept) continue;
        Call call(world_);
        invoice_was_announced(call, string_or(EventLog::view(*kept), "data.object.id"));
        commit(call);
    }
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
    note_acknowledged();
    bool const has_run =
        run_next(world_, [this](Timestamp to) { move_time(to); }, [this](Call& call) { commit(call); });
    if (!has_run && !acknowledged_new_.empty()) begin_file();
    // What is due is written in batches: nobody waits for an answer.
    if (!has_run || !file_ || ++due_since_durable_ >= due_per_write_max) make_durable();
    return has_run;
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
    pthread_setname_np(time_thread_.native_handle(), "sandbox time");
    for (int i = 0; i < webhooks_at_once; ++i) {
        delivery_threads_.emplace_back([this, i](std::stop_token stop) { send_webhooks(stop, i == 0); });
        pthread_setname_np(delivery_threads_.back().native_handle(), "sandbox send");
    }
}

void Machine::send_webhooks(std::stop_token const& stop, bool is_first) {
    // The first one looks after what becomes due by time alone; who finds more than it can send calls another.
    auto const rest = is_first ? std::chrono::milliseconds(10) : std::chrono::milliseconds(1000);
    while (!stop.stop_requested())
        if (!delivery_.deliver_next(world_.clock.now())) delivery_.wait(stop, rest);
}

void Machine::stop() {
    for (auto& thread : delivery_threads_) thread.request_stop();
    delivery_threads_.clear();
    if (time_thread_.joinable()) {
        time_thread_.request_stop();
        time_thread_.join();
    }
    has_threads_ = false;
    std::lock_guard const lock(mutex_);
    note_acknowledged();
    if (!acknowledged_new_.empty()) begin_file();
    make_durable();
}

}  // namespace billhook::sandbox
