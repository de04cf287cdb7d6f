// What a renewal costs in the sandbox: customers with a monthly subscription each, whose time is moved on by months
// through clock_sandbox, in one process, without sockets. With `endpoint` one webhook endpoint takes every event.
// A fourth word names the file in which the sandbox keeps its state; it must not be there yet.
// bench_sandbox_renewals [subscriptions] [months] [endpoint|alone] [FILE]

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "sandbox/billing/period.h"
#include "sandbox/sandbox.h"

namespace billhook::sandbox {
namespace {

constexpr int minor_units = 2500;
constexpr std::int64_t start = 1'800'000'000;
constexpr std::int64_t finalization_seconds = 2 * 3600;

/// An endpoint that takes everything.
class Endpoint : public net::HttpTransport {
  public:
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration) override {
        ++events;
        bytes += request.body.size();
        return net::HttpResponse{};
    }
    std::int64_t events = 0;
    std::size_t bytes = 0;
};

class Renewals {
  public:
    Renewals(bool has_endpoint, std::string const& data_file)
        : sandbox_(Sandbox::open({.clock = &clock_,
                                  .move_clock = [this](Timestamp t) { clock_.set(t); },
                                  .data_file = data_file,
                                  .webhook_transport = has_endpoint ? &endpoint : nullptr})
                       .value()) {
        if (has_endpoint) post("/v1/webhook_endpoints", "url=http://127.0.0.1/&enabled_events[]=*");
        price_ =
            post("/v1/prices", "currency=usd&recurring[interval]=month&product_data[name]=Professional&unit_amount=" +
                                   std::to_string(minor_units));
    }

    void subscribe() {
        auto const customer = post("/v1/customers",
                                   "payment_method=pm_card_visa&"
                                   "invoice_settings[default_payment_method]=pm_card_visa");
        post("/v1/subscriptions", "customer=" + customer + "&items[0][price]=" + price_);
        sandbox_->deliver_due();
    }

    /// Past the invoices that so many months after the start bring.
    void advance_to_month(int month) {
        auto const to = add_intervals(start, {IntervalUnit::month, 1}, month) + finalization_seconds;
        post("/v1/test_helpers/test_clocks/clock_sandbox/advance", "frozen_time=" + std::to_string(to));
        sandbox_->deliver_due();
    }

    Endpoint endpoint;

  private:
    std::string post(std::string const& target, std::string const& form) {
        net::HttpRequest request{.method = "POST", .target = target, .body = form};
        request.headers.set("Authorization", "Bearer sk_test_bench");
        auto const response = sandbox_->handle(request);
        if (response.status == 200) return string_or(*parse_json(response.body), "id");
        std::fprintf(stderr, "POST %s: %d %s\n", target.c_str(), response.status, response.body.c_str());
        std::exit(1);
    }

    ManualClock clock_{Timestamp::from_seconds(start)};
    std::unique_ptr<Sandbox> sandbox_;
    std::string price_;
};

double processor_ms() {
    return static_cast<double>(std::clock()) * 1000 / CLOCKS_PER_SEC;
}

int run(int subscriptions, int months, bool has_endpoint, std::string const& data_file) {
    auto const began = processor_ms();
    Renewals renewals(has_endpoint, data_file);
    for (int i = 0; i < subscriptions; ++i) renewals.subscribe();
    auto const subscribed = processor_ms();
    std::printf("%d subscriptions: %.3f ms CPU each\n", subscriptions, (subscribed - began) / subscriptions);
    // Month by month, so that webhooks do not pile up.
    for (int month = 1; month <= months; ++month) renewals.advance_to_month(month);
    auto const spent = processor_ms() - subscribed;
    std::printf("%d months: %.1f ms CPU, %.3f ms a renewal; %lld events delivered, %.1f MB\n", months, spent,
                spent / subscriptions / months, static_cast<long long>(renewals.endpoint.events),
                static_cast<double>(renewals.endpoint.bytes) / 1e6);
    return 0;
}

}  // namespace
}  // namespace billhook::sandbox

int main(int count, char** words) {
    int const subscriptions = count > 1 ? std::atoi(words[1]) : 1000;
    int const months = count > 2 ? std::atoi(words[2]) : 24;
    bool const has_endpoint = count <= 3 || std::string(words[3]) != "alone";
    return billhook::sandbox::run(subscriptions, months, has_endpoint, count > 4 ? words[4] : "");
}
