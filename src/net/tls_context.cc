#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/check.h"

namespace billhook::net {
namespace {

// We speak HTTP/1.1 only. A client that offers something else alone finds out by the answer.
int choose_protocol(SSL*, unsigned char const** out, unsigned char* out_size, unsigned char const* offered,
                    unsigned int offered_size, void*) {
    static constexpr unsigned char http_1_1[] = "\x08http/1.1";
    auto* chosen = const_cast<unsigned char*>(*out);
    if (SSL_select_next_proto(&chosen, out_size, http_1_1, sizeof http_1_1 - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

// Why the last call to OpenSSL failed.
std::string last_reason() {
    auto const* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason ? reason : "cannot be read";
}

}  // namespace

TlsContext::TlsContext() : context_(SSL_CTX_new(TLS_server_method())) {
    CHECK(context_ != nullptr);
}
TlsContext::~TlsContext() {
    SSL_CTX_free(context_);
}

Status TlsHolder::load(TlsFiles const& files) {
    auto const refuse = [](std::string const& file) {
        return fail(invalid("tls", file + ": " + last_reason(), "invalid_tls_files"));
    };
    auto made = std::make_shared<TlsContext>();
    SSL_CTX* const native = made->get();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");  // of TLS 1.2; those of 1.3 are all good
    SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);
    // What could not be written is tried again from wherever it then lies.
    SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(native, files.certificate_file.c_str()) != 1)
        return refuse(files.certificate_file);
    // Fails also where the key is not the certificate's.
    if (SSL_CTX_use_PrivateKey_file(native, files.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return refuse(files.key_file);

    std::lock_guard lock(mutex_);
    current_ = std::move(made);
    return {};
}

std::shared_ptr<TlsContext> TlsHolder::current() const {
    std::lock_guard lock(mutex_);
    return current_;
}

}  // namespace billhook::net
