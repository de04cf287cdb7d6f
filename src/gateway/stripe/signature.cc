#include "gateway/stripe/signature.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/digest.h"

namespace billhook::stripe {
namespace {

constexpr std::size_t header_bytes_max = 4096;  // a genuine one has under 300

struct Header {
    std::string_view timestamp_text;  // signed as it stands
    Timestamp timestamp;
    std::vector<std::string_view> signatures;  // the v1 values
};

Error refused(std::string reason, std::string detail) {
    return invalid("Stripe-Signature", std::move(detail), std::move(reason));
}

Error malformed() {
    return refused("signature_malformed", "Expected the form t=<seconds>,v1=<hex>[,v1=<hex>…].");
}

bool is_hex_digest(std::string_view text) {
    return text.size() == 2 * sizeof(Sha256) &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::optional<Timestamp> parse_seconds(std::string_view text) {
    std::int64_t seconds = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    // Twelve digits reach the year 33658; more would overflow as milliseconds.
    if (error != std::errc{} || end != text.data() + text.size() || text.size() > 12 || seconds < 0)
        return std::nullopt;
    return Timestamp::from_seconds(seconds);
}

bool is_scheme(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// Schemes other than v1 are passed over, and so is a v1 that can be no signature: one that matches is enough, as in
// Stripe's own libraries. A second timestamp would leave open which one was signed.
Result<Header> parse_header(std::string_view text) {
    if (text.empty())
        return fail(refused("signature_missing", "The header Stripe-Signature is missing: the sender is not Stripe."));
    if (text.size() > header_bytes_max) return fail(malformed());
    Header header;
    bool has_v1 = false;
    while (!text.empty()) {
        auto const comma = std::min(text.find(','), text.size());
        auto const part = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        auto const equals = part.find('=');
        if (equals == std::string_view::npos) return fail(malformed());
        auto const scheme = part.substr(0, equals), value = part.substr(equals + 1);
        if (!is_scheme(scheme)) return fail(malformed());
        if (scheme == "t") {
            auto const time = parse_seconds(value);
            if (!time || !header.timestamp_text.empty()) return fail(malformed());
            header.timestamp_text = value;
            header.timestamp = *time;
        } else if (scheme == "v1") {
            has_v1 = true;
            if (is_hex_digest(value)) header.signatures.push_back(value);
        }
    }
    if (header.timestamp_text.empty()) return fail(malformed());
    if (!has_v1)
        return fail(refused("signature_without_v1", "The header Stripe-Signature holds no signature of scheme v1."));
    return header;
}

bool is_blank(std::string_view secret) {
    return secret.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

// All pairs are compared, whatever matched before, so that the time taken tells nothing.
bool matches_any(Header const& header, std::string_view raw_body, std::vector<std::string> const& secrets) {
    std::array<std::string_view, 3> const signed_parts{header.timestamp_text, ".", raw_body};
    bool has_match = false;
    for (auto const& secret : secrets) {
        if (is_blank(secret)) continue;
        auto const expected = to_hex(hmac_sha256(secret, signed_parts));
        for (auto const signature : header.signatures) has_match |= equal_in_constant_time(expected, signature);
    }
    return has_match;
}

}  // namespace

Status verify_signature(std::string_view raw_body, std::string_view header_text,
                        std::vector<std::string> const& secrets, Duration tolerance, Timestamp now) {
    if (std::ranges::all_of(secrets, is_blank))
        return fail(unavailable("webhook_secret_missing",
                                "No signing secret is known for Stripe's webhooks: run `billhook webhooks register`, "
                                "or set STRIPE_WEBHOOK_SECRET."));
    auto const header = TRY(parse_header(header_text));
    if (!matches_any(header, raw_body, secrets))
        return fail(refused("signature_mismatch",
                            "No v1 signature matches the raw body: compare the endpoint's signing secret with ours, "
                            "and see that nothing on the way changes the body."));
    if (tolerance.ms == 0) return {};
    if (now - header.timestamp > tolerance)
        return fail(refused("signature_too_old",
                            "The signature is older than the tolerance: a replay, or a wrong "
                            "clock on this machine."));
    if (header.timestamp - now > tolerance)
        return fail(refused("signature_from_the_future",
                            "The signature is ahead of our clock by more than the "
                            "tolerance: set this machine's clock."));
    return {};
}

}  // namespace billhook::stripe
