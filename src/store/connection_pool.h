#pragma once
// ConnectionPool: at most so many connections, opened when first needed, lent to one thread at a time. Thread-safe.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"

namespace billhook::store {

template <class Connection>
class ConnectionPool {
  public:
    using Open = std::function<Result<std::unique_ptr<Connection>>()>;

    ConnectionPool(int size_max, Duration wait_max, Open open)
        : size_max_(size_max), wait_max_(wait_max), open_(std::move(open)) {}

    /// Gives the connection back when it ends.
    class Loan {
      public:
        Loan(ConnectionPool& pool, std::unique_ptr<Connection> connection)
            : pool_(&pool), connection_(std::move(connection)) {}
        Loan(Loan&&) = default;
        ~Loan() {
            if (pool_ && connection_) pool_->give_back(std::move(connection_));
        }
        Connection& operator*() const { return *connection_; }
        Connection* operator->() const { return connection_.get(); }
        /// Closes it instead, as it is broken, and those that lie idle, as they will be: each would be found out by a
        /// caller's waiting.
        void discard() {
            connection_.reset();
            pool_->drop_free();
            pool_->give_back(nullptr);
        }

      private:
        ConnectionPool* pool_;
        std::unique_ptr<Connection> connection_;
    };

    /// Errors: unavailable "database_busy" where none became free in time, else why none could be opened.
    Result<Loan> lend() {
        {
            std::unique_lock lock(mutex_);
            auto const is_possible = [&] { return !free_.empty() || lent_ < size_max_; };
            if (!returned_.wait_for(lock, std::chrono::milliseconds(wait_max_.ms), is_possible))
                return fail(unavailable("database_busy", "The database has more to do than it can. Try again later."));
            ++lent_;
            if (!free_.empty()) {
                Loan loan(*this, std::move(free_.back()));
                free_.pop_back();
                return loan;
            }
        }
        auto opened = open_();
        if (!opened) {
            give_back(nullptr);
            return fail(std::move(opened.error()));
        }
        return Loan(*this, std::move(*opened));
    }

  private:
    void drop_free() {
        std::vector<std::unique_ptr<Connection>> dropped;  // closed when others may go on
        std::lock_guard lock(mutex_);
        dropped.swap(free_);
    }
    void give_back(std::unique_ptr<Connection> connection) {
        {
            std::lock_guard lock(mutex_);
            --lent_;
            if (connection) free_.push_back(std::move(connection));
        }
        returned_.notify_one();
    }

    int const size_max_;
    Duration const wait_max_;
    Open const open_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> free_;
    int lent_ = 0;
};

}  // namespace billhook::store
