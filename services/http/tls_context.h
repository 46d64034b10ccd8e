#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "events/base/result.h"

namespace conntrail::http {

// What a TLS connection of the server begins from: TLS 1.2 or 1.3, suites with forward secrecy and
// authenticated encryption only, ALPN http/1.1, no renegotiation, no compression.
//
// Reads both files. kInvalidArgument, with the name of the file: it is unreadable, is not PEM, or
// the key does not belong to the certificate.
Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(
    const std::string& certificate_file, const std::string& key_file);

}  // namespace conntrail::http
