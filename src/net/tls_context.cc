#include "net/tls_context.h"

#include <openssl/ssl.h>

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

}  // namespace

Status TlsHolder::load(TlsFiles const& files) {
    auto const refuse = [](std::string const& file, boost::system::error_code const& error) {
        return fail(invalid("tls", file + ": " + error.message(), "invalid_tls_files"));
    };
    auto made = std::make_shared<TlsContext>();
    SSL_CTX* const native = made->context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");  // of TLS 1.2; those of 1.3 are all good
    SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);

    boost::system::error_code error;
    made->context.use_certificate_chain_file(files.certificate_file, error);
    if (error) return refuse(files.certificate_file, error);
    made->context.use_private_key_file(files.key_file, boost::asio::ssl::context::pem, error);
    if (error) return refuse(files.key_file, error);  // also where the key is not the certificate's

    std::lock_guard lock(mutex_);
    current_ = std::move(made);
    return {};
}

std::shared_ptr<TlsContext> TlsHolder::current() const {
    std::lock_guard lock(mutex_);
    return current_;
}

}  // namespace billhook::net
