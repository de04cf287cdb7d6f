#include "server/serve.h"

#include <csignal>
#include <functional>
#include <iostream>

#include "base/log.h"
#include "server/descriptor_limit.h"
#include "server/house.h"

namespace billhook::server {
namespace {

/// Signals are taken by one thread that waits for them; every other thread is started with them blocked.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

void wait_for_end(sigset_t const& signals, std::function<void()> const& on_hangup) {
    for (int signal = 0; sigwait(&signals, &signal) == 0;) {
        if (signal != SIGHUP) return;
        on_hangup();
    }
}

void set_level(std::string const& word) {
    set_log_level(word == "debug"   ? LogLevel::debug
                  : word == "warn"  ? LogLevel::warn
                  : word == "error" ? LogLevel::error
                                    : LogLevel::info);
}

int explain(Error const& error) {
    std::cerr << "billhook: " << error.detail << (error.field.empty() ? "" : " (" + error.field + ")") << "\n";
    return 1;
}

}  // namespace

int serve(cli::Configuration const& configuration) {
    set_level(configuration.log_level);
    sigset_t const signals = block_signals();
    raise_descriptor_limit();
    auto const house = House::build(configuration);
    if (!house) return explain(house.error());
    std::cout << (*house)->ready_line() << '\n' << std::flush;
    wait_for_end(signals, [&] {
        if (auto const reloaded = (*house)->reload_tls(); !reloaded)
            log(LogLevel::error, "the TLS files were not reloaded", {{"detail", reloaded.error().detail}});
    });
    (*house)->stop();
    return 0;
}

int serve_sandbox(cli::Configuration const& configuration) {
    set_level(configuration.log_level);
    sigset_t const signals = block_signals();
    SystemClock const real;
    ShiftedClock clock(real);
    SystemRandom random;
    std::uint64_t const seed =
        configuration.sandbox_seed ? static_cast<std::uint64_t>(configuration.sandbox_seed) : random.next();
    auto const host = SandboxHost::start({configuration.sandbox_listen, configuration.sandbox_data, seed}, clock);
    if (!host) return explain(host.error());
    std::cout << "ready sandbox=" << (*host)->url() << '\n' << std::flush;
    wait_for_end(signals, [] {});
    (*host)->stop();
    return 0;
}

}  // namespace billhook::server
