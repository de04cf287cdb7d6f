#include "server/engine.h"

#include <unistd.h>

#include "base/log.h"
#include "cli/catalog_file.h"
#include "domain/catalog/parse.h"
#include "flow/access/api_key.h"
#include "flow/command/apply_catalog.h"
#include "flow/command/outbox_message.h"
#include "flow/command/register_webhook.h"
#include "flow/operator_notice.h"
#include "flow/projector/event_handlers.h"
#include "flow/retention.h"
#include "gateway/stripe/mode.h"

namespace billhook::server {
namespace {

constexpr Duration worker_rest = Duration::milliseconds(50);
constexpr Duration slow_beat = Duration::seconds(2);
constexpr Duration database_silence_max = Duration::seconds(10);
constexpr int inbox_loops = 2;
constexpr int inbox_batch_max = 64;  // events that share a commit

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
    if (progress.has_more) return Progress::busy;
    return progress.done > 0 ? Progress::done : Progress::idle;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::build(cli::Configuration const& configuration, EngineParts parts) {
    std::unique_ptr<Engine> engine(new Engine(configuration, std::move(parts)));
    engine->open_stripe();
    TRY_VOID(engine->load_catalog());
    TRY_VOID(engine->open_doors());
    engine->add_workers();
    return engine;
}

void Engine::open_stripe() {
    stripe::ClientOptions options{.api_base = parts_.stripe_address,
                                  .api_key = parts_.stripe_key,
                                  .attempt_timeout = configuration_.stripe_timeout,
                                  .total_time_max = {2 * configuration_.stripe_timeout.ms}};
    stripe_ = std::make_unique<stripe::Client>(
        std::move(options),
        stripe::ClientParts{parts_.transport, parts_.call_clock, parts_.random, parts_.sleeper, breaker_, metrics_});
    keeper_ = std::make_unique<flow::SnapshotKeeper>(
        parts_.store, parts_.clock, [this] { return shelf_.catalog(); }, snapshots_);
    projector_ = std::make_unique<flow::ProjectorContext>(flow::ProjectorContext{
        .stripe = *stripe_,
        .clock = parts_.clock,
        .random = parts_.random,
        .recent_reads = recent_reads_,
        .catalog = [this] { return shelf_.catalog(); },
        .prices = [this] { return shelf_.prices(); },
        .on_projected = [this](auto& writer, CustomerId const& customer) { return keeper_->refresh(writer, customer); },
        .on_prices_changed =
            [this] {
                if (auto const loaded = shelf_.reload_prices(parts_.store); !loaded)
                    log(LogLevel::error, "prices were not reloaded", {{"reason", loaded.error().reason}});
            }});
    auto const& origins = configuration_.allowed_origins;
    auto const origin = origins.empty() ? parts_.public_url : origins.front();
    commands_ = std::make_unique<flow::CommandContext>(
        flow::CommandContext{.store = parts_.store,
                             .projector = *projector_,
                             .settings = {.success_url = origin, .cancel_url = origin, .portal_return_url = origin}});
}

Status Engine::load_catalog() {
    auto const source = TRY(cli::read_catalog_source(configuration_));
    auto parsed = catalog::parse_catalog(source, environment());
    if (!parsed) {
        std::string all;
        for (auto const& problem : parsed.error()) all += "\n  " + catalog::to_text(problem);
        return fail(invalid("catalog", "the catalog has mistakes:" + all));
    }
    shelf_.put(*parsed);
    if (configuration_.dev)
        TRY_VOID(flow::apply_catalog({parts_.store, *stripe_, parts_.clock, parts_.random}, *parsed, source.text));
    else if (auto const difference = TRY(CatalogShelf::difference_from_applied(parts_.store, source));
             !difference.empty())
        log(LogLevel::warn, difference);
    TRY(shelf_.find_news(parts_.store));
    return shelf_.reload_prices(parts_.store);
}

Status Engine::follow_catalog() {
    // What was being derived from the former catalog when it was replaced is derived anew one beat later.
    if (std::exchange(is_catalog_new_, false)) snapshots_.clear();
    // Another process may have heard of a price, or this one not of its own commit.
    TRY_VOID(shelf_.reload_prices(parts_.store));
    auto const applied = TRY(shelf_.find_news(parts_.store));
    if (!applied) return {};
    auto parsed = catalog::parse_catalog({"the applied catalog", applied->source}, environment());
    if (!parsed) {
        log(LogLevel::error, "a catalog was applied that this server cannot read; it goes on with the one it has",
            {{"version", applied->id}, {"mistake", catalog::to_text(parsed.error().front())}});
        return {};
    }
    shelf_.put(std::move(*parsed));
    snapshots_.clear();
    is_catalog_new_ = true;
    log(LogLevel::info, "a catalog that was applied elsewhere is in force", {{"version", applied->id}});
    return {};
}

Status Engine::open_doors() {
    auto& store = parts_.store;
    auto const& clock = parts_.clock;
    secrets_ = std::make_unique<flow::WebhookSecrets>(configuration_.stripe_webhook_secrets);
    TRY_VOID(secrets_->reload(store, clock.now()));
    receiver_ = std::make_unique<flow::WebhookReceiver>(
        store, *secrets_, flow::ReceiptSettings{.tolerance = configuration_.webhook_tolerance}, parts_.wake);
    if (!configuration_.jwt_issuers.empty())
        tokens_ = TRY(TokenAccess::create(configuration_.jwt_issuers, parts_.transport, clock));
    proxies_ = TRY(net::TrustedProxies::parse(configuration_.trusted_proxies));
    key_failures_ = std::make_unique<http::AddressLimit>(configuration_.key_failures_per_minute);
    anonymous_requests_ = std::make_unique<http::AddressLimit>(configuration_.anonymous_requests_per_minute);
    TRY_VOID(keys_.reload(store, clock.now()));
    TRY_VOID(keeper_->load_all());
    TRY_VOID(hear_database());
    context_ = std::make_unique<http::Context>(
        http::Context{.clock = clock,
                      .random = parts_.random,
                      .store = store,
                      .commands = *commands_,
                      .keys = keys_,
                      .snapshots = *keeper_,
                      .webhooks = *receiver_,
                      .proxies = proxies_,
                      .key_failures = *key_failures_,
                      .anonymous_requests = *anonymous_requests_,
                      .tokens = tokens_.get(),
                      .allowed_origins = configuration_.allowed_origins,
                      .idempotency_retention = configuration_.idempotency_retention,
                      .sandbox_url = parts_.is_sandbox ? parts_.stripe_address : std::string(),
                      .is_https_expected = configuration_.speaks_plainly_off_loopback(),
                      .customers_by_token = configuration_.customers_by_token,
                      .wake_inbox = parts_.wake,
                      .is_ready = [this] { return is_ready(); },
                      .metrics_text = [this] { return metrics_.text(); }});
    application_ = std::make_unique<http::Application>(*context_);
    metrics_.add_gauge("billhook_database_reruns", "Transactions that were run again because others had met them",
                       [this] { return static_cast<double>(parts_.store.rerun_count()); });
    metrics_.add_gauge("billhook_snapshots", "Customers whose entitlements are in memory",
                       [this] { return static_cast<double>(snapshots_.size()); });
    return {};
}

void Engine::add_workers() {
    auto const& parts = parts_;
    inbox_ = std::make_unique<flow::InboxWorker>(
        parts.store, parts.clock, parts.random,
        [this](stripe::Event const& event, Timestamp moment,
               flow::ReadObjects const& read_beside) -> Result<flow::EventWork> {
            TRY_VOID(stripe::check_mode(event, parts_.stripe_key));
            return flow::prepare_event(*projector_, event, moment, read_beside);
        },
        flow::tell_of_dead_events([this] { metrics_.record_dead_letter("inbox"); }),
        flow::QueueWorkerSettings{.batch_max = inbox_batch_max,
                                  .retries = {.retries_max = static_cast<int>(configuration_.inbox_retries_max)}});
    outbox_ = std::make_unique<flow::OutboxWorker>(
        parts.store, parts.clock, parts.random,
        [this](store::OutboxMessage const& message) { return flow::deliver_message(*commands_, message); },
        flow::tell_of_dead_messages([this] { metrics_.record_dead_letter("outbox"); }),
        flow::QueueWorkerSettings{.retries = {.retries_max = static_cast<int>(configuration_.outbox_retries_max)}});
    follow_up_ = std::make_unique<flow::FollowUp>(*commands_);
}

std::vector<Engine::Worker> Engine::workers() {
    auto const& clock = parts_.clock;
    return {{"inbox", worker_rest, inbox_loops, WokenBy::stored_event,
             [this, &clock]() -> Result<Progress> { return to_progress(TRY(inbox_->run_once(clock.now()))); }},
            {"outbox", worker_rest, 1, WokenBy::nothing,
             [this, &clock]() -> Result<Progress> { return to_progress(TRY(outbox_->run_once(clock.now()))); }},
            {"follow_up", slow_beat, 1, WokenBy::nothing,
             [this, &clock]() -> Result<Progress> { return to_progress(TRY(follow_up_->run_once(clock.now()))); }},
            {"beat", slow_beat, 1, WokenBy::moved_clock,
             [this, &clock]() -> Result<Progress> {
                 TRY_VOID(hear_database());
                 TRY_VOID(keys_.save_uses(parts_.store));
                 TRY_VOID(keys_.reload(parts_.store, clock.now()));
                 TRY_VOID(follow_catalog());
                 return Progress::idle;
             }},
            {"upkeep", slow_beat, 1, WokenBy::nothing, [this] { return keep_up(); }}};
}

Result<Progress> Engine::keep_up() {
    auto const now = parts_.clock.now();
    if (now < next_upkeep_) return Progress::idle;
    auto const purged = TRY(flow::purge_expired(parts_.store, now, {.kept = configuration_.retention}));
    if (purged.has_more) return Progress::busy;
    TRY_VOID(flow::remove_ended_endpoints(
        {parts_.store, *stripe_, parts_.clock, parts_.random, flow::handled_event_types()}));
    next_upkeep_ = now + Duration::hours(1);
    return Progress::idle;
}

Status Engine::hear_database() {
    auto const heard = keeper_->confirm();
    database_heard_at_ms_ = heard ? parts_.call_clock.now().ms : 0;
    return heard;
}

bool Engine::is_ready() const {
    return is_serving_ && parts_.call_clock.now().ms - database_heard_at_ms_ < database_silence_max.ms;
}

void Engine::set_address(std::string const& public_url) {
    if (context_->allowed_origins.empty()) context_->allowed_origins.push_back(public_url);
}

Status Engine::register_webhook(std::string const& public_url) {
    flow::EndpointContext const endpoint{parts_.store, *stripe_, parts_.clock, parts_.random,
                                         flow::handled_event_types()};
    TRY(flow::register_webhook(endpoint, public_url + "/api/v1/webhooks/stripe"));
    return secrets_->reload(parts_.store, parts_.clock.now());
}

Result<std::string> Engine::create_operator_key(std::string const& name) {
    auto const now = parts_.clock.now();
    auto made = TRY(
        flow::create_api_key(parts_.store, parts_.random, {.name = name, .scopes = access::operator_scopes()}, now));
    TRY_VOID(keys_.reload(parts_.store, now));
    return std::move(made.text);
}

}  // namespace billhook::server
