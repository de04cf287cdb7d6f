#pragma once
// WebhookSecrets: the signing secrets that an event may bear. Those of the configuration always count; those that
// `billhook webhooks register` and `rotate` left in the store count until they end, the older one beside the newer
// while a rotation lasts. Held in memory for the event loop. Thread-safe.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace billhook::flow {

/// A secret in the store and the endpoint that it belongs to.
struct StoredSecret {
    std::string endpoint_id;
    std::string secret;
    std::optional<Timestamp> valid_until;  // nullopt: the endpoint's present secret
    bool has_ended(Timestamp now) const { return valid_until && *valid_until <= now; }
    bool operator==(StoredSecret const&) const = default;
};

/// Newest first. Under the system's scope.
Result<std::vector<StoredSecret>> load_secrets(store::Reader& reader);
Status save_secrets(store::Writer& writer, std::vector<StoredSecret> const& secrets, Timestamp now);

class WebhookSecrets {
  public:
    explicit WebhookSecrets(std::vector<std::string> configured) : configured_(std::move(configured)) {}

    /// Touches nothing but memory.
    std::vector<std::string> current(Timestamp now) const;
    Status reload(store::Store& store, Timestamp now);
    /// Reloads unless that happened within the last seconds: a flood of bad signatures asks the database nothing.
    Status reload_if_old(store::Store& store, Timestamp now);

  private:
    std::vector<std::string> const configured_;
    std::atomic<std::shared_ptr<std::vector<StoredSecret> const>> stored_ =
        std::make_shared<std::vector<StoredSecret> const>();
    std::atomic<std::int64_t> loaded_at_ms_ = INT64_MIN;
};

}  // namespace billhook::flow
