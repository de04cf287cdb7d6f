#pragma once
// Delivery: the queue of webhooks and their sending: signed, retried with growing pauses, and spoiled on purpose where
// the fault settings say so. It knows endpoints only as addresses with secrets. Thread-safe; sending holds no lock.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/http_transport.h"

namespace billhook::sandbox {

/// Chances are in thousandths, so that a seeded run repeats exactly.
struct DeliveryFaults {
    int drop_permille = 0;       // an attempt is lost without reaching the endpoint, and counts as failed
    int lose_permille = 0;       // an event is never sent at all
    int duplicate_permille = 0;  // a delivered event is sent once more
    int reorder_permille = 0;    // an event waits long enough for later ones to overtake it
    std::int64_t delay_ms = 0;   // added to every first attempt
};

/// How often each of them happened since the start.
struct DeliveryFaultCounts {
    std::int64_t dropped = 0, lost = 0, duplicated = 0, reordered = 0, delayed = 0;
};

struct RetryPolicy {
    std::int64_t first_pause_ms = 1000;
    int factor = 10;
    int retries_max = 3;
};

struct EndpointAddress {
    std::string url;
    std::vector<std::string> secrets;  // several while a roll is in progress
};

class Delivery {
  public:
    /// Where an endpoint is now; nothing when it is deleted or disabled, which ends its deliveries.
    using FindEndpoint = std::function<std::optional<EndpointAddress>(std::string const& endpoint_id)>;
    using Acknowledged = std::function<void(std::string const& event_id)>;

    Delivery(net::HttpTransport* transport, std::uint64_t seed, FindEndpoint find, Acknowledged acknowledged);

    void enqueue(std::string const& event_id, std::shared_ptr<std::string const> body, std::string const& endpoint_id,
                 Timestamp now);
    /// Sends all that is due at `now`, one after another; the number of attempts.
    int deliver_due(Timestamp now);
    /// Sends one that is due at `now`; whether there was one. Several threads may be sending.
    bool deliver_next(Timestamp now);
    /// Until something may be due that the senders at work do not see to, or for so long.
    void wait(std::stop_token const& stop, std::chrono::milliseconds at_most);
    std::optional<Timestamp> next_due() const;
    /// Not yet acknowledged or given up.
    std::size_t waiting() const;

    void set_faults(DeliveryFaults faults);
    DeliveryFaults faults() const;
    DeliveryFaultCounts fault_counts() const;
    /// The chances from here on are those of this seed.
    void reseed(std::uint64_t seed);
    void set_policy(RetryPolicy policy);

  private:
    struct Message {
        std::string event_id;
        std::shared_ptr<std::string const> body;
        std::string endpoint_id;
        int attempts = 0;
    };

    void signal_due();
    bool happens(int permille, std::int64_t& count);
    std::optional<Message> take_due(Timestamp now);
    bool send(Message const& message, EndpointAddress const& address, Timestamp now);
    void settle(Message message, bool was_accepted, Timestamp now);

    net::HttpTransport* transport_;
    FindEndpoint find_;
    Acknowledged acknowledged_;
    mutable std::mutex mutex_;
    std::condition_variable_any has_due_;
    std::multimap<Timestamp, Message> queue_;
    std::size_t being_sent_ = 0;
    std::uint64_t signals_ = 0;  // of has_due_
    std::unique_ptr<SeededRandom> random_;
    DeliveryFaults faults_;
    DeliveryFaultCounts counts_;
    RetryPolicy policy_;
};

/// The Stripe-Signature header: t=…,v1=…, one v1 per secret.
std::string sign_webhook(std::string_view body, std::vector<std::string> const& secrets, std::int64_t unix_seconds);

}  // namespace billhook::sandbox
