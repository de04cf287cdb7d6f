#include "tests/simulation/world.h"

#include <stdexcept>

#include "cli/load_configuration.h"
#include "net/form.h"

namespace billhook::simulation {
namespace {

// Shorter rests are how often a worker looks while nobody wakes it; time here moves by more than that.
constexpr Duration rest_min = Duration::seconds(1);

constexpr char const* engine_url = "http://billhook.simulation";
constexpr char const* page_url = "http://stripe.simulation";
constexpr char const* stripe_key = "sk_test_simulation";

[[noreturn]] void fail_setup(std::string const& what, Error const& error) {
    throw std::runtime_error(what + ": " + error.reason + " " + error.detail);
}

template <class T>
T must(Result<T> result, std::string const& what) {
    if (!result) fail_setup(what, result.error());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Memory where there is some: a store that syncs to a disk would be all that a run waits for.
std::filesystem::path own_folder(std::uint64_t seed) {
    std::filesystem::path const memory = "/dev/shm";
    auto const base = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    auto pattern = (base / ("billhook_simulation_" + std::to_string(seed) + ".XXXXXX")).string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("no folder for the run under " + base.string());
    return pattern;
}

/// As a server has it whose operator has set nothing else.
cli::Configuration configuration_for(std::filesystem::path const& folder, std::string const& catalog) {
    auto loaded = cli::load_configuration({.flags = {{"data", {folder.string()}},
                                                     {"catalog", {catalog}},
                                                     {"allowed_origins", {"http://app.simulation"}},
                                                     {"public_url", {engine_url}}}});
    if (!loaded) throw std::runtime_error("configuration: " + loaded.error().front());
    return std::move(*loaded);
}

Json parsed(std::string const& text) {
    if (text.empty()) return nullptr;
    auto tree = parse_json(text, {.depth_max = 64, .bytes_max = std::size_t{64} << 20});
    return tree ? std::move(*tree) : Json(nullptr);
}

}  // namespace

World::World(WorldOptions options)
    : options_(std::move(options)),
      clock_(options_.start),
      random_(options_.seed * 2 + 1),
      trace_(clock_, options_.trace),
      stopper_(random_, trace_),
      folder_(own_folder(options_.seed)),
      address_(options_.database.empty() ? (folder_ / "billhook.db").string() : options_.database),
      configuration_(configuration_for(folder_, options_.catalog)),
      webhooks_(random_, trace_, [this](net::HttpRequest const& event) { return take_event(event); }),
      sleeper_(clock_) {
    configuration_.dev = true;  // the first start applies the catalog
    open_sandbox();
    must(store::migrate(address_), "migrate");
    store_ = must(options_.open_store(address_), "open the store");
    stopping_store_ = std::make_unique<StoppingStore>(*store_, stopper_);
    start_process();
    configuration_.dev = false;
    must(engine_->register_webhook(engine_url), "webhook endpoint");
    operator_key_ = must(engine_->create_operator_key("operator"), "operator key");
    auto const made = ask({.method = "POST",
                           .path = "/api/v1/keys",
                           .body = {{"name", "application"}, {"scopes", JsonArray{"application"}}},
                           .is_by_operator = true});
    application_key_ = string_or(made.body, "key");
    if (application_key_.empty()) throw std::runtime_error("no application key: " + to_text(made.body));
}

World::~World() {
    stop_process();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void World::open_sandbox() {
    sandbox::SandboxOptions options{.seed = options_.seed,
                                    .clock = &clock_,
                                    .move_clock =
                                        [this](Timestamp target) {
                                            if (clock_.now() < target) clock_.set(target);
                                        },
                                    .webhook_transport = &webhooks_};
    options.settings.public_url = page_url;
    sandbox_ = std::make_unique<sandbox::Sandbox>(std::move(options));
    link_ = std::make_unique<StripeLink>(*sandbox_, clock_, random_, stopper_, trace_);
}

void World::start_process() {
    ++lives_;
    engine_random_ = std::make_unique<SeededRandom>(options_.seed * 1'000'003 + lives_);
    auto built = server::Engine::build(configuration_, {.clock = clock_,
                                                        .call_clock = clock_,
                                                        .random = *engine_random_,
                                                        .transport = *link_,
                                                        .sleeper = sleeper_,
                                                        .store = *stopping_store_,
                                                        .stripe_address = page_url,
                                                        .stripe_key = stripe_key,
                                                        .public_url = engine_url,
                                                        .is_sandbox = true,
                                                        .wake = [] {}});
    if (!built) fail_setup("build the engine", built.error());
    engine_ = std::move(*built);
    engine_->set_serving(true);
    for (auto& worker : engine_->workers()) workers_.push_back({std::move(worker), {}});
}

void World::stop_process() {
    workers_.clear();
    engine_.reset();
}

void World::ensure_running() {
    while (!engine_) {
        stop_process();
        try {
            start_process();
            trace_.line("the process starts again");
        } catch (ProcessStopped const&) {
            stop_process();
        }
    }
}

/// Nothing where the process stopped on the way; it is gone then.
template <class Work>
auto World::run_guarded(Work work) -> std::optional<decltype(work())> {
    try {
        return work();
    } catch (ProcessStopped const&) {
        stop_process();
        return std::nullopt;
    }
}

std::optional<net::HttpResponse> World::take_event(net::HttpRequest const& event) {
    if (holds_events_) {
        held_.push_back(event);
        return net::HttpResponse{};
    }
    if (!engine_) return std::nullopt;
    return run_guarded([&] { return engine_->application().answer(event); });
}

std::vector<net::HttpRequest> World::take_held() {
    sandbox_->deliver_due();
    return std::exchange(held_, {});
}

void World::hand_over(net::HttpRequest const& event) {
    ensure_running();
    auto const answer = run_guarded([&] { return engine_->application().answer(event); });
    if (!answer || answer->status != 200)
        throw std::runtime_error("the engine refuses an event: " + (answer ? answer->body : "stopped"));
}

World::Answer World::ask(Wish const& wish) {
    ensure_running();
    net::HttpRequest request{.method = wish.method, .target = wish.path};
    request.headers.set("Authorization", "Bearer " + (wish.is_by_operator ? operator_key_ : application_key_));
    if (!wish.customer.empty()) request.headers.set("Billhook-Customer", wish.customer);
    if (!wish.idempotency_key.empty()) request.headers.set("Idempotency-Key", wish.idempotency_key);
    if (wish.method != "GET" && wish.method != "DELETE") request.body = to_text(wish.body);
    auto const response = run_guarded([&] { return engine_->application().answer(request); });
    Answer answer;
    if (response) answer = {response->status, parsed(response->body)};
    trace_.count("requests");
    trace_.line("ask " + wish.customer + " " + wish.method + " " + wish.path + " " + request.body + " -> " +
                std::to_string(answer.status) + " " + (response ? response->body : "the process stopped"));
    return answer;
}

Json World::read(std::string const& path, std::string const& customer) {
    ensure_running();
    net::HttpRequest request{.method = "GET", .target = path};
    request.headers.set("Authorization", "Bearer " + operator_key_);
    if (!customer.empty()) request.headers.set("Billhook-Customer", customer);
    auto const response = run_guarded([&] { return engine_->application().answer(request); });
    return response && response->status == 200 ? parsed(response->body) : Json(nullptr);
}

bool World::work() {
    ensure_running();
    bool is_busy = false;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        auto const& [worker, rests_until] = workers_[i];
        if (clock_.now() < rests_until) continue;
        auto const progress = run_guarded([&] { return workers_[i].worker.run_once(); });
        if (!progress) {
            ensure_running();
            return true;
        }
        if (!*progress) trace_.line("the worker " + worker.name + " failed: " + progress->error().reason);
        if (*progress && **progress != server::Progress::idle)
            is_busy = true;
        else if (worker.rest >= rest_min)
            workers_[i].rests_until = clock_.now() + worker.rest;
    }
    return is_busy;
}

Json World::stripe(std::string const& method, std::string const& target, JsonObject const& fields) {
    net::HttpRequest request{.method = method, .target = target};
    request.headers.set("Authorization", std::string("Bearer ") + stripe_key);
    if (!fields.empty()) {
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.body = net::encode_form(fields);
    }
    auto const response = sandbox_->handle(request);
    if (method != "GET") trace_.line("at Stripe " + method + " " + target + " " + std::to_string(response.status));
    return response.status == 200 ? parsed(response.body) : Json(nullptr);
}

World::PageAnswer World::page(std::string const& url, JsonObject const& fields) {
    net::HttpRequest request{.method = fields.empty() ? "GET" : "POST", .target = url};
    if (auto const scheme = url.find("://"); scheme != std::string::npos)
        request.target = url.substr(url.find('/', scheme + 3));
    if (!fields.empty()) {
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.body = net::encode_form(fields);
    }
    auto const response = sandbox_->handle(request);
    trace_.line("page " + request.method + " " + request.target + " " + std::to_string(response.status));
    return {response.status, response.headers.get_or("Location"), response.body};
}

void World::control(std::string const& path, JsonObject const& body) {
    auto const response = sandbox_->handle({.method = "POST", .target = path, .body = to_text(body)});
    if (response.status != 200) throw std::runtime_error("the sandbox refuses " + path + ": " + response.body);
}

int World::deliver() {
    ensure_running();
    int const sent = sandbox_->deliver_due();
    ensure_running();
    return sent;
}

void World::advance_to(Timestamp target) {
    if (target.seconds() <= clock_.now().seconds()) return;
    if (stripe("POST", "/v1/test_helpers/test_clocks/clock_sandbox/advance", {{"frozen_time", target.seconds()}})
            .is_null())
        throw std::runtime_error("the sandbox's clock cannot be advanced to " + to_rfc3339(target));
}

void World::set_faults(FaultPlan const& plan, Duration event_delay) {
    control("/_sandbox/faults", {{"webhooks",
                                  {{"lose_permille", plan.lose},
                                   {"drop_permille", plan.drop},
                                   {"duplicate_permille", plan.duplicate},
                                   {"reorder_permille", plan.reorder},
                                   {"delay_ms", event_delay.ms}}}});
    link_->set_faults(plan);
    webhooks_.set_faults(plan);
    stopper_.set_chance(plan.stop);
    trace_.line("faults " + plan.text() + " delay_ms=" + std::to_string(event_delay.ms));
}

std::vector<std::vector<Json>> World::rows(std::string_view sql, std::string_view types) {
    ensure_running();
    std::vector<std::vector<Json>> out;
    auto const done = store_->read(store::Scope::system(), [&](store::Reader& reader) -> Status {
        for (auto const& row : TRY(reader.query({.name = sql, .sqlite = sql, .postgres = sql}, {}))) {
            auto& columns = out.emplace_back();
            for (int i = 0; i < static_cast<int>(types.size()); ++i) {
                if (row.is_null(i))
                    columns.emplace_back(nullptr);
                else if (types[static_cast<std::size_t>(i)] == 'i')
                    columns.emplace_back(row.integer(i));
                else
                    columns.emplace_back(row.text(i));
            }
        }
        return {};
    });
    if (!done) fail_setup("read rows", done.error());
    return out;
}

}  // namespace billhook::simulation
