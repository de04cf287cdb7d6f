#include "sandbox/delivery/delivery.h"

#include "base/digest.h"
#include "base/log.h"
#include "sandbox/witness.h"

namespace billhook::sandbox {
namespace {

constexpr Duration answer_time_max = Duration::seconds(20);
constexpr std::int64_t reorder_delay_ms_max = 5000;

}  // namespace

std::string sign_webhook(std::string_view body, std::vector<std::string> const& secrets, std::int64_t unix_seconds) {
    auto const time = std::to_string(unix_seconds);
    std::string const signed_text = time + "." + std::string(body);
    std::string header = "t=" + time;
    for (auto const& secret : secrets) header += ",v1=" + to_hex(hmac_sha256(secret, signed_text));
    return header;
}

Delivery::Delivery(net::HttpTransport* transport, std::uint64_t seed, FindEndpoint find, Acknowledged acknowledged)
    : transport_(transport),
      find_(std::move(find)),
      acknowledged_(std::move(acknowledged)),
      random_(std::make_unique<SeededRandom>(seed)) {}

bool Delivery::happens(int permille, std::int64_t& count) {
    if (permille <= 0 || random_->below(1000) >= static_cast<std::uint64_t>(permille)) return false;
    ++count;
    return true;
}

void Delivery::signal_due() {
    ++signals_;
    has_due_.notify_one();
}

void Delivery::enqueue(std::string const& event_id, std::shared_ptr<std::string const> body,
                       std::string const& endpoint_id, Timestamp now) {
    if (!transport_) return;
    std::lock_guard const lock(mutex_);
    if (happens(faults_.lose_permille, counts_.lost)) return;
    auto at = now + Duration{faults_.delay_ms};
    if (faults_.delay_ms > 0) ++counts_.delayed;
    if (happens(faults_.reorder_permille, counts_.reordered))
        at = at + Duration{static_cast<std::int64_t>(random_->below(reorder_delay_ms_max)) + 1};
    queue_.emplace(at, Message{event_id, std::move(body), endpoint_id});
    signal_due();
}

std::optional<Delivery::Message> Delivery::take_due(Timestamp now) {
    std::lock_guard const lock(mutex_);
    if (queue_.empty() || queue_.begin()->first > now) return std::nullopt;
    auto message = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    ++being_sent_;
    if (!queue_.empty() && queue_.begin()->first <= now) signal_due();
    return message;
}

bool Delivery::send(Message const& message, EndpointAddress const& address, Timestamp now) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = address.url;
    request.body = *message.body;
    request.headers.set("Content-Type", "application/json; charset=utf-8");
    request.headers.set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
    request.headers.set("Stripe-Signature", sign_webhook(request.body, address.secrets, now.seconds()));
    auto const response = transport_->send(request, answer_time_max);
    if (response) witness(request, *response);
    return response && response->status >= 200 && response->status < 300;
}

void Delivery::settle(Message message, bool was_accepted, Timestamp now) {
    if (was_accepted) acknowledged_(message.event_id);
    std::lock_guard const lock(mutex_);
    --being_sent_;
    if (was_accepted) {
        if (message.attempts == 1 && happens(faults_.duplicate_permille, counts_.duplicated))
            queue_.emplace(now, std::move(message));
        return;
    }
    if (message.attempts > policy_.retries_max) {
        log(LogLevel::warn, "webhook given up", {{"event", message.event_id}, {"endpoint", message.endpoint_id}});
        return;
    }
    auto pause = policy_.first_pause_ms;
    for (int i = 1; i < message.attempts; ++i) pause *= policy_.factor;
    queue_.emplace(now + Duration{pause}, std::move(message));
}

bool Delivery::deliver_next(Timestamp now) {
    while (auto message = take_due(now)) {
        auto const address = find_(message->endpoint_id);
        if (!address) {
            std::lock_guard const lock(mutex_);
            --being_sent_;
            continue;
        }
        ++message->attempts;
        bool is_dropped = false;
        {
            std::lock_guard const lock(mutex_);
            is_dropped = happens(faults_.drop_permille, counts_.dropped);
        }
        bool const was_accepted = !is_dropped && send(*message, *address, now);
        settle(std::move(*message), was_accepted, now);
        return true;
    }
    return false;
}

int Delivery::deliver_due(Timestamp now) {
    int attempts = 0;
    while (deliver_next(now)) ++attempts;
    return attempts;
}

void Delivery::wait(std::stop_token const& stop, std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    has_due_.wait_for(lock, stop, at_most, [this, seen = signals_] { return signals_ != seen; });
}

std::optional<Timestamp> Delivery::next_due() const {
    std::lock_guard const lock(mutex_);
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
}

std::size_t Delivery::waiting() const {
    std::lock_guard const lock(mutex_);
    return queue_.size() + being_sent_;
}

void Delivery::set_faults(DeliveryFaults faults) {
    std::lock_guard const lock(mutex_);
    faults_ = faults;
}

DeliveryFaults Delivery::faults() const {
    std::lock_guard const lock(mutex_);
    return faults_;
}

DeliveryFaultCounts Delivery::fault_counts() const {
    std::lock_guard const lock(mutex_);
    return counts_;
}

void Delivery::reseed(std::uint64_t seed) {
    std::lock_guard const lock(mutex_);
    random_ = std::make_unique<SeededRandom>(seed);
}

void Delivery::set_policy(RetryPolicy policy) {
    std::lock_guard const lock(mutex_);
    policy_ = policy;
}

}  // namespace billhook::sandbox
