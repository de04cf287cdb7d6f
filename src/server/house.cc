#include "server/house.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "cli/catalog_file.h"
#include "domain/catalog/parse.h"
#include "flow/access/api_key.h"
#include "flow/command/apply_catalog.h"
#include "flow/command/outbox_message.h"
#include "flow/command/register_webhook.h"
#include "flow/projector/event_handlers.h"
#include "store/open_store.h"
#include "store/setting_store.h"

namespace billhook::server {
namespace {

constexpr Duration worker_rest = Duration::milliseconds(50);
constexpr Duration slow_beat = Duration::seconds(2);
constexpr int inbox_workers = 2;
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

/// ${VAR} in the catalog file takes its value from the environment.
catalog::Variables environment() {
    catalog::Variables variables;
    for (char** entry = environ; *entry; ++entry) {
        std::string_view const text = *entry;
        if (auto const equals = text.find('='); equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

Progress to_progress(flow::Progress const& progress) {
    return progress.has_more || progress.done > 0 ? Progress::busy : Progress::idle;
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
    TRY_VOID(house->open_stripe());
    TRY_VOID(house->load_catalog());
    TRY_VOID(house->open_doors());
    house->add_workers();
    if (configuration.dev) TRY_VOID(house->prepare_dev());
    house->is_serving_ = true;
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
    sandbox_ = TRY(SandboxHost::start({configuration_.sandbox_listen, kept, seed}, clock_));
    return {};
}

std::string House::stripe_key() const {
    return sandbox_ ? std::string(sandbox_key) : configuration_.stripe_api_key;
}

Status House::open_stripe() {
    stripe::ClientOptions options{.api_base = sandbox_ ? sandbox_->url() : configuration_.stripe_api_base,
                                  .api_key = stripe_key()};
    // Waits and deadlines are real time, even where the sandbox's time is moved.
    stripe_ = std::make_unique<stripe::Client>(
        std::move(options), stripe::ClientParts{transport_, system_clock_, random_, sleeper_, breaker_, metrics_});
    keeper_ = std::make_unique<flow::SnapshotKeeper>(*store_, clock_, [this] { return shelf_.catalog(); }, snapshots_);
    projector_ = std::make_unique<flow::ProjectorContext>(flow::ProjectorContext{
        .stripe = *stripe_,
        .clock = clock_,
        .random = random_,
        .recent_reads = recent_reads_,
        .catalog = [this] { return shelf_.catalog(); },
        .prices = [this] { return shelf_.prices(); },
        .on_projected = [this](auto& writer, CustomerId const& customer) { return keeper_->refresh(writer, customer); },
        .on_prices_changed =
            [this] {
                if (auto const loaded = shelf_.reload_prices(*store_); !loaded)
                    log(LogLevel::error, "prices were not reloaded", {{"reason", loaded.error().reason}});
            }});
    auto const origin = configuration_.allowed_origins.empty() ? public_url() : configuration_.allowed_origins.front();
    commands_ = std::make_unique<flow::CommandContext>(
        flow::CommandContext{.store = *store_,
                             .projector = *projector_,
                             .settings = {.success_url = origin, .cancel_url = origin, .portal_return_url = origin}});
    return {};
}

Status House::load_catalog() {
    auto const source = TRY(cli::read_catalog_source(configuration_));
    auto parsed = catalog::parse_catalog(source, environment());
    if (!parsed) {
        std::string all;
        for (auto const& problem : parsed.error()) all += "\n  " + catalog::to_text(problem);
        return fail(invalid("catalog", "the catalog has mistakes:" + all));
    }
    shelf_.put(*parsed);
    if (configuration_.dev) TRY_VOID(flow::apply_catalog({*store_, *stripe_, clock_, random_}, *parsed, source.text));
    return shelf_.reload_prices(*store_);
}

std::string House::public_url() const {
    if (!configuration_.public_url.empty()) return configuration_.public_url;
    auto const address = server_ ? server_->address() : configuration_.listen;
    return (configuration_.tls_certificate.empty() ? "http://" : "https://") + address;
}

Status House::open_doors() {
    secrets_ = std::make_unique<flow::WebhookSecrets>(configuration_.stripe_webhook_secrets);
    TRY_VOID(secrets_->reload(*store_, clock_.now()));
    receiver_ = std::make_unique<flow::WebhookReceiver>(
        *store_, *secrets_, flow::ReceiptSettings{.tolerance = configuration_.webhook_tolerance}, [this] {
            for (auto& worker : workers_) worker->wake();
        });
    if (!configuration_.jwt_issuers.empty())
        tokens_ = TRY(TokenAccess::create(configuration_.jwt_issuers, transport_, clock_));
    TRY_VOID(keys_.reload(*store_, clock_.now()));
    TRY_VOID(keeper_->confirm());

    net::HttpServerOptions options{.listen = configuration_.listen,
                                   .loops = static_cast<int>(configuration_.threads),
                                   .pool_threads = 16,
                                   .body_bytes_max = static_cast<std::size_t>(configuration_.request_body_bytes_max),
                                   .connections_max = static_cast<int>(configuration_.connections_max),
                                   .body_timeout = configuration_.request_timeout};
    if (!configuration_.tls_certificate.empty())
        options.tls = net::TlsFiles{configuration_.tls_certificate, configuration_.tls_key};
    server_ = std::make_unique<net::HttpServer>(
        std::move(options), [this](net::HttpRequest&& request, net::Responder respond) {
            auto const shared = std::make_shared<net::Responder>(std::move(respond));
            application_->handle(
                std::move(request), [shared](net::HttpResponse response) { (*shared)(std::move(response)); },
                [this](std::function<void()> work) { return server_->post(std::move(work)); });
        });
    context_ = std::make_unique<http::Context>(http::Context{
        .clock = clock_,
        .random = random_,
        .store = *store_,
        .commands = *commands_,
        .keys = keys_,
        .snapshots = *keeper_,
        .webhooks = *receiver_,
        .tokens = tokens_.get(),
        .allowed_origins = configuration_.allowed_origins,
        .public_url = configuration_.public_url,
        .is_sandbox = sandbox_ != nullptr,
        .wake_inbox =
            [this] {
                for (auto& worker : workers_) worker->wake();
            },
        .is_ready = [this] { return is_serving_ && !snapshots_.is_stale(clock_.now(), Duration::minutes(5)); },
        .metrics_text = [this] { return metrics_.text(); }});
    application_ = std::make_unique<http::Application>(*context_);
    TRY_VOID(server_->start());
    if (context_->allowed_origins.empty()) context_->allowed_origins.push_back(public_url());
    metrics_.add_gauge("billhook_snapshots", "Customers whose entitlements are in memory",
                       [this] { return static_cast<double>(snapshots_.size()); });
    metrics_.add_gauge("billhook_http_requests", "Requests taken since the start",
                       [this] { return static_cast<double>(server_->counts().requests); });
    metrics_.add_gauge("billhook_http_connections", "Connections open now",
                       [this] { return static_cast<double>(server_->counts().connections_open); });
    return {};
}

void House::add_workers() {
    inbox_ = std::make_unique<flow::InboxWorker>(
        *store_, clock_, random_,
        [this](stripe::Event const& event, Timestamp moment) {
            return flow::prepare_event(*projector_, event, moment);
        },
        nullptr);
    outbox_ = std::make_unique<flow::OutboxWorker>(
        *store_, clock_, random_,
        [this](store::OutboxMessage const& message) { return flow::deliver_message(*commands_, message); }, nullptr);
    for (int i = 0; i < inbox_workers; ++i)
        workers_.push_back(std::make_unique<WorkerLoop>("inbox", worker_rest, [this]() -> Result<Progress> {
            return to_progress(TRY(inbox_->run_once(clock_.now())));
        }));
    workers_.push_back(std::make_unique<WorkerLoop>("outbox", worker_rest, [this]() -> Result<Progress> {
        return to_progress(TRY(outbox_->run_once(clock_.now())));
    }));
    workers_.push_back(std::make_unique<WorkerLoop>("beat", slow_beat, [this]() -> Result<Progress> {
        TRY_VOID(keeper_->confirm());
        TRY_VOID(keys_.reload(*store_, clock_.now()));
        save_clock();
        return Progress::idle;
    }));
    for (auto& worker : workers_) worker->start();
}

/// A sandbox that was moved on must not find itself in the past after a restart.
void House::save_clock() const {
    if (!sandbox_) return;
    std::ofstream(clock_file(configuration_)) << clock_.shift().ms;
}

Status House::prepare_dev() {
    flow::EndpointContext const endpoint{*store_, *stripe_, clock_, random_, flow::handled_event_types()};
    TRY(flow::register_webhook(endpoint, public_url() + "/api/v1/webhooks/stripe"));
    TRY_VOID(secrets_->reload(*store_, clock_.now()));
    auto made =
        TRY(flow::create_api_key(*store_, random_, {.name = "dev", .scopes = access::operator_scopes()}, clock_.now()));
    dev_key_ = std::move(made.text);
    return keys_.reload(*store_, clock_.now());
}

std::string House::ready_line() const {
    std::string line = "ready http=" + public_url();
    if (sandbox_) line += " sandbox=" + sandbox_->url();
    if (!dev_key_.empty()) line += " key=" + dev_key_;
    return line;
}

void House::stop() {
    is_serving_ = false;
    if (server_) server_->stop(configuration_.shutdown_grace);
    for (auto& worker : workers_) worker->stop();
    if (sandbox_) sandbox_->stop();
    save_clock();
}

}  // namespace billhook::server
