// The bodies of the API's documents, each read as all of them. Whatever the bytes are: either a
// fault that repeats no token, or an event that encodes to a record, folds, and is answered as JSON
// that may be sent back without changing anything.

#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/check.h"
#include "events/base/json_reader.h"
#include "events/event_codec.h"
#include "events/log/event_log.h"
#include "events/secret/token_shapes.h"
#include "services/api/connection_document.h"
#include "services/api/credential_document.h"
#include "services/api/integration_document.h"
#include "services/api/policy_document.h"
#include "services/api/workflow_document.h"
#include "tests/support/fingerprinter.h"
#include "tests/support/org_in_memory.h"

namespace {

using namespace conntrail;
using namespace conntrail::api;

constexpr std::string_view kCurrent =
    R"({"data":{"type":"action_connection","attributes":{"name":"pager","integration":{"type":"HTTP",)"
    R"("base_url":"https://x","credentials":{"type":"HTTPTokenAuth","tokens":[{"name":"b","type":"SECRET",)"
    R"("value":"v"},{"name":"a","type":"SECRET","value":"w"}],"headers":[{"name":"h","value":"1"}]}}}}})";

NewIds Ids() {
  return {.connection = ConnectionNamed("pager"),
          .external_id = "0123456789abcdef0123456789abcdef"};
}

void CheckText(std::string_view text) { CONNTRAIL_CHECK(FindTokenShape(text).empty()); }

void CheckValue(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) CheckText(*text);
  if (const auto* list = std::get_if<TextList>(&value)) {
    for (const std::string& text : *list) CheckText(text);
  }
}

// The event in bytes and back; nothing if there is a fault.
template <typename T>
std::optional<Event> Check(const Parsed<T>& action) {
  if (!action.ok()) {
    const Fault& fault = action.fault();
    CONNTRAIL_CHECK((fault.status == 400 || fault.status == 404) && !fault.detail.empty());
    CONNTRAIL_CHECK(fault.pointer.empty() || fault.pointer.starts_with('/'));
    CheckText(fault.detail);
    CheckText(fault.pointer);
    return std::nullopt;
  }
  const Event event = Intent("alice", *action);
  const Bytes record = EncodeEvent(event);
  CONNTRAIL_CHECK(record.size() <= kRecordBytesMax);
  const DecodedEvent decoded = DecodeEvent(record);
  CONNTRAIL_CHECK(decoded.fault == DecodeFault::kNone && decoded.event == event);
  return event;
}

// The answer, and then its attributes as the body of an edit.
void CheckAnswer(OrgInMemory& acme) {
  const Connection& connection = acme.connection("pager");
  for (const Field& field : connection.fields) CheckValue(field.value);
  JsonWriter out;
  WriteConnection(out, connection, {});
  const Result<JsonValue> tree = ParseJson(out.text());
  CONNTRAIL_CHECK(tree.ok());
  // "integration":{...},"tags" or the next attribute: what stands from name to tags was sent.
  const std::string_view text = out.text();
  const size_t begin = text.find("\"name\":");
  const size_t end = text.find(",\"acting_user_can_resolve\":false,\"created_at\":");
  CONNTRAIL_CHECK(begin < end && end != std::string_view::npos);
  const std::string echo = R"({"data":{"type":"action_connection","attributes":{)" +
                           std::string(text.substr(begin, end - begin)) + "}}}";
  const std::optional<Event> event =
      Check(ReadConnectionPatch(echo, connection, Ids(), TestFingerprinter()));
  CONNTRAIL_CHECK(event.has_value());
  CONNTRAIL_CHECK(acme.Says(*event) == "applied no_change");
}

void CheckCreate(std::string_view body) {
  const auto event = Check(ReadNewConnection(body, Ids(), TestFingerprinter()));
  if (!event) return;
  OrgInMemory acme;
  CONNTRAIL_CHECK(acme.Says(*event) == "applied");
  CheckAnswer(acme);
}

void CheckPatch(std::string_view body) {
  OrgInMemory acme;
  const auto created = ReadNewConnection(kCurrent, Ids(), TestFingerprinter());
  CONNTRAIL_CHECK(created.ok() && acme.Says(Intent("alice", *created)) == "applied");
  const auto event =
      Check(ReadConnectionPatch(body, acme.connection("pager"), Ids(), TestFingerprinter()));
  if (!event) return;
  CONNTRAIL_CHECK(acme.Take(*event).verdict == Verdict::kApplied);
  CheckAnswer(acme);
}

// Of a connection that has a credential, and of one that has none.
void CheckCredential(std::string_view body) {
  for (const bool present : {true, false}) {
    OrgInMemory acme;
    const auto created = ReadNewConnection(kCurrent, Ids(), TestFingerprinter());
    CONNTRAIL_CHECK(acme.Says(Intent("alice", *created)) == "applied");
    if (!present) {
      CONNTRAIL_CHECK(acme.Says(Intent("alice", CredentialWithdrawn{ConnectionNamed("pager")})) ==
                      "applied");
    }
    const auto event = Check(
        ReadNewCredential(body, acme.connection("pager"), UserNamed("alice"), TestFingerprinter()));
    if (!event) continue;
    CONNTRAIL_CHECK(acme.Says(*event) == "applied");
    CONNTRAIL_CHECK(acme.connection("pager").credential.present);
    CheckAnswer(acme);
  }
}

void CheckOthers(std::string_view body) {
  const Principal alice = UserNamed("alice");
  Check(ReadPolicy(body, ConnectionNamed("pager"), Acme(), false));
  Check(ReadWorkflow(body, WorkflowNamed("deploy"), nullptr, alice));
  const Workflow known{
      .id = WorkflowNamed("deploy"), .name = "d", .steps = {{.step = "a", .action = "b"}}};
  Check(ReadStepConnection(body, known, "a"));
  Check(ReadNewConnectedIntegration(body, IdNamed("chat"), alice, TestFingerprinter()));
  const auto resource = ReadRestrictedResource(body);
  CONNTRAIL_CHECK(resource.ok() || !resource.fault().detail.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  CheckCreate(body);
  CheckPatch(body);
  CheckCredential(body);
  CheckOthers(body);
  return 0;
}
