#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "events/base/check.h"
#include "projections/store/memory_store.h"
#include "tests/services/api/audit/audit_test_base.h"

namespace conntrail::api {

// A short history of Acme with something of every kind, always the same, in a store.
class AuditStory {
 public:
  AuditStory() {
    projector_ = Projector::Open(log_, store_, PartitionId(0), {}).value();
    Tell();
    while (*projector_->Step() > 0) {
    }
  }

  OrgView View() const {
    return OrgView::Open(store_.NewSnapshot(), PartitionId(0), "Acme").value();
  }

 private:
  void Append(EventBuilder builder) {
    clock_.Pass(kSecondMs);
    const Event& event = builder.Id("story " + std::to_string(++told_));
    CONNTRAIL_CHECK(log_.Append(PartitionId(0), event.org, EncodeEvent(event)).ok());
  }

  static Event InContext(Event event) {
    event.context.interface = Interface::kTerraform;
    event.context.source_ip = "10.1.2.3";
    event.context.user_agent = "terraform/1.9";
    event.context.request_id = "req-7";
    event.context.reason = "=1+1, moved to \"EU\"";
    event.context.ticket = "SEC-12";
    event.context.transaction = Transaction{"apply-3", 1, 2};
    event.actor.api_key = KeyNamed("org key");
    event.actor.application_key = KeyNamed("alice's key");
    event.occurred_at_ms = kNoonMs;
    return event;
  }

  void AppendEvent(const Event& event) {
    clock_.Pass(kSecondMs);
    CONNTRAIL_CHECK(log_.Append(PartitionId(0), event.org, EncodeEvent(event)).ok());
  }

  void Tell() {
    Append(OfTheLog(OrgOpened{"Acme"}));
    Append(Intent("alice", Create("=pager", {{"integration.base_url", std::string("https://eu")},
                                             {"tags", TextList{"env:prod", "team:a"}}})));
    AppendEvent(InContext(EventBuilder(Intent("alice", Edit("=pager", "integration.base_url",
                                                            std::string("https://us"))))
                              .Id("story edit")));
    Append(Intent("alice",
                  Replace("=pager", {Editor(UserNamed("alice")), Resolver(RoleNamed("oncall"))})));
    Append(Intent("bob", Delete("=pager")));
    Append(Intent("alice",
                  Patch("=pager", {Viewer(UserNamed("bob"))}, {Resolver(RoleNamed("oncall"))})));
    Append(Intent("alice", Issue("=pager", "hunter2-the-secret")));
    ConnectionUsed used = Using("=pager", ServiceNamed("runner"), 3);
    used.workflow = WorkflowNamed("nightly");
    used.step = "notify";
    used.run_as = ServiceNamed("runner");
    used.mode = UseMode::kAutomatic;
    Append(Observation(used).From("agent", 1));
    Append(Intent("root", NewGroup(RoleNamed("oncall"), {UserNamed("bob")})).Rights(right::kAll));
    Append(Intent("root", ChangeAccount(UserNamed("bob"), AccountChange::kDeactivated))
               .Rights(right::kAll));
    KeyCreated key = NewKey("ci key", right::kConnectionsRead);
    key.kind = KeyKind::kApplication;
    key.digest.fill(0xAB);
    Append(Intent("root", key).Rights(right::kAll));
    Append(Intent("root", RevokeKey("ci key")).Rights(right::kAll));
    Append(Intent("alice", Save("nightly", UserNamed("alice"), {"=pager"})).Rights(right::kAll));
    Append(Intent("alice", Connect("slack", "acme.slack")).Rights(right::kAll));
    Append(Intent("eve", AuditTrailRead{.rows = 12}).Rights(right::kAll));
    Append(Intent("alice", RestoreDefault("=pager")));
    Append(Intent("alice", Delete("no such")));
    ConnectionEdited twice = Edit("=pager", "name", std::string("a"));
    twice.changes.push_back(twice.changes.front());  // a path that stands twice is invalid
    Append(Intent("alice", twice));
    Append(Intent("alice", Delete("=pager")));
    AppendEvent(EventBuilder(Intent("alice", Delete("=pager"))).Id("story 18"));
  }

  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
  MemoryStore store_;
  std::unique_ptr<Projector> projector_;
  int told_ = 0;
};

// The file of that name in tests/golden/audit. One that is missing is written with
// CONNTRAIL_WRITE_GOLDEN=1; one that is there is never changed.
inline std::string Golden(const std::string& name, const std::string& made) {
  const std::filesystem::path path =
      std::filesystem::path(CONNTRAIL_SOURCE_DIR) / "tests/golden/audit" / name;
  if (!std::filesystem::exists(path) && std::getenv("CONNTRAIL_WRITE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << made;
  }
  EXPECT_TRUE(std::filesystem::exists(path)) << "CONNTRAIL_WRITE_GOLDEN=1 writes " << path;
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace conntrail::api
