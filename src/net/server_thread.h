#pragma once
// A thread of the server takes no signals: those belong to whoever runs main().

#include <pthread.h>
#include <signal.h>

#include <functional>
#include <thread>

namespace billhook::net {

inline std::thread start_server_thread(std::function<void()> run) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::move(run));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace billhook::net
