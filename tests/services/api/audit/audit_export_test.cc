#include "services/api/audit/audit_export.h"

#include <set>

#include "services/api/audit/ocsf_event.h"
#include "tests/services/api/audit/audit_story.h"

namespace conntrail::api {
namespace {

std::string Export(const OrgView& org, ExportForm form, std::string_view query = "") {
  AuditExport source(org, QueryOf(query), {}, form);
  std::string all;
  std::string chunk;
  for (;;) {
    const Result<bool> more = source.Next(chunk);
    EXPECT_TRUE(more.ok()) << more.status().ToString();
    if (!more.ok() || !*more) break;
    all += chunk;
  }
  EXPECT_EQ(chunk, "");
  return all;
}

std::vector<nlohmann::json> LinesOf(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(AuditExport, EveryFormIsWhatItAlwaysWas) {
  const AuditStory story;
  const std::pair<ExportForm, const char*> kForms[] = {
      {ExportForm::kNdjson, "story.ndjson"},
      {ExportForm::kCsv, "story.csv"},
      {ExportForm::kOcsf, "story.ocsf.ndjson"},
      {ExportForm::kArchive, "story.archive.ndjson"}};
  for (const auto& [form, name] : kForms) {
    const std::string made = Export(story.View(), form);
    EXPECT_EQ(made, Golden(name, made)) << name;
  }
}

TEST(AuditExport, NoFormHoldsASecretOrTheHashOfAKey) {
  const AuditStory story;
  for (const ExportForm form :
       {ExportForm::kNdjson, ExportForm::kCsv, ExportForm::kOcsf, ExportForm::kArchive}) {
    const std::string made = Export(story.View(), form);
    EXPECT_EQ(made.find("hunter2"), std::string::npos);
    EXPECT_EQ(made.find("abababab"), std::string::npos);
    EXPECT_NE(made.find("fingerprint"), std::string::npos);
  }
}

TEST(AuditExport, ACellThatASpreadsheetWouldRunIsText) {
  const std::string csv = Export(AuditStory().View(), ExportForm::kCsv);
  EXPECT_NE(csv.find(",'=pager,"), std::string::npos);
  EXPECT_NE(csv.find(",\"'=1+1, moved to \"\"EU\"\"\","), std::string::npos);
  EXPECT_EQ(csv.find(",=pager"), std::string::npos);
}

// What the classes of OCSF 1.2.0 require, and what our choice of attributes adds to that.
void ExpectClass(const nlohmann::json& event) {
  const int class_uid = event.at("class_uid");
  const int activity_id = event.at("activity_id");
  EXPECT_EQ(event.at("type_uid"), class_uid * 100 + activity_id);
  EXPECT_EQ(event.at("category_uid"), class_uid / 1000);
  EXPECT_TRUE(event.at("severity_id").is_number());
  EXPECT_TRUE(event.at("status_id") == 1 || event.at("status_id") == 2);
  EXPECT_GT(event.at("time").get<int64_t>(), 0);
  EXPECT_EQ(event.at("metadata").at("version"), kOcsfVersion);
  EXPECT_EQ(event.at("metadata").at("product").at("name"), "conntrail");
  EXPECT_TRUE(event.at("metadata").at("product").contains("vendor_name"));
  const nlohmann::json& actor = event.at("actor");
  EXPECT_TRUE(actor.contains("user") || actor.contains("app_name"));
  const nlohmann::json& source = event.at("src_endpoint");
  EXPECT_TRUE(source.contains("ip") || source.contains("svc_name"));
  if (class_uid == 3004) {
    const nlohmann::json& entity = event.at("entity");
    EXPECT_TRUE(entity.contains("name") || entity.contains("uid"));
    EXPECT_TRUE(activity_id == 99 || (activity_id >= 1 && activity_id <= 4));
  } else if (class_uid == 3005) {
    EXPECT_TRUE(event.at("user").contains("uid"));
    EXPECT_FALSE(event.at("privileges").empty());
    EXPECT_TRUE(activity_id == 1 || activity_id == 2);
  } else {
    ASSERT_EQ(class_uid, 6003);
    EXPECT_TRUE(event.at("api").at("operation").is_string());
  }
}

TEST(AuditExport, EveryOcsfEventHasWhatItsClassRequires) {
  std::set<int> classes;
  for (const nlohmann::json& event : LinesOf(Export(AuditStory().View(), ExportForm::kOcsf))) {
    ExpectClass(event);
    classes.insert(event.at("class_uid").get<int>());
  }
  EXPECT_EQ(classes, (std::set<int>{3004, 3005, 6003}));
}

class AuditExportTest : public ViewsTest {};

TEST_P(AuditExportTest, AnExportHasEveryRecordOfItsMomentInManyChunks) {
  Grow(3000);
  const OrgView org = View("Acme");
  AuditExport source(org, QueryOf("-@action:received"), {}, ExportForm::kArchive);
  std::string all;
  std::string chunk;
  int chunks = 0;
  for (; *source.Next(chunk); ++chunks) {
    EXPECT_LE(chunk.size(), size_t{600} << 10);
    all += chunk;
    Grow(1);  // is not part of it
  }
  EXPECT_GT(chunks, 4);
  std::vector<std::string> expected;
  const QueryNode query = QueryOf("-@action:received");
  for (const AuditEvent& event : AllEvents(org)) {
    if (Matches(query, event.document)) expected.push_back(event.document.id);
  }
  std::vector<std::string> ids;
  for (const nlohmann::json& line : LinesOf(all)) ids.push_back(line.at("_id"));
  EXPECT_EQ(ids, expected);
  EXPECT_EQ(source.events(), expected.size());
}

TEST_P(AuditExportTest, WhateverIsRecordedBecomesValidOcsf) {
  Grow(1200);
  for (const char* name : {"Acme", "_system"}) {
    for (const nlohmann::json& event : LinesOf(Export(View(name), ExportForm::kOcsf))) {
      ExpectClass(event);
      if (testing::Test::HasFailure()) FAIL() << event.dump();
    }
  }
}

CONNTRAIL_VIEWS_TESTS(AuditExportTest);

}  // namespace
}  // namespace conntrail::api
