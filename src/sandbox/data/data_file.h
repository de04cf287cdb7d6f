#pragma once
// DataFile: the sandbox's state on disk, one SQLite file. Everything is in memory while the sandbox runs; the file is
// written with each commit, before the answer is given, and read once at start. Guarded by the Sandbox's lock.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "sandbox/core/idempotency.h"
#include "sandbox/core/object_store.h"
#include "sandbox/delivery/event_log.h"

namespace billhook::sandbox {

struct IdempotencyRow {
    std::string key;
    std::string fingerprint;
    std::int64_t claimed_at = 0;
    std::int64_t kept_seconds = 0;
    KeptResult result;
};

class DataFile {
  public:
    /// Makes the file and its tables where they are missing.
    static Result<std::unique_ptr<DataFile>> open(std::string const& path);
    ~DataFile();

    /// How often the file was opened before; mixes with the seed, so that new ids differ from old ones.
    std::int64_t starts() const { return starts_; }
    /// The latest time that was saved, in milliseconds; 0 in a new file.
    std::int64_t latest_time_ms() const { return latest_time_ms_; }

    Status load(ObjectStore& store, EventLog& events, IdempotencyKeys& keys);

    /// One transaction: begin(), any of these, end(). A failure to write stops the process: memory is ahead of the
    /// file.
    void begin();
    void save(StoredObject const& object);
    void save(Event const& event);
    void save_webhooks_pending(Event const& event);
    void save(IdempotencyRow const& row);
    void forget_events(std::uint64_t before_sequence);
    void end(std::int64_t now_ms);

    void forget_keys(std::int64_t now);

  private:
    struct Database;
    /// Of older files.
    void complete_tables();
    explicit DataFile(std::unique_ptr<Database> database);

    std::unique_ptr<Database> database_;
    std::string text_;  // of the object being saved
    std::int64_t starts_ = 0;
    std::int64_t latest_time_ms_ = 0;
};

}  // namespace billhook::sandbox
