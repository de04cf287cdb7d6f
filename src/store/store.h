#pragma once
// Store: everything that survives a restart, on SQLite or PostgreSQL; callers cannot tell which. Work happens in
// transactions under a scope: a customer's (PostgreSQL's row-level security then shows that customer's rows alone) or
// the system's (workers). Thread-safe: SQLite has one writer that the callers queue for, PostgreSQL a bounded pool.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "domain/customer/customer.h"
#include "store/statement.h"

namespace billhook::store {

/// A bound value: NULL, BIGINT or TEXT. Booleans are 0 and 1, times milliseconds, JSON its text.
class Value {
  public:
    Value() = default;
    Value(std::nullptr_t) {}
    Value(std::int64_t number) : value_(number) {}
    Value(int number) : value_(std::int64_t{number}) {}
    Value(bool flag) : value_(std::int64_t{flag}) {}
    Value(Timestamp time) : value_(time.ms) {}
    Value(std::string text) : value_(std::move(text)) {}
    Value(std::string_view text) : value_(std::string(text)) {}
    Value(char const* text) : value_(std::string(text)) {}
    template <class Tag>
    Value(Id<Tag> const& id) : value_(id.str()) {}
    template <class T>
    Value(std::optional<T> const& optional) {
        if (optional) *this = Value(*optional);
    }

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    std::int64_t const* if_integer() const { return std::get_if<std::int64_t>(&value_); }
    std::string const* if_text() const { return std::get_if<std::string>(&value_); }

  private:
    std::variant<std::monostate, std::int64_t, std::string> value_;
};

/// One row of an answer; columns by position, in the order of the SELECT. A wrong type is a bug (CHECK).
class Row {
  public:
    explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}
    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    bool boolean(int column) const { return integer(column) != 0; }
    std::string const& text(int column) const;
    std::string text_or_empty(int column) const;
    Timestamp time(int column) const { return {integer(column)}; }
    std::optional<Timestamp> optional_time(int column) const;
    std::optional<std::int64_t> optional_integer(int column) const;

  private:
    std::vector<Value> columns_;
};
using Rows = std::vector<Row>;
using Values = std::vector<Value>;

/// Reads within one transaction. Errors: `unavailable` with reason "database_unavailable" (trying again may help),
/// `conflict` with reason "unique_violation" (detail names the index) or "missing_reference" (the customer or
/// subscription that a row belongs to is not there), `invalid` "invalid_text" (U+0000 or broken UTF-8), `forbidden`
/// "outside_scope" (PostgreSQL's row-level security); a wrong statement is a bug (CHECK).
class Reader {
  public:
    virtual ~Reader() = default;
    virtual Result<Rows> query(Statement const& statement, Values const& values) = 0;
};

class Writer : public Reader {
  public:
    /// The number of rows changed. A unique violation leaves the transaction usable (a savepoint guards it).
    virtual Result<std::int64_t> execute(Statement const& statement, Values const& values) = 0;
    /// Called once after the commit, before the caller is answered; not called when the transaction is rolled back.
    virtual void after_commit(std::function<void()> action) = 0;
    /// Called in its place where nobody knows whether the commit took place ("commit_unknown", which SQLite never
    /// says): what memory holds of it is in doubt.
    virtual void when_unknown(std::function<void()> const&) {}
};

class Scope {
  public:
    static Scope customer(CustomerId id) { return Scope(std::move(id)); }
    static Scope system() { return Scope(CustomerId{}); }
    bool is_system() const { return customer_.empty(); }
    CustomerId const& customer_id() const { return customer_; }

  private:
    explicit Scope(CustomerId id) : customer_(std::move(id)) {}
    CustomerId customer_;
};

class Store {
  public:
    virtual ~Store() = default;
    /// Runs `work` in one transaction and commits where it returns a value; an error rolls back. May run it again when
    /// the database asks for it (serialization failure, deadlock), so `work` has no effect but through its Writer, and
    /// never calls the store. Transactions behave as if they ran one after the other, on both databases. What `work`
    /// throws rolls back and becomes `unavailable` "internal_error".
    Status write(Scope const& scope, std::function<Status(Writer&)> const& work) { return run_write(scope, work); }
    Status read(Scope const& scope, std::function<Status(Reader&)> const& work) { return run_read(scope, work); }

    /// For callers that must not wait (the event loop): queues `work` and returns at once; `done` is called on a thread
    /// of the store after the commit (or the failure), exactly once. Works run in the order of submission on SQLite; on
    /// PostgreSQL several run side by side. Error `unavailable` "write_queue_full": nothing was queued, `done` will not
    /// be called. `done` and after_commit actions are short and never call the store.
    [[nodiscard]] Status submit(Scope scope, std::function<Status(Writer&)> work, std::function<void(Status)> done) {
        return run_submit(std::move(scope), std::move(work), std::move(done));
    }

    /// For workers that take what is due: a write under the system's scope in which all who name the same `turn` run
    /// one after the other, each seeing what the one before has committed; none is run again because of another. Only
    /// for work that decides on nothing but rows which no one else takes outside of the turn.
    template <class Work>
    auto take_turn(std::string_view turn, Work work) -> decltype(work(std::declval<Writer&>())) {
        std::optional<typename decltype(work(std::declval<Writer&>()))::value_type> out;
        TRY_VOID(run_turn(turn, [&](Writer& writer) -> Status {
            out = TRY(work(writer));
            return {};
        }));
        return std::move(*out);
    }

    /// How often a transaction had to be run again since the store was opened: other ones had met it.
    virtual std::int64_t rerun_count() const = 0;

    template <class Work>
    auto write_value(Scope const& scope, Work work) -> decltype(work(std::declval<Writer&>())) {
        std::optional<typename decltype(work(std::declval<Writer&>()))::value_type> out;
        TRY_VOID(run_write(scope, [&](Writer& writer) -> Status {
            out = TRY(work(writer));
            return {};
        }));
        return std::move(*out);
    }
    template <class Work>
    auto read_value(Scope const& scope, Work work) -> decltype(work(std::declval<Reader&>())) {
        std::optional<typename decltype(work(std::declval<Reader&>()))::value_type> out;
        TRY_VOID(run_read(scope, [&](Reader& reader) -> Status {
            out = TRY(work(reader));
            return {};
        }));
        return std::move(*out);
    }

  private:
    virtual Status run_write(Scope const& scope, std::function<Status(Writer&)> const& work) = 0;
    virtual Status run_turn(std::string_view turn, std::function<Status(Writer&)> const& work) = 0;
    virtual Status run_submit(Scope scope, std::function<Status(Writer&)> work, std::function<void(Status)> done) = 0;
    virtual Status run_read(Scope const& scope, std::function<Status(Reader&)> const& work) = 0;
};

}  // namespace billhook::store
