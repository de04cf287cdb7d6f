#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "base/check.h"

namespace billhook {
namespace {

constexpr char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char base64url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

EVP_MD const* sha256_algorithm() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);  // a fetch costs more than a hash
    return algorithm;
}

// HMAC() looks its algorithms up by name at every call, which costs as much as a kilobyte of the digest; and each key
// costs as much as two blocks of it. The webhooks of one endpoint are all signed by the same.
class KeyedHmac {
  public:
    KeyedHmac() : context_(make_context(), EVP_MAC_CTX_free) {}

    Sha256 digest(std::string_view key, std::span<std::string_view const> parts) {
        begin(key);
        Sha256 digest{};
        std::size_t length = 0;
        for (auto const part : parts)
            CHECK(EVP_MAC_update(context_.get(), reinterpret_cast<unsigned char const*>(part.data()), part.size()) ==
                  1);
        CHECK(EVP_MAC_final(context_.get(), digest.data(), &length, digest.size()) == 1 && length == digest.size());
        return digest;
    }

  private:
    static EVP_MAC_CTX* make_context() {
        static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        auto* const context = EVP_MAC_CTX_new(algorithm);
        char name[] = "SHA256";
        OSSL_PARAM const parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                         OSSL_PARAM_construct_end()};
        CHECK(context != nullptr && EVP_MAC_CTX_set_params(context, parameters) == 1);
        return context;
    }

    // Without a pointer the key is the one before.
    void begin(std::string_view key) {
        if (key_ == key) {
            CHECK(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
            return;
        }
        auto const* const bytes = reinterpret_cast<unsigned char const*>(key.empty() ? "" : key.data());
        CHECK(EVP_MAC_init(context_.get(), bytes, key.size(), nullptr) == 1);
        key_ = key;
    }

    std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> const context_;
    std::optional<std::string> key_;
};

std::string encode(std::string_view bytes, char const* alphabet) {
    std::string text;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (unsigned char byte : bytes) {
        buffer = (buffer << 8) | byte;
        for (bits += 8; bits >= 6; bits -= 6) text += alphabet[(buffer >> (bits - 6)) & 63];
    }
    if (bits > 0) text += alphabet[(buffer << (6 - bits)) & 63];
    return text;
}

Result<std::string> decode(std::string_view text, std::string_view alphabet) {
    std::string bytes;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (char c : text) {
        auto const value = alphabet.find(c);
        if (value == std::string_view::npos) return fail(invalid("", "not valid base64"));
        buffer = (buffer << 6) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((buffer >> bits) & 255);
        }
    }
    if (bits == 6 || (buffer & ((1U << bits) - 1)) != 0) return fail(invalid("", "not valid base64"));
    return bytes;
}

}  // namespace

Sha256 sha256(std::string_view data) {
    // Making a context costs more than the hash of a key.
    static thread_local std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(),
                                                                                              EVP_MD_CTX_free);
    Sha256 digest{};
    CHECK(EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) == 1);
    CHECK(EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1);
    CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
    return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view data) {
    return hmac_sha256(key, std::array{data});
}

Sha256 hmac_sha256(std::string_view key, std::span<std::string_view const> parts) {
    static thread_local KeyedHmac hmac;
    return hmac.digest(key, parts);
}

std::string to_hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

Result<std::string> from_hex(std::string_view hex) {
    auto const digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    if (hex.size() % 2 != 0) return fail(invalid("", "expected pairs of hex digits"));
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        int const high = digit(hex[i]), low = digit(hex[i + 1]);
        if (high < 0 || low < 0) return fail(invalid("", "expected pairs of hex digits"));
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::string to_base64(std::string_view bytes) {
    std::string text = encode(bytes, base64_alphabet);
    while (text.size() % 4 != 0) text += '=';
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(invalid("", "not valid base64"));
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, {base64_alphabet, 64});
}

std::string to_base64url(std::string_view bytes) {
    return encode(bytes, base64url_alphabet);
}

Result<std::string> from_base64url(std::string_view text) {
    return decode(text, {base64url_alphabet, 64});
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace billhook
