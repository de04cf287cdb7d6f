#pragma once
// Parameters: a request's fields, built so that what is absent is not sent: to Stripe an empty value means "unset".

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/timestamp.h"
#include "gateway/stripe/metadata.h"
#include "gateway/stripe/subscription_calls.h"

namespace billhook::stripe {

class Parameters {
  public:
    Parameters& put(std::string_view name, Json value);
    /// Not sent where empty.
    Parameters& put_text(std::string_view name, std::string_view value);
    Parameters& put(std::string_view name, std::optional<std::string> const& value);
    Parameters& put(std::string_view name, std::optional<std::int64_t> const& value);
    Parameters& put(std::string_view name, std::optional<bool> const& value);
    /// In Stripe's seconds.
    Parameters& put(std::string_view name, std::optional<Timestamp> const& value);
    /// Not sent where empty: an empty object would clear what is there.
    Parameters& put(std::string_view name, Metadata const& metadata);
    Parameters& put_object(std::string_view name, Parameters const& members);
    Parameters& put_items(std::string_view name, std::vector<ItemWish> const& items);
    Parameters& expand(std::initializer_list<std::string_view> paths);

    JsonObject const& object() const { return object_; }

  private:
    JsonObject object_;
};

}  // namespace billhook::stripe
