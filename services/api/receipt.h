#pragma once

#include "services/api/service.h"

namespace conntrail::api {

// What an answer was made from, for whoever keeps it: asked for by the request's header
// `Conntrail-Want-Receipt: true`, or `signed`.
//
//   Conntrail-Receipt: index=N; seal=K; size=S; root=BASE64; query=BASE64; answer=BASE64
//
// N is the number of records of the org's trail that the answer has seen; K, S and root are the
// last seal's number and the org's head at it; query is SHA-256(method " " target "\n" body of the
// request), answer that of the answer's body (left out of one that is made while it is sent).
//
// `signed` adds two signed notes in base64, both under the key that GET /api/v2/evidence names:
// `Conntrail-Checkpoint`, that of size S, and `Conntrail-Receipt-Note`, whose text is
//
//   conntrail/receipt/v1 LF origin LF N LF K LF S LF root LF query LF answer, or "-", LF
//
// Without a seal or a key an answer has no receipt, and `Conntrail-Receipt: none; REASON`.
boost::asio::awaitable<void> AddReceipt(Call& call, http::Response& response);

inline constexpr std::string_view kWantReceiptHeader = "conntrail-want-receipt";

}  // namespace conntrail::api
