// How long a server with many customers takes until it is ready: all snapshots loaded into memory, beside a bare scan
// of the same rows, on a database that is made for it. Every second customer holds a plan, every tenth counts a gauge.
// bench_start [customers] [rounds]

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "domain/catalog/parse.h"
#include "domain/catalog/sample.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "store/open_store.h"

namespace billhook::bench {
namespace {

constexpr double times_max = 3;

/// Rows as the store writes them, made by the database itself: a million commands would take longer than the
/// measurement.
void fill(std::string const& file, int customers) {
    SQLite::Database database(file, SQLite::OPEN_READWRITE);
    auto const count = std::to_string(customers);
    std::string const numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT " + count + ") ";
    SQLite::Transaction transaction(database);
    database.exec(numbers +
                  "INSERT INTO customer (customer_id, name, email, currency, stripe_customer_id, has_payment_method,"
                  " created_at, updated_at) SELECT 'customer_' || i, 'Customer ' || i, 'c' || i || '@example.com',"
                  " 'eur', 'cus_' || i, 1, 1700000000000, 1700000000000 FROM n");
    database.exec(numbers +
                  "INSERT INTO subscription (customer_id, id, line, plan, billing_interval, currency, status,"
                  " stripe_subscription_id, stripe_schedule_id, current_period_start, current_period_end,"
                  " cancel_at_period_end, latest_invoice_id, plan_item_id, created_at, observed_at)"
                  " SELECT 'customer_' || i, 'sub_' || i, 'tier', 'starter', 'month', 'eur', 'active',"
                  " 'sub_stripe_' || i, '', 1700000000000, 4000000000000, 0, 'in_' || i, 'si_' || i, 1700000000000,"
                  " 1700000000000 FROM n WHERE i % 2 = 0");
    database.exec(numbers +
                  "INSERT INTO gauge (customer_id, feature, used, updated_at, version)"
                  " SELECT 'customer_' || i, 'clients', 3, 1700000000000, 1 FROM n WHERE i % 10 = 0");
    transaction.commit();
}

/// Steps through the rows and reads every column, by the database's own interface.
std::int64_t scan(std::string const& file) {
    SQLite::Database database(file, SQLite::OPEN_READONLY);
    std::int64_t bytes = 0;
    for (auto const* statement :
         {"SELECT customer_id, entitlement_version FROM customer ORDER BY customer_id",
          "SELECT * FROM subscription WHERE status NOT IN ('canceled', 'incomplete_expired') ORDER BY customer_id, id",
          "SELECT * FROM gauge ORDER BY customer_id, feature"}) {
        SQLite::Statement rows(database, statement);
        while (rows.executeStep())
            for (int column = 0; column < rows.getColumnCount(); ++column) bytes += rows.getColumn(column).getBytes();
    }
    return bytes;
}

double seconds_of(std::function<bool()> const& work) {
    auto const begin = std::chrono::steady_clock::now();
    if (!work()) std::exit(1);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int run(int customers, int rounds) {
    auto parsed = catalog::parse_catalog(catalog::sample_source(), {});
    if (!parsed) return 2;
    auto catalog = std::make_shared<catalog::Catalog const>(std::move(*parsed));
    auto const folder = std::filesystem::temp_directory_path() / ("bench_start_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    auto const file = (folder / "billhook.db").string();
    int status = 2;
    if (store::migrate(file)) {
        fill(file, customers);
        auto const opened = store::open_store(file);
        SystemClock const clock;
        std::vector<double> ratios, loads, scans;
        for (int round = 0; opened && round < rounds; ++round) {
            scans.push_back(seconds_of([&] { return scan(file) > 0; }));
            flow::SnapshotTable table;
            flow::SnapshotKeeper keeper(**opened, clock, [&] { return catalog; }, table);
            loads.push_back(seconds_of([&] { return keeper.load_all().has_value(); }));
            if (table.size() != static_cast<std::size_t>(customers)) return 1;
            ratios.push_back(loads.back() / scans.back());
        }
        for (auto* values : {&ratios, &loads, &scans}) std::ranges::sort(*values);
        auto const middle = ratios.size() / 2;
        bool const is_held = !ratios.empty() && ratios[middle] <= times_max;
        std::printf("%s  %d customers ready in %.2f s, a bare scan of the same rows in %.2f s: %.2f ×, at most %.0f\n",
                    is_held ? "held  " : "MISSED", customers, loads[middle], scans[middle], ratios[middle], times_max);
        status = is_held ? 0 : 1;
    }
    std::filesystem::remove_all(folder);
    return status;
}

}  // namespace
}  // namespace billhook::bench

int main(int argc, char** argv) {
    return billhook::bench::run(argc > 1 ? std::atoi(argv[1]) : 1'000'000, argc > 2 ? std::atoi(argv[2]) : 3);
}
