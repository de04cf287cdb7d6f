#include "net/token_verifier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "net/testing/token_signer.h"

namespace billhook::net::token_verifier_test {
namespace {

using testing::key_set;
using testing::TokenSigner;
using Because = JwksSource::Because;

Timestamp const start = Timestamp::from_seconds(1'700'000'000);
TokenExpectations const expected{.issuer = "i", .audience = std::nullopt, .leeway = {}};

// An issuer's address: answers with the keys it is given, and counts how often it is asked.
class Issuer : public HttpTransport {
  public:
    Result<HttpResponse> send(HttpRequest const& request, Duration) override {
        ++asked;
        EXPECT_EQ(request.target, "https://issuer.test/jwks.json");
        if (answers) return answers();
        return HttpResponse{.body = keys};
    }
    std::string keys;
    std::function<Result<HttpResponse>()> answers;
    std::atomic<int> asked = 0;
};

std::unique_ptr<JwksSource> source_of(Issuer& issuer, Clock const& clock) {
    return std::make_unique<JwksSource>(
        "https://issuer.test/jwks.json", issuer, clock,
        JwksFetchOptions{.refresh_interval = Duration::minutes(10), .fetch_interval_min = Duration::seconds(30)});
}

// Reads of a token nothing but its claims.
Result<JsonObject> read_claims(JsonObject const& claims) {
    return claims;
}
using Verifier = TokenVerifier<JsonObject>;
using Cache = VerifiedTokenCache<JsonObject>;

std::string token_of(TokenSigner const& signer, Timestamp expiry) {
    return signer.sign({{"iss", "i"}, {"sub", "u"}, {"exp", expiry.seconds()}});
}

TEST(JwksSource, FetchesOnceAndRefreshesByAge) {
    ManualClock clock(start);
    Issuer issuer;
    TokenSigner const first("EdDSA", "1"), second("EdDSA", "2");
    issuer.keys = key_set({first.jwk()});
    auto const source = source_of(issuer, clock);
    EXPECT_EQ(source->current(), nullptr);
    auto const keys = source->refresh(Because::of_age);
    ASSERT_TRUE(keys) << keys.error().detail;
    EXPECT_TRUE((*keys)->find("1", SignatureAlgorithm::ed_dsa));
    EXPECT_EQ(*source->refresh(Because::of_age), *keys);
    EXPECT_EQ(issuer.asked, 1);
    clock.set(start + Duration::minutes(10));
    EXPECT_EQ(*source->refresh(Because::of_age), *keys);  // fetched again, the same: no cached token is lost
    EXPECT_EQ(issuer.asked, 2);
    issuer.keys = key_set({second.jwk()});
    clock.set(start + Duration::minutes(20));
    EXPECT_TRUE((*source->refresh(Because::of_age))->find("2", SignatureAlgorithm::ed_dsa));
    EXPECT_EQ(issuer.asked, 3);
}

TEST(JwksSource, KeepsItsKeysWhileTheIssuerFails) {
    ManualClock clock(start);
    Issuer issuer;
    TokenSigner const signer("EdDSA", "1");
    auto const source = source_of(issuer, clock);
    std::function<Result<HttpResponse>()> const failures[] = {
        [] { return fail(unavailable("connect_failed", "nobody there")); },
        [] { return HttpResponse{.status = 500, .body = "{}"}; },
        [] { return HttpResponse{.status = 302, .headers = {{"Location", "https://evil.test"}}}; },
        [] { return HttpResponse{.body = "<html>"}; },
        [] { return HttpResponse{.body = R"({"keys":[]})"}; },
    };
    Timestamp now = start;
    for (auto const& failure : failures) {
        issuer.answers = failure;
        auto const before = issuer.asked.load();
        auto const missing = source->refresh(Because::of_age);
        ASSERT_FALSE(missing);
        EXPECT_EQ(missing.error().reason, "jwks_unavailable");
        EXPECT_FALSE(source->refresh(Because::of_age));
        EXPECT_EQ(issuer.asked, before + 1);  // not at once again
        clock.set(now = now + Duration::seconds(30));
    }
    issuer.answers = nullptr;
    issuer.keys = key_set({signer.jwk()});
    auto const keys = source->refresh(Because::of_age);
    ASSERT_TRUE(keys);
    issuer.answers = failures[0];
    clock.set(now = now + Duration::days(2));
    EXPECT_EQ(*source->refresh(Because::of_age), *keys);
}

TEST(JwksSource, ThreadsWaitOnlyWhereThereAreNoKeys) {
    ManualClock clock(start);
    Issuer issuer;
    TokenSigner const signer("EdDSA", "1");
    issuer.keys = key_set({signer.jwk()});
    auto const source = source_of(issuer, clock);
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { good += source->refresh(Because::of_age).has_value(); });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, 8);
    EXPECT_EQ(issuer.asked, 1);

    // While one thread is held up fetching, another gets the keys that there are.
    std::atomic<bool> is_fetching = false, may_go_on = false;
    issuer.answers = [&]() -> Result<HttpResponse> {
        is_fetching = true;
        while (!may_go_on) std::this_thread::yield();
        return fail(unavailable("timeout", "slow"));
    };
    clock.set(start + Duration::hours(1));
    std::thread slow([&] { EXPECT_TRUE(source->refresh(Because::of_age)); });
    while (!is_fetching) std::this_thread::yield();
    EXPECT_TRUE(source->refresh(Because::of_age));
    EXPECT_FALSE(source->is_refresh_due(Because::of_age));
    may_go_on = true;
    slow.join();
}

TEST(JwksSource, FixedKeysAreNeverFetched) {
    ManualClock clock(start);
    TokenSigner const signer("EdDSA", "1");
    auto const source = *JwksSource::from_text(key_set({signer.jwk()}), clock);
    clock.set(start + Duration::days(400));
    EXPECT_FALSE(source->is_refresh_due(Because::of_unknown_key));
    EXPECT_EQ(*source->refresh(Because::of_unknown_key), source->current());
    EXPECT_FALSE(JwksSource::from_text("{}", clock));
}

TEST(TokenVerifier, RemembersWhatItVerified) {
    ManualClock clock(start);
    Issuer issuer;
    TokenSigner const signer("EdDSA", "1");
    issuer.keys = key_set({signer.jwk()});
    Verifier verifier(source_of(issuer, clock), expected, clock, read_claims);
    auto const token = token_of(signer, start + Duration::seconds(60));
    EXPECT_EQ(verifier.find_verified(token), nullptr);
    auto const claims = verifier.verify(token);
    ASSERT_TRUE(claims) << claims.error().detail;
    EXPECT_EQ(verifier.find_verified(token), *claims);
    EXPECT_EQ(*verifier.verify(token), *claims);
    EXPECT_EQ(verifier.find_verified(token + "x"), nullptr);
    clock.set(start + Duration::milliseconds(59'999));
    EXPECT_EQ(verifier.find_verified(token), *claims);
    clock.set(start + Duration::seconds(60));
    EXPECT_EQ(verifier.find_verified(token), nullptr);
    EXPECT_EQ(verifier.verify(token).error().reason, "token_expired");
    clock.set(start - Duration::seconds(1));  // verified in what is now the future
    EXPECT_EQ(verifier.find_verified(token), nullptr);
}

TEST(TokenVerifier, AnUnknownKeyIsAskedForOnceInAWhile) {
    ManualClock clock(start);
    Issuer issuer;
    TokenSigner const first("EdDSA", "1"), second("ES256", "2"), never("EdDSA", "3");
    issuer.keys = key_set({first.jwk()});
    Verifier verifier(source_of(issuer, clock), expected, clock, read_claims);
    auto const expiry = start + Duration::hours(1);
    auto const old_token = token_of(first, expiry);
    ASSERT_TRUE(verifier.verify(old_token));
    EXPECT_EQ(issuer.asked, 1);

    issuer.keys = key_set({second.jwk()});  // rotated
    clock.set(start + Duration::seconds(10));
    // Too soon after the last fetch: the issuer must not be asked again for every token that is made up.
    EXPECT_EQ(verifier.verify(token_of(second, expiry)).error().reason, "unknown_key");
    EXPECT_EQ(issuer.asked, 1);
    clock.set(start + Duration::seconds(30));
    EXPECT_TRUE(verifier.verify(token_of(second, expiry)));
    EXPECT_EQ(issuer.asked, 2);
    // What the withdrawn key signed is not remembered either.
    EXPECT_EQ(verifier.find_verified(old_token), nullptr);
    EXPECT_EQ(verifier.verify(old_token).error().reason, "unknown_key");
    for (int i = 0; i < 50; ++i) EXPECT_EQ(verifier.verify(token_of(never, expiry)).error().reason, "unknown_key");
    EXPECT_EQ(issuer.asked, 2);
    clock.set(start + Duration::seconds(60));
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(verifier.verify(token_of(never, expiry)));
    EXPECT_EQ(issuer.asked, 3);
}

// A rotation: the first who shows a token of the new key has it fetched, and all who come meanwhile have waited for it.
TEST(TokenVerifier, WhoComesWhileTheKeysAreFetchedIsJudgedByThem) {
    ManualClock clock(start);
    Issuer issuer;
    TokenSigner const first("EdDSA", "1"), second("EdDSA", "2");
    issuer.keys = key_set({first.jwk()});
    Verifier verifier(source_of(issuer, clock), expected, clock, read_claims);
    auto const expiry = start + Duration::hours(1);
    ASSERT_TRUE(verifier.verify(token_of(first, expiry)));

    clock.set(start + Duration::minutes(1));
    std::atomic<bool> is_fetching = false, may_go_on = false;
    issuer.answers = [&]() -> Result<HttpResponse> {
        is_fetching = true;
        may_go_on.wait(false);
        return HttpResponse{.body = key_set({first.jwk(), second.jwk()})};
    };
    std::atomic<int> good = 0;
    auto const verify = [&] { good += verifier.verify(token_of(second, expiry)).has_value(); };
    std::vector<std::thread> threads;
    threads.emplace_back(verify);
    while (!is_fetching) std::this_thread::yield();
    std::atomic<int> come = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            ++come;
            verify();
        });
    while (come < 4) std::this_thread::yield();
    // What is known is not waited for.
    EXPECT_TRUE(verifier.verify(token_of(first, expiry)));
    may_go_on = true;
    may_go_on.notify_one();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, 5);
    EXPECT_EQ(issuer.asked, 2);
}

TEST(TokenVerifier, SaysWhenThereAreNoKeys) {
    ManualClock clock(start);
    Issuer issuer;
    issuer.answers = [] { return fail(unavailable("connect_failed", "nobody there")); };
    Verifier verifier(source_of(issuer, clock), expected, clock, read_claims);
    auto const verified = verifier.verify("a.b.c");
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().kind, ErrorKind::unavailable);
}

TEST(TokenVerifier, RemembersNothingThatItsReaderRefuses) {
    ManualClock clock(start);
    Issuer issuer;
    TokenSigner const signer("EdDSA", "1");
    issuer.keys = key_set({signer.jwk()});
    Verifier verifier(source_of(issuer, clock), expected, clock, [](JsonObject const&) -> Result<JsonObject> {
        return fail(Error{ErrorKind::unauthenticated, "missing_customer_claim", "no customer"});
    });
    auto const token = token_of(signer, start + Duration::seconds(60));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(verifier.verify(token).error().reason, "missing_customer_claim");
    EXPECT_EQ(verifier.find_verified(token), nullptr);
}

TEST(VerifiedTokenCache, IsBoundedAndKeepsWhatIsAskedFor) {
    Cache cache(1'600);
    auto const keys = std::make_shared<JwksKeySet const>();
    auto const claims = std::make_shared<JsonObject const>();
    Timestamp const valid_until = start + Duration::hours(1);
    cache.put("favourite", keys, valid_until, claims, start);
    for (int i = 0; i < 20'000; ++i) {
        cache.put("token " + std::to_string(i), keys, valid_until, claims, start);
        ASSERT_TRUE(cache.find("favourite", keys.get(), start)) << i;
        ASSERT_LE(cache.size(), 1'600u);
    }
    EXPECT_FALSE(cache.find("token 1", keys.get(), start));
    EXPECT_TRUE(cache.find("token 19999", keys.get(), start));
    EXPECT_EQ(cache.misses(), 1u);
    // However long a token lives, it is verified again after a while.
    EXPECT_TRUE(cache.find("favourite", keys.get(), start + Duration::milliseconds(299'999)));
    EXPECT_FALSE(cache.find("favourite", keys.get(), start + Duration::minutes(5)));
    EXPECT_FALSE(cache.find("token 19999", nullptr, start));
}

TEST(VerifiedTokenCache, ServesManyThreads) {
    Cache cache(200);
    auto const keys = std::make_shared<JwksKeySet const>();
    Timestamp const valid_until = start + Duration::hours(1);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 2'000; ++i) {
                auto const name = std::to_string((i * 7 + t) % 300);
                if (auto const found = cache.find(name, keys.get(), start)) {
                    EXPECT_EQ(string_or(*found, "name"), name);
                } else {
                    cache.put(name, keys, valid_until, std::make_shared<JsonObject const>(JsonObject{{"name", name}}),
                              start);
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_LE(cache.size(), 200u);
}

}  // namespace
}  // namespace billhook::net::token_verifier_test
