#include "services/http/target.h"

#include <algorithm>

#include "events/base/bytes.h"

namespace conntrail::http {
namespace {

// -1: none.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

// Cuts `text` at the first `mark`, which is taken away, and returns what stood before.
std::string_view CutAt(char mark, std::string_view& text) {
  const size_t end = text.find(mark);
  const std::string_view before = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return before;
}

// The n-th element, made if there is none: what is there is written over, and keeps its memory.
template <typename T>
T& At(std::vector<T>& elements, size_t n) {
  if (n == elements.size()) elements.emplace_back();
  return elements[n];
}

bool ParsePath(std::string_view path, std::vector<std::string>& segments) {
  size_t count = 0;
  while (path.size() > 1 || (count > 0 && !path.empty())) {
    path.remove_prefix(1);  // "/"
    const size_t end = std::min(path.find('/'), path.size());
    std::string& segment = At(segments, count++);
    if (!PercentDecode(path.substr(0, end), false, segment)) return false;
    if (segment == "." || segment == "..") return false;
    path.remove_prefix(end);
  }
  segments.resize(count);
  return true;
}

bool ParseQuery(std::string_view text, std::vector<std::pair<std::string, std::string>>& query) {
  size_t count = 0;
  while (!text.empty()) {
    std::string_view pair = CutAt('&', text);
    if (pair.empty()) continue;
    auto& [name, value] = At(query, count++);
    if (!PercentDecode(CutAt('=', pair), true, name)) return false;
    if (!PercentDecode(pair, true, value)) return false;
  }
  query.resize(count);
  return true;
}

// Takes "http://host" away. False: it is another host, or no such form.
bool TakeAuthority(std::string_view& target, std::string_view host) {
  const std::string_view scheme = target.substr(0, target.find("://"));
  if (!EqualIgnoringCase(scheme, "http") && !EqualIgnoringCase(scheme, "https")) return false;
  if (scheme.size() == target.size()) return false;
  target.remove_prefix(scheme.size() + 3);
  const std::string_view authority = target.substr(0, target.find_first_of("/?"));
  if (authority.empty() || !EqualIgnoringCase(authority, host)) return false;
  target.remove_prefix(authority.size());
  return true;
}

}  // namespace

bool PercentDecode(std::string_view text, bool plus_is_space, std::string& out) {
  out.assign(text);
  if (text.find_first_of("%+") == std::string_view::npos) return IsUtf8(out);
  size_t size = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    out[size++] = c;
  }
  out.resize(size);
  return IsUtf8(out);
}

bool ParseTarget(std::string_view target, std::string_view host, std::vector<std::string>& segments,
                 std::vector<std::pair<std::string, std::string>>& query) {
  const auto strange = [](char c) { return c <= ' ' || c >= 0x7f || c == '#'; };
  if (std::any_of(target.begin(), target.end(), strange)) return false;
  if (!target.starts_with('/') && !TakeAuthority(target, host)) return false;
  const std::string_view path = CutAt('?', target);
  if (!path.empty() && path[0] != '/') return false;
  return ParsePath(path, segments) && ParseQuery(target, query);
}

}  // namespace conntrail::http
