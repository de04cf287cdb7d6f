#include "gateway/stripe/signature.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace billhook::stripe::signature_test {
namespace {

constexpr Timestamp now = Timestamp::from_seconds(1'790'000'000);
std::string const body = R"({"id":"evt_1","object":"event"})";
std::string const secret = "whsec_first";

std::string signature_of(std::string_view key, std::string_view raw_body, std::int64_t seconds) {
    return to_hex(hmac_sha256(key, std::to_string(seconds) + "." + std::string(raw_body)));
}

std::string sign(std::string_view key = secret, std::string_view raw_body = body,
                 std::int64_t seconds = now.seconds()) {
    return "t=" + std::to_string(seconds) + ",v1=" + signature_of(key, raw_body, seconds);
}

std::string verdict(std::string_view raw_body, std::string const& header, std::vector<std::string> const& secrets,
                    Duration tolerance = signature_tolerance_default) {
    auto const status = verify_signature(raw_body, header, secrets, tolerance, now);
    return status ? "accepted" : status.error().reason;
}

struct Case {
    char const* name;
    std::string header;
    std::vector<std::string> secrets;
    char const* expected;
};

TEST(Signature, OfOneBody) {
    auto const t = "t=" + std::to_string(now.seconds());
    auto const good = signature_of(secret, body, now.seconds());
    auto const other = signature_of("whsec_other", body, now.seconds());
    auto upper = good;
    for (auto& c : upper) c = static_cast<char>(std::toupper(c));
    Case const cases[] = {
        {"one secret", sign(), {secret}, "accepted"},
        {"the second of two secrets", sign("whsec_second"), {secret, "whsec_second"}, "accepted"},
        {"the second of two v1", t + ",v1=" + other + ",v1=" + good, {secret}, "accepted"},
        {"no signature under v1 beside a good one", t + ",v1=" + good + ",v1=potato", {secret}, "accepted"},
        {"a good one after an empty one", t + ",v1=,v1=" + good, {secret}, "accepted"},
        {"v0 beside v1", t + ",v1=" + good + ",v0=" + other, {secret}, "accepted"},
        {"unknown schemes, any order", "v2=x,v1=" + good + ",x=," + t, {secret}, "accepted"},
        {"a blank secret beside a good one", sign(), {" ", "", secret}, "accepted"},
        {"another secret", sign("whsec_other"), {secret}, "signature_mismatch"},
        {"secret with a space after it", sign(), {secret + " "}, "signature_mismatch"},
        {"good signature under v0 only", t + ",v0=" + good, {secret}, "signature_without_v1"},
        {"good signature under V1", t + ",V1=" + good, {secret}, "signature_without_v1"},
        {"no v1", t, {secret}, "signature_without_v1"},
        {"no header", "", {secret}, "signature_missing"},
        {"no time", "v1=" + good, {secret}, "signature_malformed"},
        {"two times", t + "," + t + ",v1=" + good, {secret}, "signature_malformed"},
        {"time with letters", "t=12a,v1=" + good, {secret}, "signature_malformed"},
        {"empty time", "t=,v1=" + good, {secret}, "signature_malformed"},
        {"negative time", "t=-5,v1=" + good, {secret}, "signature_malformed"},
        {"time beyond 64 bits", "t=99999999999999999999,v1=" + good, {secret}, "signature_malformed"},
        {"time that overflows as milliseconds", "t=9223372036854775,v1=" + good, {secret}, "signature_malformed"},
        {"space before the scheme", t + ", v1=" + good, {secret}, "signature_malformed"},
        {"empty v1", t + ",v1=", {secret}, "signature_mismatch"},
        {"short v1", t + ",v1=" + good.substr(1), {secret}, "signature_mismatch"},
        {"upper-case v1", t + ",v1=" + upper, {secret}, "signature_mismatch"},
        {"v1 that is no hex", t + ",v1=" + std::string(64, 'g'), {secret}, "signature_mismatch"},
        {"the header twice, joined", t + ",v1=" + good + ", " + t + ",v1=" + good, {secret}, "signature_malformed"},
        {"part without equals", t + ",v1=" + good + ",nonsense", {secret}, "signature_malformed"},
        {"null bytes", std::string("t=1\0,v1=", 8) + good, {secret}, "signature_malformed"},
        {"endless header", t + ",v1=" + good + std::string(5000, ','), {secret}, "signature_malformed"},
        {"no secrets", sign(""), {}, "webhook_secret_missing"},
        {"empty secret", sign(""), {""}, "webhook_secret_missing"},
        {"blank secret", sign(" \t\n"), {" \t\n"}, "webhook_secret_missing"},
        {"signed with the empty key", sign(""), {"", secret}, "signature_mismatch"},
    };
    for (auto const& c : cases) EXPECT_EQ(verdict(body, c.header, c.secrets), c.expected) << c.name;
}

TEST(Signature, CoversEveryByteOfTheBody) {
    EXPECT_EQ(verdict(body + " ", sign(), {secret}), "signature_mismatch");
    EXPECT_EQ(verdict("", sign(), {secret}), "signature_mismatch");
    EXPECT_EQ(verdict("", sign(secret, ""), {secret}), "accepted");
    std::string const binary("\0\xff\n", 3);
    EXPECT_EQ(verdict(binary, sign(secret, binary), {secret}), "accepted");
}

TEST(Signature, HoldsWithinTheTolerance) {
    auto const at = [](std::int64_t offset_s) { return sign(secret, body, now.seconds() + offset_s); };
    EXPECT_EQ(verdict(body, at(-300), {secret}), "accepted");
    EXPECT_EQ(verdict(body, at(-301), {secret}), "signature_too_old");
    EXPECT_EQ(verdict(body, at(300), {secret}), "accepted");
    EXPECT_EQ(verdict(body, at(301), {secret}), "signature_from_the_future");
    EXPECT_EQ(verdict(body, at(-1'000'000), {secret}, Duration{}), "accepted");
    EXPECT_EQ(verdict(body, at(-11), {secret}, Duration::seconds(10)), "signature_too_old");
    // An old signature of another key says so first: its age is no proof that it ever was Stripe's.
    EXPECT_EQ(verdict(body, sign("whsec_other", body, 1), {secret}), "signature_mismatch");
}

}  // namespace
}  // namespace billhook::stripe::signature_test
