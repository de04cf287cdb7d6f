#include "net/jwks_source.h"

#include "base/log.h"

namespace billhook::net {

Result<std::unique_ptr<JwksSource>> JwksSource::from_text(std::string_view json, Clock const& clock) {
    auto keys = TRY(JwksKeySet::parse(json));
    std::unique_ptr<JwksSource> source(new JwksSource(clock));
    source->keys_.store(std::make_shared<JwksKeySet const>(std::move(keys)));
    return source;
}

JwksSource::JwksSource(std::string url, HttpTransport& transport, Clock const& clock, JwksFetchOptions options)
    : clock_(clock), url_(std::move(url)), transport_(&transport), options_(options) {}

bool JwksSource::is_refresh_due(Because why) const {
    if (url_.empty()) return false;
    auto const now_ms = clock_.now().ms;
    auto const attempted_ms = attempted_ms_.load();
    if (attempted_ms != INT64_MIN && now_ms - attempted_ms < options_.fetch_interval_min.ms) return false;
    auto const fetched_ms = fetched_ms_.load();
    return fetched_ms == INT64_MIN || why == Because::of_unknown_key ||
           now_ms - fetched_ms >= options_.refresh_interval.ms;
}

Result<JwksSource::Keys> JwksSource::refresh(Because why) {
    std::unique_lock lock(fetching_, std::try_to_lock);
    if (!lock.owns_lock()) {
        if (auto keys = current(); keys && why == Because::of_age) return keys;
        lock.lock();
    }
    if (is_refresh_due(why)) {
        attempted_ms_ = clock_.now().ms;
        auto text = fetch();
        auto keys = text ? JwksKeySet::parse(*text) : Result<JwksKeySet>(std::unexpected(text.error()));
        if (keys) {
            take(*std::move(text), *std::move(keys));
        } else {
            last_failure_ = keys.error().detail;
            log(LogLevel::warn, "an issuer's keys could not be fetched", {{"url", url_}, {"what", last_failure_}});
        }
    }
    if (auto keys = current()) return keys;
    return fail(unavailable("jwks_unavailable", "the issuer's keys could not be fetched: " + last_failure_));
}

void JwksSource::take(std::string text, JwksKeySet keys) {
    fetched_ms_ = clock_.now().ms;
    if (text == text_) return;
    text_ = std::move(text);
    keys_.store(std::make_shared<JwksKeySet const>(std::move(keys)));
}

Result<std::string> JwksSource::fetch() const {
    HttpRequest request{
        .method = "GET", .target = url_, .headers = {{"Accept", "application/jwk-set+json, application/json"}}};
    auto answer = TRY(transport_->send(request, options_.timeout));
    if (answer.status != 200)
        return fail(
            unavailable("jwks_unavailable", "the issuer answered with status " + std::to_string(answer.status)));
    return std::move(answer.body);
}

}  // namespace billhook::net
