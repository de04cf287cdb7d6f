#pragma once
// The server's certificate and key, read from files; replaced as a whole when they are read again.

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>

#include "net/http_server.h"

namespace billhook::net {

struct TlsContext {
    boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
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
