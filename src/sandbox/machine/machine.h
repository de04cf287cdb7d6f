#pragma once
// Machine: the sandbox's works. One lock guards the world; a request, a page or one piece of due work runs under it as
// one transaction and ends in commit(), and that in make_durable(), which due work shares: objects and events are in
// the data file, webhooks in the delivery queue.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "sandbox/control/control_api.h"
#include "sandbox/core/call.h"
#include "sandbox/core/idempotency.h"
#include "sandbox/core/world.h"
#include "sandbox/data/data_file.h"
#include "sandbox/delivery/delivery.h"
#include "sandbox/sandbox.h"

namespace billhook::sandbox {

class Machine {
  public:
    Machine(SandboxOptions options, std::unique_ptr<DataFile> file);
    Status load();

    net::HttpResponse handle(net::HttpRequest const& request);
    void run_due();
    int deliver_due();
    std::optional<Timestamp> next_delivery() const { return delivery_.next_due(); }
    void start();
    void stop();
    void set_public_url(std::string url);
    World& world() { return world_; }

  private:
    struct Asked;  // one API request on its way

    // machine_requests.cc
    net::HttpResponse answer(net::HttpRequest const& request, std::string const& request_id);
    net::HttpResponse answer_api(Asked& asked);
    net::HttpResponse answer_once(Asked& asked);
    net::HttpResponse execute(Asked& asked);
    Answer<Json> perform(Call& call, Asked& asked, bool& has_begun);
    net::HttpResponse show_page(net::HttpRequest const& request, Route const& route, PathIds ids);

    /// Of the world; told, and safe from the program's end, after make_durable().
    void commit(Call& call, IdempotencyRow const* row = nullptr);
    /// A webhook that may be sent once the file has its event.
    struct Outgoing {
        std::string event;
        std::shared_ptr<std::string const> body;
        std::string endpoint;
        Timestamp at;
    };
    void record_events(Call& call);
    void begin_file();
    /// Ends the file's transaction if one was begun; what was committed up to here may be told.
    void make_durable();
    void save_acknowledgements();
    void forget_old_events();
    void move_time(Timestamp to);
    std::optional<EndpointAddress> address_of(std::string const& endpoint);
    void acknowledged(std::string const& event);
    void note_acknowledged();
    void send_webhooks(std::stop_token const& stop, bool is_first);
    void resend(Event const& event, std::string const& endpoint);
    ControlPorts control_ports();
    ChosenFault choose_fault(net::HttpRequest const& request);
    bool run_one_due();
    void wait_for_work(std::stop_token stop, int ms);

    SandboxOptions options_;
    std::unique_ptr<DataFile> file_;
    World world_;
    SeededRandom request_random_;
    FaultRules faults_;
    IdempotencyKeys idempotency_;
    Delivery delivery_;
    std::mutex mutex_;  // guards world_, file_ and what follows
    bool is_file_open_ = false;
    int due_since_durable_ = 0;
    std::vector<Outgoing> outgoing_;             // until the file has what they tell of
    std::vector<std::string> acknowledged_new_;  // that the file has not heard of
    bool has_time_moved_ = false;                // since the file was written
    std::uint64_t oldest_event_saved_ = 0;

    // What the senders of webhooks need of the world and tell it, so that they never wait while time is moved on.
    std::mutex senders_mutex_;  // taken last
    std::unordered_map<std::string, EndpointAddress> addresses_;
    std::uint64_t endpoint_changes_ = 0;  // when addresses_ was begun
    std::vector<std::string> acknowledged_;

    std::atomic<bool> has_threads_ = false;
    std::condition_variable_any woken_;
    std::mutex wake_mutex_;
    std::jthread time_thread_;
    std::vector<std::jthread> delivery_threads_;
};

}  // namespace billhook::sandbox
