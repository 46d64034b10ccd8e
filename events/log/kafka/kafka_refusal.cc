#include "events/log/kafka/kafka_refusal.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace conntrail {
namespace {

// From here on it concatenates the nonces of SCRAM as RFC 5802 says, which Kafka 4 insists on.
constexpr int kScramMended = 0x020601ff;

struct Sign {
  std::string_view text;  // in librdkafka's or OpenSSL's words
  std::string_view remedy;
};

// The first that fits counts.
constexpr std::array<Sign, 10> kSignsOfTls = {{
    {"certificate verify failed",
     "set ssl.ca.location to the CA of the brokers' certificates, which must be for the host names "
     "that are in use here, and not have run out"},
    {"alert bad certificate",
     "the broker wants a client certificate: set ssl.certificate.location and ssl.key.location"},
    {"alert certificate required",
     "the broker wants a client certificate: set ssl.certificate.location and ssl.key.location"},
    {"alert unknown ca",
     "the broker does not trust the certificate of ssl.certificate.location: take one of its CA"},
    {"alert certificate",  // unknown, expired, revoked, unsupported
     "the broker does not trust the certificate of ssl.certificate.location: take one of its CA"},
    {"alert handshake failure",
     "the broker takes none of the ciphers offered: see ssl.cipher.suites"},
    {"alert protocol version", "the broker takes another version of TLS"},
    {"unexpected eof", "no TLS is spoken there: check the port, or security.protocol"},
    {"wrong version number", "no TLS is spoken there: check the port, or security.protocol"},
    {"connecting to a SSL listener",
     "check the port, or set security.protocol, to ssl or sasl_ssl for a port with TLS"},
}};

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

std::string RemedyFor(rd_kafka_resp_err_t error, std::string_view reason, int librdkafka) {
  if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
    if (Has(reason, "nsupported SASL mechanism")) {
      return "set sasl.mechanism to one that the broker has";
    }
    std::string remedy = "check sasl.username and sasl.password";
    if (Has(reason, "SCRAM") && librdkafka < kScramMended) {
      remedy += fmt::format(
          "; or this is Kafka 4, which refuses SCRAM of librdkafka before 2.6.1 (here is {}): use "
          "sasl.mechanism=PLAIN over TLS, or client certificates",
          rd_kafka_version_str());
    }
    return remedy;
  }
  if (error != RD_KAFKA_RESP_ERR__SSL && error != RD_KAFKA_RESP_ERR__TRANSPORT) return "";
  for (const Sign& sign : kSignsOfTls) {
    if (Has(reason, sign.text)) return std::string(sign.remedy);
  }
  return "";
}

std::string_view RightsMissing(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return "this user needs the rights DESCRIBE, DESCRIBE_CONFIGS, READ and WRITE on the topic";
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return "this user needs WRITE on the topic to append, and CREATE to make topics";
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return "this user needs WRITE on the topic";
    default:
      return "";
  }
}

}  // namespace conntrail
