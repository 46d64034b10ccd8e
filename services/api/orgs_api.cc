// Orgs: an operator opens one, and hands its administrator the keys.

#include "services/api/endpoints.h"
#include "services/api/entity_answers.h"
#include "services/api/json_body.h"
#include "services/auth/bootstrap.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr char kReason[] = "org opened";

Parsed<std::string> ReadName(const Call& call) {
  const Parsed<JsonValue> root = ParseBody(call.request.body);
  if (!root.ok()) return root.fault();
  BodyReader reader(*root);
  std::string name;
  if (const JsonValue* in = ReadEnvelope(reader, *root, "orgs")) {
    if (const JsonValue* value = reader.Require(*in, "name")) {
      name = reader.Line(*value, 255, 255);
      if (name.starts_with('_')) reader.Fail(*value, "must not begin with \"_\"");
    }
    reader.RefuseOthers(*in, "name");
  }
  if (!reader.ok()) return reader.fault();
  return name;
}

// The org's trail begins with who has opened it; from where, is no business of the org.
Event OpeningOf(const Call& call, const OrgId& org, const std::string& name) {
  Event event;
  event.id = {Uuid::NewTimeOrdered(call.service.Now())};
  event.org = org;
  event.authority = Authority::kLog;
  event.actor.kind = ActorKind::kPerson;
  event.actor.principal = call.caller.principal;
  event.context.interface = Interface::kApi;
  event.context.request_id = call.request.id;
  event.action = OrgOpened{name};
  return event;
}

http::Response OrgAnswer(const Call& call, const FirstAdministrator& administrator,
                         const std::string& name) {
  JsonWriter out;
  const auto write = [&](std::string_view member, std::string_view text) {
    out.Name(member);
    out.Text(text);
  };
  out.BeginObject();
  out.Name("data");
  out.BeginObject();
  write("id", administrator.org.ToString());
  write("type", "orgs");
  out.Name("attributes");
  out.BeginObject();
  write("api_key", administrator.api_key);
  write("api_key_id", administrator.api_key_id.ToString());
  write("application_key", administrator.application_key);
  write("application_key_id", administrator.application_key_id.ToString());
  write("name", name);
  write("user", administrator.user.id.ToString());
  out.EndObject();
  out.EndObject();
  out.EndObject();
  return JsonAnswer(call, 201, out.Take());
}

// All of it is appended together: an org that is there has somebody who can get in. If the answer
// is lost, so are the keys; the org then stays empty, under a name that is taken.
asio::awaitable<http::Response> Open(Call& call) {
  if (!call.caller.principal) {
    co_return ErrorResponse(call.errors, ActorNeeded());
  }
  const Parsed<std::string> name = ReadName(call);
  if (!name.ok()) co_return ErrorResponse(call.errors, name.fault());
  // The same id as where an org of that name is opened by an import.
  const OrgId org = DataDirectory::IdOfOrg(*name);
  const Fault taken{
      .status = 409, .title = "Conflict", .detail = "there is an org of that name already"};
  const NameClaim claim(call.service, OrgId(), *name);
  if (!claim.holds() || call.service.ring().FindOrg(*name) ||
      call.service.ring().FindOrg(org.ToString())) {
    co_return ErrorResponse(call.errors, taken);
  }
  const FirstAdministrator administrator = NewAdministrator(org, call.service.Now());
  const Event opening = OpeningOf(call, org, *name);
  std::vector<EncodedEvent> events;
  events.push_back(EncodedEvent::Of(opening));
  const uint64_t rights = right::kAll & ~right::kOperator;
  for (const Event& event : AdministratorEvents(administrator, rights, kReason)) {
    events.push_back(EncodedEvent::Of(event));
  }
  const PartitionId partition = DataDirectory::PartitionOfNew(org, call.service.partition_count());
  const std::vector<Submission> submissions =
      co_await call.service.Submit(partition, std::move(events));
  for (const Submission& submission : submissions) {
    if (submission.fate != Submission::Fate::kDecided) {
      co_return Undecided(call.errors, opening.id, submission);
    }
    if (submission.record.line.verdict != Verdict::kApplied) {
      co_return ErrorResponse(call.errors, taken);  // somebody else was faster
    }
  }
  co_return OrgAnswer(call, administrator, *name);
}

}  // namespace

std::span<const Endpoint> OrgEndpoints() {
  using enum http::Method;
  static const Endpoint kEndpoints[] = {
      {kPost, "/api/v2/orgs", ErrorForm::kObjects, right::kOperator, Open, "OpenOrg",
       "Open an org; the keys of its administrator are in this answer and nowhere else"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
