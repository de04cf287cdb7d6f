#include "base/keyed_hash.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>
#include <memory>
#include <string>

namespace billhook::keyed_hash_test {
namespace {

// Another's SipHash.
Hash128 by_openssl(KeyedHash::Secret const& secret, std::string const& text) {
    std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> const algorithm(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr),
                                                                      EVP_MAC_free);
    std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> const context(EVP_MAC_CTX_new(algorithm.get()),
                                                                            EVP_MAC_CTX_free);
    std::size_t size = sizeof(Hash128);
    OSSL_PARAM const parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                     OSSL_PARAM_construct_end()};
    unsigned char key[sizeof secret], out[sizeof(Hash128)];
    std::memcpy(key, secret.data(), sizeof key);
    EXPECT_EQ(EVP_MAC_init(context.get(), key, sizeof key, parameters), 1);
    EXPECT_EQ(EVP_MAC_update(context.get(), reinterpret_cast<unsigned char const*>(text.data()), text.size()), 1);
    EXPECT_EQ(EVP_MAC_final(context.get(), out, &size, sizeof out), 1);
    Hash128 hash;
    std::memcpy(&hash.low, out, sizeof hash.low);
    std::memcpy(&hash.high, out + sizeof hash.low, sizeof hash.high);
    return hash;
}

TEST(KeyedHash, IsSipHash) {
    KeyedHash::Secret const secret{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
    std::string text;
    for (int size = 0; size < 300; ++size) {
        EXPECT_EQ(KeyedHash(secret)(text), by_openssl(secret, text)) << size;
        text += static_cast<char>(size);
    }
}

TEST(KeyedHash, DiffersUnderAnotherSecret) {
    SeededRandom random(1);
    KeyedHash const one(random), other(random);
    EXPECT_EQ(one("bh_key"), one("bh_key"));
    EXPECT_FALSE(one("bh_key") == one("bh_kez"));
    EXPECT_FALSE(one("bh_key") == other("bh_key"));
}

}  // namespace
}  // namespace billhook::keyed_hash_test
