// How long a server with many customers takes until it is ready: all snapshots loaded into memory, beside a bare scan
// of the same rows, on databases that are made for it. Every second customer holds a plan, every tenth counts a gauge.
// bench_start [customers] [rounds]

#include <SQLiteCpp/SQLiteCpp.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/catalog/parse.h"
#include "domain/catalog/sample.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "store/open_store.h"

namespace billhook::bench {
namespace {

constexpr double times_max = 3;

/// Of the one database and of the other: made empty, filled, read.
class Database {
  public:
    virtual ~Database() = default;
    virtual char const* name() const = 0;
    virtual std::string address() const = 0;
    virtual void run(std::string const& sql) = 0;
    /// Steps through the rows and looks at every column, by the database's own interface. The bytes that it saw.
    virtual std::int64_t scan(std::string const& query) = 0;
};

class SqliteDatabase : public Database {
  public:
    explicit SqliteDatabase(std::filesystem::path const& folder) : file_((folder / "billhook.db").string()) {}
    char const* name() const override { return "SQLite"; }
    std::string address() const override { return file_; }
    void run(std::string const& sql) override { SQLite::Database(file_, SQLite::OPEN_READWRITE).exec(sql); }
    std::int64_t scan(std::string const& query) override {
        SQLite::Database database(file_, SQLite::OPEN_READONLY);
        SQLite::Statement rows(database, query);
        std::int64_t bytes = 0;
        while (rows.executeStep())
            for (int column = 0; column < rows.getColumnCount(); ++column) bytes += rows.getColumn(column).getBytes();
        return bytes;
    }

  private:
    std::string const file_;
};

class PostgresDatabase : public Database {
  public:
    explicit PostgresDatabase(std::string server)
        : server_(std::move(server)), database_("bench_start_" + std::to_string(::getpid())) {
        (void)ask(server_, "CREATE DATABASE " + database_);
    }
    ~PostgresDatabase() override { (void)ask(server_, "DROP DATABASE " + database_ + " WITH (FORCE)"); }
    char const* name() const override { return "PostgreSQL"; }
    std::string address() const override { return server_.substr(0, server_.rfind('/') + 1) + database_; }
    void run(std::string const& sql) override { (void)ask(address(), sql); }
    std::int64_t scan(std::string const& query) override {
        auto const rows = ask(address(), query);
        std::int64_t bytes = 0;
        for (int row = 0; row < PQntuples(rows.get()); ++row)
            for (int column = 0; column < PQnfields(rows.get()); ++column)
                bytes += PQgetlength(rows.get(), row, column);
        return bytes;
    }

  private:
    using Rows = std::unique_ptr<PGresult, decltype(&PQclear)>;
    static Rows ask(std::string const& address, std::string const& sql) {
        std::unique_ptr<PGconn, decltype(&PQfinish)> const connection(PQconnectdb(address.c_str()), PQfinish);
        Rows rows(PQexec(connection.get(), sql.c_str()), PQclear);
        auto const status = PQresultStatus(rows.get());
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return rows;
        std::fprintf(stderr, "%s", PQerrorMessage(connection.get()));
        std::exit(2);
    }

    std::string const server_, database_;
};

/// Rows as the store writes them, made by the database itself: a million commands would take longer than the
/// measurement.
void fill(Database& database, int customers) {
    std::string const numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " +
                                std::to_string(customers) + ") ";
    // In WITH's place before SELECT, where both databases know it.
    database.run(
        "INSERT INTO customer (customer_id, name, email, currency, stripe_customer_id, has_payment_method,"
        " created_at, updated_at) " +
        numbers +
        "SELECT 'customer_' || i, 'Customer ' || i, 'c' || i || '@example.com',"
        " 'eur', 'cus_' || i, 1, 1700000000000, 1700000000000 FROM n");
    database.run(
        "INSERT INTO subscription (customer_id, id, line, plan, billing_interval, currency, status,"
        " stripe_subscription_id, stripe_schedule_id, current_period_start, current_period_end,"
        " cancel_at_period_end, latest_invoice_id, plan_item_id, created_at, observed_at) " +
        numbers +
        "SELECT 'customer_' || i, 'sub_' || i, 'tier', 'starter', 'month', 'eur', 'active',"
        " 'sub_stripe_' || i, '', 1700000000000, 4000000000000, 0, 'in_' || i, 'si_' || i, 1700000000000,"
        " 1700000000000 FROM n WHERE i % 2 = 0");
    database.run("INSERT INTO gauge (customer_id, feature, used, updated_at, version) " + numbers +
                 "SELECT 'customer_' || i, 'clients', 3, 1700000000000, 1 FROM n WHERE i % 10 = 0");
    database.run("ANALYZE");
}

std::int64_t scan(Database& database) {
    std::int64_t bytes = 0;
    for (auto const* query :
         {"SELECT customer_id, entitlement_version FROM customer ORDER BY customer_id",
          "SELECT * FROM subscription WHERE status NOT IN ('canceled', 'incomplete_expired') ORDER BY customer_id, id",
          "SELECT * FROM gauge ORDER BY customer_id, feature"})
        bytes += database.scan(query);
    return bytes;
}

double seconds_of(std::function<bool()> const& work) {
    auto const begin = std::chrono::steady_clock::now();
    if (!work()) std::exit(1);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The exit status of one database's measurement.
int measure(Database& database, std::shared_ptr<catalog::Catalog const> const& catalog, int customers, int rounds) {
    if (!store::migrate(database.address())) return 2;
    fill(database, customers);
    auto const opened = store::open_store(database.address());
    if (!opened || rounds < 1) return 2;
    SystemClock const clock;
    std::vector<double> ratios, loads, scans;
    for (int round = 0; round < rounds; ++round) {
        scans.push_back(seconds_of([&] { return scan(database) > 0; }));
        flow::SnapshotTable table;
        flow::SnapshotKeeper keeper(**opened, clock, [&] { return catalog; }, table);
        loads.push_back(seconds_of([&] { return keeper.load_all().has_value(); }));
        if (table.size() != static_cast<std::size_t>(customers)) return 2;
        ratios.push_back(loads.back() / scans.back());
    }
    for (auto* values : {&ratios, &loads, &scans}) std::ranges::sort(*values);
    auto const middle = ratios.size() / 2;
    bool const is_held = ratios[middle] <= times_max;
    std::printf("%s  %s: %d customers ready in %.2f s, a bare scan of the same rows in %.2f s: %.2f ×, at most %.0f\n",
                is_held ? "held  " : "MISSED", database.name(), customers, loads[middle], scans[middle], ratios[middle],
                times_max);
    return is_held ? 0 : 1;
}

int run(int customers, int rounds) {
    auto parsed = catalog::parse_catalog(catalog::sample_source(), {});
    if (!parsed) return 2;
    auto const catalog = std::make_shared<catalog::Catalog const>(std::move(*parsed));
    auto const folder = std::filesystem::temp_directory_path() / ("bench_start_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    SqliteDatabase sqlite(folder);
    int status = measure(sqlite, catalog, customers, rounds);
    std::filesystem::remove_all(folder);
    if (char const* const server = std::getenv("BILLHOOK_TEST_POSTGRES")) {
        PostgresDatabase postgres(server);
        status = std::max(status, measure(postgres, catalog, customers, rounds));
    }
    return status;
}

}  // namespace
}  // namespace billhook::bench

int main(int argc, char** argv) {
    return billhook::bench::run(argc > 1 ? std::atoi(argv[1]) : 1'000'000, argc > 2 ? std::atoi(argv[2]) : 3);
}
