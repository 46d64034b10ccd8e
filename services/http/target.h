#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conntrail::http {

// What a request's target means (RFC 9112 section 3.2, RFC 3986).

// Replaces `out` by `text` with each %xx replaced by its byte, and "+" by a space if
// `plus_is_space`. False: a % without two hex digits, a byte of 0, or the result is not UTF-8.
bool PercentDecode(std::string_view text, bool plus_is_space, std::string& out);

// Takes apart "/path?query", or "http://host/path?query" with exactly that `host`.
//
// "/" has no segments; "/a/" has two, the second empty. A decoded "/" stays inside its segment.
// False: neither form; a character that does not belong in a target, "#" among them; what
// PercentDecode refuses; a segment that is "." or ".." after decoding. Then the rest is
// unspecified.
bool ParseTarget(std::string_view target, std::string_view host, std::vector<std::string>& segments,
                 std::vector<std::pair<std::string, std::string>>& query);

}  // namespace conntrail::http
