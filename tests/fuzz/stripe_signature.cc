// The signature of a webhook. The first line of an input is the header, the rest the body. Nobody without the secret
// can make a header that is accepted; ours is accepted, and neither for another body nor at another time.

#include "base/digest.h"
#include "gateway/stripe/signature.h"
#include "tests/fuzz/property.h"

namespace billhook::fuzz {
namespace {

constexpr Timestamp now{1'790'000'000'000};
constexpr Duration tolerance = Duration::minutes(5);
std::vector<std::string> const secrets = {"whsec_first", "whsec_second"};

void refuses(std::string_view body, std::string_view header) {
    auto const status = stripe::verify_signature(body, header, secrets, tolerance, now);
    hold(!status, "nothing is accepted that was not signed with the secret");
    hold(status.error().field == "Stripe-Signature" && status.error().reason.starts_with("signature_"),
         "a refusal names the header and a reason");
}

std::string sign(std::string_view secret, std::string_view time, std::string_view body) {
    return to_hex(hmac_sha256(secret, std::string(time) + "." + std::string(body)));
}

}  // namespace

void try_input(std::string_view input) {
    auto const header = take_line(input);
    auto const body = input;
    refuses(body, header);

    std::string const time = std::to_string(now.ms / 1000);
    std::string const good = "t=" + time + ",v1=" + sign(secrets[1], time, body);
    hold(stripe::verify_signature(body, good, secrets, tolerance, now).has_value(), "our own signature is accepted");
    hold(stripe::verify_signature(body, good, secrets, tolerance, now - tolerance).has_value(), "to the last second");
    refuses(std::string(body) + " ", good);
    if (!body.empty()) refuses(body.substr(1), good);
    refuses(body, "t=" + time + ",v1=" + sign("whsec_other", time, body));
    refuses(body, "t=" + time + ",v0=" + sign(secrets[0], time, body));
    refuses(body, "t=1789999000,v1=" + sign(secrets[0], "1789999000", body));
    refuses(body, "t=1790001000,v1=" + sign(secrets[0], "1790001000", body));
    // The input's bytes around a good signature may spoil it, but a second timestamp never slips in.
    refuses(body, "t=1789999999," + good);
    auto const either = stripe::verify_signature(body, std::string(header) + "," + good, secrets, tolerance, now);
    hold(either || either.error().field == "Stripe-Signature", "what stands before the signature is read or refused");
}

}  // namespace billhook::fuzz
