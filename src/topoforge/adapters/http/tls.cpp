#include "topoforge/adapters/http/tls.hpp"

#include <string>

#include <fmt/format.h>

namespace topoforge::http {

namespace ssl = boost::asio::ssl;

Result<std::shared_ptr<ssl::context>> load_tls(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                           ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1,
                       error);
  // Those of TLS 1.3 are all good; of the older version these.
  SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  // Otherwise the terminal would be asked.
  context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  context->use_certificate_chain_file(files.certificate, error);
  if (error) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("cannot use '{}' as the certificate: {}; wanted a chain in PEM", files.certificate,
                            error.message()));
  }
  context->use_private_key_file(files.key, ssl::context::pem, error);
  if (error) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("cannot use '{}' as the key of the certificate '{}': {}; wanted its key in PEM, without a "
                            "passphrase",
                            files.key, files.certificate, error.message()));
  }
  return context;
}

}  // namespace topoforge::http
