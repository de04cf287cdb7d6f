#pragma once
// The server's certificate and key, read from files; replaced as a whole when they are read again.

#include <memory>
#include <mutex>

#include "net/http_server.h"

struct ssl_ctx_st;

namespace billhook::net {

class TlsContext {
  public:
    TlsContext();
    ~TlsContext();
    TlsContext(TlsContext const&) = delete;
    TlsContext& operator=(TlsContext const&) = delete;
    ssl_ctx_st* get() const { return context_; }

  private:
    ssl_ctx_st* const context_;
};

class TlsHolder {
  public:
    /// On an error what was held before stays.
    Status load(TlsFiles const& files);
    std::shared_ptr<TlsContext> current() const;  // null: plain HTTP

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<TlsContext> current_;
};

}  // namespace billhook::net
