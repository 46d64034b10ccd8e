#include "services/api/audit/audit_search.h"

#include <algorithm>

#include "tests/services/api/audit/audit_test_base.h"

namespace conntrail::api {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kNowText = "2024-05-01T12:00:00Z";

std::string Decoded(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// The parameters behind a link.
Parameters ParametersOf(const std::string& url) {
  Parameters parameters;
  size_t at = url.find('?');
  while (at != std::string::npos) {
    const size_t end = url.find('&', at + 1);
    const std::string part = url.substr(at + 1, end - at - 1);
    const size_t equals = part.find('=');
    parameters.emplace_back(Decoded(part.substr(0, equals)), Decoded(part.substr(equals + 1)));
    at = end;
  }
  return parameters;
}

class AuditSearchTest : public ViewsTest {
 protected:
  UnixMs Now() const { return clock_.Now(); }

  AuditSearch Asked(const Parameters& parameters) {
    Parsed<AuditSearch> search = ReadAuditParameters(parameters, Now());
    EXPECT_TRUE(search.ok()) << search.fault().detail;
    return std::move(*search);
  }

  nlohmann::json Ask(const AuditSearch& search, AuditSearchOptions options = {}) {
    const Result<AuditPage> page = SearchAudit(View("Acme"), search, options);
    EXPECT_TRUE(page.ok()) << page.status().ToString();
    return page.ok() ? nlohmann::json::parse(page->body) : nlohmann::json();
  }

  // The ids on all pages, by following the links. Between two pages `between` happens.
  std::vector<std::string> FollowLinks(Parameters parameters, const std::function<void()>& between,
                                       AuditSearchOptions options = {}) {
    std::vector<std::string> ids;
    for (int pages = 0; pages < 10'000; ++pages) {
      const nlohmann::json page = Ask(Asked(parameters), options);
      for (const nlohmann::json& event : page["data"]) ids.push_back(event["id"]);
      if (!page.contains("links")) return ids;
      parameters = ParametersOf(page["links"]["next"]);
      between();
    }
    ADD_FAILURE() << "there is no end";
    return ids;
  }

  std::vector<std::string> Expected(const std::string& query, UnixMs from_ms, UnixMs to_ms) {
    const QueryNode root = QueryOf(query);
    std::vector<std::string> ids;
    for (const AuditEvent& event : AllEvents(View("Acme"))) {
      const UnixMs time_ms = event.document.timestamp_ms;
      if (time_ms >= from_ms && time_ms <= to_ms && Matches(root, event.document)) {
        ids.push_back(event.document.id);
      }
    }
    return ids;
  }
};

constexpr const char* kQueries[] = {"", "@action:modified", "connection status:info",
                                    "@evt.actor.type:USER -@conntrail.verdict:applied",
                                    "@conntrail.event_type:connection.used"};

TEST_P(AuditSearchTest, PagesHaveEveryRecordOnceWhateverIsWrittenMeanwhile) {
  Grow(700);
  for (const char* query : kQueries) {
    const UnixMs now_ms = Now();
    std::vector<std::string> expected = Expected(query, now_ms - 30 * kHourMs, now_ms);
    std::reverse(expected.begin(), expected.end());
    const std::vector<std::string> ids = FollowLinks(
        {{"filter[query]", query}, {"filter[from]", "now-30h"}, {"page[limit]", "7"}}, [&] {
          Grow(3);
          clock_.Pass(kHourMs);  // now-30h must not move on
        });
    EXPECT_EQ(ids, expected) << query;
  }
}

TEST_P(AuditSearchTest, OldestFirstNoRecordIsLostAndNoneComesTwice) {
  Grow(700);
  const UnixMs now_ms = Now();
  const std::vector<std::string> before = Expected("", now_ms - 30 * kHourMs, now_ms);
  const std::vector<std::string> ids =
      FollowLinks({{"filter[from]", "now-30h"}, {"sort", "timestamp"}, {"page[limit]", "13"}}, [&] {
        clock_.Pass(1);
        Grow(2);
      });
  ASSERT_GE(ids.size(), before.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), ids.begin()));
  std::vector<std::string> sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
  EXPECT_LE(ids.size(), Expected("", now_ms - 30 * kHourMs, now_ms).size());
}

TEST_P(AuditSearchTest, AnAnswerHasTheShapeThatClientsReadEvenIfItIsEmpty) {
  Grow(50);
  AuditSearchOptions options;
  options.elapsed_ms = [] { return 5; };
  options.request_id = "req-1";
  options.base_url = "https://audit.example";
  const nlohmann::json empty = Ask(Asked({{"filter[query]", "@action:started"}}), options);
  EXPECT_EQ(empty, nlohmann::json::parse(R"({"data":[],"meta":{"elapsed":5,"request_id":"req-1",
      "status":"done"}})"));

  const nlohmann::json page = Ask(
      Asked({{"page[limit]", "1"}, {"filter[from]", "0"}, {"filter[query]", "a OR -a"}}), options);
  ASSERT_EQ(page["data"].size(), 1u);
  const nlohmann::json& event = page["data"][0];
  EXPECT_EQ(event["type"], "audit");
  EXPECT_TRUE(event["attributes"]["tags"].is_array());
  EXPECT_TRUE(std::string(event["attributes"]["timestamp"]).ends_with("Z"));
  EXPECT_TRUE(event["attributes"]["attributes"].is_object());
  EXPECT_TRUE(page["meta"]["page"]["after"].is_string());
  const std::string next = page["links"]["next"];
  EXPECT_TRUE(
      next.starts_with("https://audit.example/api/v2/audit/events?"
                       "filter%5Bquery%5D=a%20OR%20-a&filter%5Bfrom%5D=0&"))
      << next;
}

TEST_P(AuditSearchTest, WithoutAWindowItIsTheLastFifteenMinutesForGetAndPostAlike) {
  Grow(400);
  const std::vector<std::string> all = Expected("", 0, kTimeMsMax);
  const std::vector<std::string> expected = Expected("", Now() - 15 * 60'000, Now());
  ASSERT_LT(expected.size(), all.size());
  const Parsed<AuditSearch> posted = ReadAuditBody(R"({"page":{"limit":1000}})", Now());
  ASSERT_TRUE(posted.ok());
  EXPECT_EQ(Ask(*posted)["data"].size(), std::min<size_t>(expected.size(), 1000));
  EXPECT_EQ(Ask(Asked({{"page[limit]", "1000"}})), Ask(*posted));
}

TEST_P(AuditSearchTest, APageThatRanOutOfTimeSaysSoAndItsCursorGoesOn) {
  Grow(3000);
  int64_t elapsed_ms = 0;
  AuditSearchOptions options;
  options.elapsed_ms = [&] { return elapsed_ms += 1; };
  options.budget.elapsed_ms_max = 1;
  options.budget.elapsed_ms_empty_max = 1;
  options.parts = 0;
  bool timed_out = false;
  std::vector<std::string> ids;
  Parameters parameters{{"filter[query]", "@conntrail.comment:\"why 1\" @conntrail.interface:ui"},
                        {"filter[from]", "0"},
                        {"page[limit]", "1000"}};
  for (int pages = 0; pages < 100; ++pages) {
    elapsed_ms = 0;
    const nlohmann::json page = Ask(Asked(parameters), options);
    for (const nlohmann::json& event : page["data"]) ids.push_back(event["id"]);
    timed_out = timed_out || page["meta"]["status"] == "timeout";
    if (!page.contains("links")) break;
    parameters = ParametersOf(page["links"]["next"]);
  }
  EXPECT_TRUE(timed_out);
  std::vector<std::string> expected =
      Expected("@conntrail.comment:\"why 1\" @conntrail.interface:ui", 0, Now());
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(ids, expected);
}

TEST_P(AuditSearchTest, APageEndsEarlyRatherThanBecomeTooLarge) {
  Grow(300);
  AuditSearchOptions options;
  options.budget.page_bytes_max = 20'000;
  const nlohmann::json page = Ask(Asked({{"filter[from]", "0"}, {"page[limit]", "1000"}}), options);
  EXPECT_LT(page["data"].size(), 100u);
  EXPECT_EQ(page["meta"]["status"], "done");
  std::vector<std::string> expected = Expected("", 0, Now());
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(FollowLinks(
                {{"filter[from]", "0"}, {"page[limit]", "1000"}}, [] {}, options),
            expected);
}

TEST_P(AuditSearchTest, ACursorOfAnotherSearchIsRefused) {
  Grow(100);
  const nlohmann::json page = Ask(Asked({{"filter[from]", "0"}, {"page[limit]", "2"}}));
  const std::string cursor = page["meta"]["page"]["after"];
  const Parameters kOthers[] = {
      {{"filter[from]", "0"}, {"filter[query]", "user"}, {"page[cursor]", cursor}},
      {{"filter[from]", "0"}, {"sort", "timestamp"}, {"page[cursor]", cursor}},
      {{"filter[from]", "1"}, {"page[cursor]", cursor}},
      {{"filter[from]", "0"}, {"page[cursor]", "AAAA"}},
      {{"filter[from]", "0"}, {"page[cursor]", cursor + "A"}}};
  for (const Parameters& parameters : kOthers) {
    const Result<AuditPage> refused = SearchAudit(View("Acme"), Asked(parameters), {});
    EXPECT_EQ(refused.status().code(), StatusCode::kInvalidArgument);
  }
  const Result<AuditPage> other_org =
      SearchAudit(View("Beta"), Asked({{"filter[from]", "0"}, {"page[cursor]", cursor}}), {});
  EXPECT_EQ(other_org.status().code(), StatusCode::kInvalidArgument);
}

CONNTRAIL_VIEWS_TESTS(AuditSearchTest);

TEST(AuditParameters, WhatIsWrongIsNamedWithItsPlace) {
  const std::pair<Parameters, const char*> kFaults[] = {
      {{{"page[limit]", "1001"}}, "page[limit]: expected 1 to 1000"},
      {{{"page[limit]", "0"}}, "page[limit]: expected 1 to 1000"},
      {{{"page[limit]", "ten"}}, "page[limit]: expected 1 to 1000"},
      {{{"sort", "-time"}}, "sort: expected timestamp or -timestamp"},
      {{{"filter[query]", "a AND"}}, "filter[query]: column 6: expected a term"},
  };
  for (const auto& [parameters, detail] : kFaults) {
    const Parsed<AuditSearch> search = ReadAuditParameters(parameters, 0);
    ASSERT_FALSE(search.ok()) << detail;
    EXPECT_EQ(search.fault().detail, detail);
    EXPECT_EQ(search.fault().parameter, parameters.front().first);
    EXPECT_EQ(search.fault().status, 400);
  }
  const Parsed<AuditSearch> from = ReadAuditParameters({{"filter[from]", "then"}}, 0);
  ASSERT_FALSE(from.ok());
  EXPECT_EQ(from.fault().parameter, "filter[from]");
}

TEST(AuditParameters, ABodyIsReadAsItsDefaultsSay) {
  const UnixMs now_ms = *ParseTime(kNowText);
  const Parsed<AuditSearch> empty = ReadAuditBody("", now_ms);
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->window.from_ms, now_ms - 15 * 60'000);
  EXPECT_EQ(empty->window.to_ms, now_ms);
  EXPECT_EQ(empty->limit, 10u);
  EXPECT_TRUE(empty->newest_first);

  const Parsed<AuditSearch> whole = ReadAuditBody(
      R"({"filter":{"query":"@action:created","from":1714500000000,"to":"now-1d/d"},
          "options":{"timezone":"GMT","time_offset":0},"page":{"limit":25,"cursor":"x"},
          "sort":"timestamp"})",
      now_ms);
  ASSERT_TRUE(whole.ok()) << whole.fault().detail;
  EXPECT_EQ(whole->window.from_ms, 1714500000000);
  EXPECT_EQ(FormatTime(whole->window.to_ms), "2024-04-30T00:00:00.000Z");
  EXPECT_EQ(whole->limit, 25u);
  EXPECT_EQ(whole->cursor, "x");
  EXPECT_FALSE(whole->newest_first);
  EXPECT_TRUE(whole->warnings.empty());
}

TEST(AuditParameters, AZoneMovesMidnightAndOneWithANameIsWarnedOf) {
  const UnixMs now_ms = *ParseTime(kNowText);
  const auto from = [&](const std::string& options) {
    const Parsed<AuditSearch> search =
        ReadAuditBody(R"({"filter":{"from":"now/d"},"options":)" + options + "}", now_ms);
    EXPECT_TRUE(search.ok()) << search.fault().detail;
    return FormatTime(search->window.from_ms) + (search->warnings.empty() ? "" : " warned");
  };
  EXPECT_EQ(from(R"({"time_offset":7200})"), "2024-04-30T22:00:00.000Z");
  EXPECT_EQ(from(R"({"timezone":"+02:00"})"), "2024-04-30T22:00:00.000Z");
  EXPECT_EQ(from(R"({"timezone":"UTC-5"})"), "2024-05-01T05:00:00.000Z");
  EXPECT_EQ(from(R"({"timezone":"Europe/Paris"})"), "2024-05-01T00:00:00.000Z warned");
}

TEST(AuditParameters, AWrongBodyIsRefusedWithAPointer) {
  const std::pair<const char*, const char*> kFaults[] = {
      {R"([])", ""},
      {R"({"filter":7})", "/filter"},
      {R"({"filter":{"query":7}})", "/filter/query"},
      {R"({"filter":{"from":true}})", "/filter/from"},
      {R"({"page":{"limit":5000}})", "/page/limit"},
      {R"({"page":{"limit":1.5}})", "/page/limit"},
      {R"({"page":{"cursor":{}}})", "/page/cursor"},
      {R"({"sort":"up"})", "/sort"},
      {R"({"options":{"time_offset":"late"}})", "/options/time_offset"},
      {R"({"filter":)", ""},
  };
  for (const auto& [body, pointer] : kFaults) {
    const Parsed<AuditSearch> search = ReadAuditBody(body, 0);
    ASSERT_FALSE(search.ok()) << body;
    EXPECT_EQ(search.fault().pointer, pointer) << body;
    EXPECT_FALSE(search.fault().detail.empty());
  }
}

}  // namespace
}  // namespace conntrail::api
