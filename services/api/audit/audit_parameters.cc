#include <charconv>

#include <fmt/format.h>

#include "events/base/json_reader.h"
#include "events/base/number.h"
#include "services/api/audit/audit_search.h"
#include "services/api/audit/date_math.h"
#include "services/api/audit/query_language.h"

namespace conntrail::api {
namespace {

constexpr int64_t kDayS = 24 * 3600;

// Where in a request a value stands, for whoever has to correct it.
struct Origin {
  std::string parameter;
  std::string pointer;
};

Fault FaultAt(const Origin& origin, std::string detail) {
  Fault fault;
  fault.title = "Invalid Parameter";
  const std::string& name = origin.parameter.empty() ? origin.pointer : origin.parameter;
  fault.detail = fmt::format("{}: {}", name, detail);
  fault.parameter = origin.parameter;
  fault.pointer = origin.pointer;
  return fault;
}

// The texts of a request, wherever they stood in it.
struct Asked {
  struct Given {
    std::string text;
    Origin origin;
  };
  std::optional<Given> query, from, to, sort, limit, cursor, timezone, time_offset;
};

// "UTC", "GMT", "Z", "+02:00", "UTC-5": seconds east of UTC; nullopt: a zone that has a name.
std::optional<int> OffsetOf(std::string_view zone) {
  if (zone.starts_with("UTC") || zone.starts_with("GMT")) zone.remove_prefix(3);
  if (zone.empty() || zone == "Z") return 0;
  if (zone.front() != '+' && zone.front() != '-') return std::nullopt;
  const int sign = zone.front() == '-' ? -1 : 1;
  zone.remove_prefix(1);
  int hours = 0;
  const auto [rest, error] = std::from_chars(zone.data(), zone.data() + zone.size(), hours);
  if (error != std::errc() || hours < 0 || hours > 23) return std::nullopt;
  zone.remove_prefix(static_cast<size_t>(rest - zone.data()));
  if (zone.starts_with(':')) zone.remove_prefix(1);
  const auto minutes = zone.empty() ? 0 : ParseNumber<int>(zone);
  if (!minutes || *minutes < 0 || *minutes > 59) return std::nullopt;
  return sign * (hours * 3600 + *minutes * 60);
}

// Makes a search of what was asked; the first fault is kept.
class SearchReading {
 public:
  SearchReading(const Asked& asked, UnixMs now_ms) : asked_(asked), now_ms_(now_ms) {}

  Parsed<AuditSearch> Run() {
    ReadQuery();
    ReadZone();
    search_.window.from_ms = ReadMoment(asked_.from, search_.from_text);
    search_.window.to_ms = ReadMoment(asked_.to, search_.to_text);
    ReadSort();
    ReadLimit();
    if (asked_.cursor) search_.cursor = asked_.cursor->text;
    if (fault_) return *fault_;
    return std::move(search_);
  }

 private:
  void Fail(const Origin& origin, std::string detail) {
    if (!fault_) fault_ = FaultAt(origin, std::move(detail));
  }

  void ReadQuery() {
    if (asked_.query) search_.query = asked_.query->text;
    Result<QueryNode> root = ParseQuery(search_.query);
    if (!root.ok()) return Fail(asked_.query->origin, root.status().message());
    search_.root = std::move(*root);
  }

  void ReadZone() {
    if (asked_.time_offset) {
      const std::optional<int64_t> offset = ParseNumber<int64_t>(asked_.time_offset->text);
      if (!offset || *offset < -kDayS || *offset > kDayS) {
        return Fail(asked_.time_offset->origin, "expected seconds, at most a day");
      }
      zone_offset_s_ = static_cast<int>(*offset);
    }
    if (!asked_.timezone) return;
    const std::optional<int> offset = OffsetOf(asked_.timezone->text);
    if (!offset) {
      search_.warnings.push_back(
          {"timezone_ignored", "The time zone is not taken into account",
           "days begin as options.time_offset says, or at midnight UTC; zones are UTC, GMT and "
           "offsets such as +02:00"});
    } else if (zone_offset_s_ == 0) {
      zone_offset_s_ = *offset;
    }
  }

  UnixMs ReadMoment(const std::optional<Asked::Given>& given, std::string& text) {
    if (given) text = given->text;
    const Result<UnixMs> moment = ParseMoment(text, now_ms_, zone_offset_s_);
    if (moment.ok()) return *moment;
    Fail(given->origin, moment.status().message());
    return 0;
  }

  void ReadSort() {
    if (!asked_.sort) return;
    const std::string& sort = asked_.sort->text;
    if (sort != "timestamp" && sort != "-timestamp") {
      Fail(asked_.sort->origin, "expected timestamp or -timestamp");
    }
    search_.newest_first = sort != "timestamp";
  }

  void ReadLimit() {
    if (!asked_.limit) return;
    const std::optional<int64_t> limit = ParseNumber<int64_t>(asked_.limit->text);
    if (!limit || *limit < 1 || *limit > static_cast<int64_t>(kAuditLimitMax)) {
      return Fail(asked_.limit->origin, fmt::format("expected 1 to {}", kAuditLimitMax));
    }
    search_.limit = static_cast<size_t>(*limit);
  }

  const Asked& asked_;
  const UnixMs now_ms_;
  int zone_offset_s_ = 0;
  AuditSearch search_;
  std::optional<Fault> fault_;
};

// Takes members of a body as texts; integers where a number is as good.
class BodyReading {
 public:
  // The object of that name; null if there is none.
  const JsonValue* Object(const JsonValue* in, const std::string& pointer, std::string_view name) {
    const JsonValue* value = Member(in, name);
    if (value == nullptr || value->kind == JsonKind::kObject) return value;
    Fail(pointer + "/" + std::string(name), "expected an object");
    return nullptr;
  }

  void Take(const JsonValue* in, const std::string& pointer, std::string_view name,
            std::optional<Asked::Given>& to, bool may_be_number) {
    const JsonValue* value = Member(in, name);
    if (value == nullptr) return;
    const std::string at = pointer + "/" + std::string(name);
    if (value->kind == JsonKind::kText) {
      to = {value->text, {"", at}};
    } else if (value->kind == JsonKind::kInt && may_be_number) {
      to = {std::to_string(static_cast<int64_t>(value->bits)), {"", at}};
    } else {
      Fail(at, may_be_number ? "expected a text or an integer" : "expected a text");
    }
  }

  const std::optional<Fault>& fault() const { return fault_; }

 private:
  static const JsonValue* Member(const JsonValue* in, std::string_view name) {
    if (in == nullptr) return nullptr;
    for (const JsonValue& item : in->items) {
      if (item.name == name && item.kind != JsonKind::kNull) return &item;
    }
    return nullptr;
  }

  void Fail(const std::string& pointer, const std::string& detail) {
    if (!fault_) fault_ = FaultAt({"", pointer}, detail);
  }

  std::optional<Fault> fault_;
};

}  // namespace

Parsed<AuditSearch> ReadAuditParameters(
    const std::vector<std::pair<std::string, std::string>>& parameters, UnixMs now_ms) {
  Asked asked;
  const std::pair<std::string_view, std::optional<Asked::Given>*> known[] = {
      {"filter[query]", &asked.query}, {"filter[from]", &asked.from},
      {"filter[to]", &asked.to},       {"sort", &asked.sort},
      {"page[limit]", &asked.limit},   {"page[cursor]", &asked.cursor}};
  for (const auto& [name, value] : parameters) {
    for (const auto& [known_name, given] : known) {
      if (name == known_name && !*given) *given = {value, {name, ""}};
    }
  }
  return SearchReading(asked, now_ms).Run();
}

Parsed<AuditSearch> ReadAuditBody(std::string_view body, UnixMs now_ms) {
  Asked asked;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return SearchReading(asked, now_ms).Run();
  }
  const Result<JsonValue> json = ParseJson(body);
  if (!json.ok()) return Fault{.detail = json.status().message()};
  if (json->kind != JsonKind::kObject) return Fault{.detail = "expected an object"};
  BodyReading in;
  const JsonValue* filter = in.Object(&*json, "", "filter");
  in.Take(filter, "/filter", "query", asked.query, false);
  in.Take(filter, "/filter", "from", asked.from, true);
  in.Take(filter, "/filter", "to", asked.to, true);
  const JsonValue* options = in.Object(&*json, "", "options");
  in.Take(options, "/options", "timezone", asked.timezone, false);
  in.Take(options, "/options", "time_offset", asked.time_offset, true);
  const JsonValue* page = in.Object(&*json, "", "page");
  in.Take(page, "/page", "cursor", asked.cursor, false);
  in.Take(page, "/page", "limit", asked.limit, true);
  in.Take(&*json, "", "sort", asked.sort, false);
  if (in.fault()) return *in.fault();
  return SearchReading(asked, now_ms).Run();
}

}  // namespace conntrail::api
