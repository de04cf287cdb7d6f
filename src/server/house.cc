#include "server/house.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "server/descriptor_limit.h"
#include "store/open_store.h"

namespace billhook::server {
namespace {

constexpr Duration clock_beat = Duration::seconds(2);
constexpr std::string_view sandbox_key = "sk_test_billhook";

std::filesystem::path clock_file(cli::Configuration const& configuration) {
    return std::filesystem::path(configuration.data) / "clock_shift_ms";
}

/// Where the program's time begins: as `dev_clock` says, else where a sandbox that was moved on left it.
Duration initial_shift(cli::Configuration const& configuration, Clock const& real) {
    if (!configuration.has_embedded_sandbox()) return {};
    std::ifstream kept(clock_file(configuration));
    std::int64_t shift_ms = 0;
    if (kept >> shift_ms) return {shift_ms};
    if (configuration.dev_clock.empty()) return {};
    auto const start = parse_rfc3339(configuration.dev_clock);
    return start ? *start - real.now() : Duration{};
}

/// Whose connections are not limited by address: many speak through a proxy, and the operator through this machine.
Result<net::TrustedProxies> uncounted(cli::Configuration const& configuration) {
    auto addresses = configuration.trusted_proxies;
    addresses.insert(addresses.end(), {"127.0.0.0/8", "::1"});
    return net::TrustedProxies::parse(addresses);
}

}  // namespace

House::House(cli::Configuration const& configuration)
    : configuration_(configuration), clock_(system_clock_, initial_shift(configuration, system_clock_)) {}

House::~House() {
    stop();
}

Result<std::unique_ptr<House>> House::build(cli::Configuration const& configuration) {
    std::unique_ptr<House> house(new House(configuration));
    TRY_VOID(house->open_store());
    TRY_VOID(house->start_sandbox());
    TRY_VOID(house->build_engine());
    // What requests and workers read is complete before the first of them runs.
    house->make_workers();
    TRY_VOID(house->listen());
    TRY_VOID(house->server_->start());
    for (auto& worker : house->workers_) worker->start();
    if (configuration.dev) TRY_VOID(house->prepare_dev());
    house->engine_->set_serving(true);
    return house;
}

Status House::open_store() {
    std::error_code error;
    std::filesystem::create_directories(configuration_.data, error);
    if (error) return fail(invalid("data", "the directory '" + configuration_.data + "' cannot be made"));
    auto const address = configuration_.database_address();
    if (configuration_.has_embedded_sandbox() || address.find("://") == std::string::npos) TRY(store::migrate(address));
    store_ = TRY(store::open_store(address));
    return {};
}

Status House::start_sandbox() {
    if (!configuration_.has_embedded_sandbox()) return {};
    std::string const kept = configuration_.sandbox_data.empty()
                                 ? (std::filesystem::path(configuration_.data) / "sandbox.db").string()
                                 : configuration_.sandbox_data;
    std::uint64_t const seed =
        configuration_.sandbox_seed ? static_cast<std::uint64_t>(configuration_.sandbox_seed) : random_.next();
    // A moved clock makes what memory heard from the database old: it is asked at once, and not after its next rest.
    sandbox_ = TRY(SandboxHost::start({configuration_.sandbox_listen, kept, seed}, clock_,
                                      [this] { wake(Engine::WokenBy::moved_clock); }));
    return {};
}

Status House::build_engine() {
    // Waits and deadlines of calls are real time, even where the sandbox's time is moved.
    engine_ = TRY(Engine::build(configuration_,
                                {.clock = clock_,
                                 .call_clock = system_clock_,
                                 .random = random_,
                                 .transport = transport_,
                                 .sleeper = sleeper_,
                                 .store = *store_,
                                 .stripe_address = sandbox_ ? sandbox_->url() : configuration_.stripe_api_base,
                                 .stripe_key = sandbox_ ? std::string(sandbox_key) : configuration_.stripe_api_key,
                                 .public_url = public_url(),
                                 .is_sandbox = sandbox_ != nullptr,
                                 .wake = [this] { wake(Engine::WokenBy::stored_event); }}));
    return {};
}

std::string House::public_url() const {
    if (!configuration_.public_url.empty()) return configuration_.public_url;
    auto const address = server_ ? server_->address() : configuration_.listen;
    return (configuration_.tls_certificate.empty() ? "http://" : "https://") + address;
}

Status House::listen() {
    net::HttpServerOptions options{
        .listen = configuration_.listen,
        .loops = static_cast<int>(configuration_.threads),
        .pool_threads = 16,
        .body_bytes_max = static_cast<std::size_t>(configuration_.request_body_bytes_max),
        .connections_max = connections_within_limit(static_cast<int>(configuration_.connections_max)),
        .connections_per_address_max = static_cast<int>(configuration_.connections_per_address_max),
        .connections_uncounted_from = TRY(uncounted(configuration_)),
        .header_timeout = std::min(Duration::seconds(10), configuration_.request_timeout),
        .body_timeout = configuration_.request_timeout};
    if (!configuration_.tls_certificate.empty())
        options.tls = net::TlsFiles{configuration_.tls_certificate, configuration_.tls_key};
    http::Application::Post const post = [this](auto work) { return server_->post(std::move(work)); };
    server_ = std::make_unique<net::HttpServer>(
        std::move(options), [this, post](net::HttpRequest&& request, net::Responder respond) {
            engine_->application().handle(std::move(request), std::move(respond), post);
        });
    TRY_VOID(server_->listen());
    engine_->set_address(public_url());
    engine_->metrics().add_gauge("billhook_http_requests", "Requests taken since the start",
                                 [this] { return static_cast<double>(server_->counts().requests); });
    engine_->metrics().add_gauge("billhook_http_connections", "Connections open now",
                                 [this] { return static_cast<double>(server_->counts().connections_open); });
    return {};
}

/// Before the server starts, because a request may wake them.
void House::make_workers() {
    for (auto const& worker : engine_->workers())
        for (int i = 0; i < worker.loops; ++i) {
            workers_.push_back(std::make_unique<WorkerLoop>(worker.name, worker.rest, worker.run_once));
            woken_[worker.woken_by].push_back(workers_.back().get());
        }
    if (sandbox_)
        workers_.push_back(std::make_unique<WorkerLoop>("clock", clock_beat, [this]() -> Result<Progress> {
            save_clock();
            return Progress::idle;
        }));
    are_workers_made_ = true;
}

void House::wake(Engine::WokenBy cause) {
    if (!are_workers_made_) return;
    for (auto* worker : woken_.at(cause)) worker->wake();
}

/// A sandbox that was moved on must not find itself in the past after a restart.
void House::save_clock() const {
    if (!sandbox_) return;
    std::ofstream(clock_file(configuration_)) << clock_.shift().ms;
}

Status House::prepare_dev() {
    TRY_VOID(engine_->register_webhook(public_url()));
    dev_key_ = TRY(engine_->create_operator_key("dev"));
    return {};
}

std::string House::ready_line() const {
    std::string line = "ready http=" + public_url();
    if (sandbox_) line += " sandbox=" + sandbox_->url();
    if (!dev_key_.empty()) line += " key=" + dev_key_;
    return line;
}

void House::stop() {
    if (engine_) engine_->set_serving(false);
    if (server_) server_->stop(configuration_.shutdown_grace);
    for (auto& worker : workers_) worker->tell_to_stop();
    for (auto& worker : workers_) worker->stop();
    // What it still has queued reaches into the engine, and answers through the server.
    store_.reset();
    if (sandbox_) sandbox_->stop();
    save_clock();
}

}  // namespace billhook::server
