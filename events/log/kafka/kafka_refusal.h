#pragma once

#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

// Private to this folder: it names librdkafka's types.
namespace conntrail {

// What a person does about a connection that the brokers, or librdkafka, refused: "set
// ssl.ca.location to ...". "" if `error` and `reason`, as librdkafka's error callback gives them,
// are not of that kind; then the connection may come about by itself. Pure. `librdkafka` is
// rd_kafka_version().
std::string RemedyFor(rd_kafka_resp_err_t error, std::string_view reason, int librdkafka);

// What a user without the right to do something needs. "" for other errors.
std::string_view RightsMissing(rd_kafka_resp_err_t error);

}  // namespace conntrail
