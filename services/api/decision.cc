#include "services/api/decision.h"

#include "events/base/number.h"
#include "events/base/sha256.h"
#include "events/secret/token_shapes.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr size_t kIdempotencyKeyBytesMax = 255;
constexpr size_t kUserAgentBytesMax = 256;

Interface InterfaceOf(std::string_view user_agent) {
  const auto has = [&](std::string_view word) {
    return user_agent.find(word) != std::string_view::npos;
  };
  if (has("terraform")) return Interface::kTerraform;
  if (user_agent.starts_with("conntrail/")) return Interface::kCli;
  if (user_agent.starts_with("Mozilla/")) return Interface::kUi;
  return Interface::kApi;
}

// An entity tag as we give them: "\"3\"", strong. RFC 9110 section 8.8.3. "*" means any that there
// is, which the fold asks anyway. Directories also send weak ones (RFC 7644 section 3.14), which
// are as good: a revision never stands for two states.
std::optional<std::optional<Revision>> ParseIfMatch(std::string_view header, bool weak_too) {
  if (header == "*") return std::optional<Revision>();
  if (weak_too && header.starts_with("W/")) header.remove_prefix(2);
  if (header.size() < 3 || header.front() != '"' || header.back() != '"') return std::nullopt;
  const auto value = ParseNumber<uint64_t>(header.substr(1, header.size() - 2));
  if (!value) return std::nullopt;
  return std::optional(Revision(*value));
}

bool IsVisibleAscii(std::string_view text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7E) return false;
  }
  return true;
}

// Control characters and bytes that are no ASCII do not belong into a User-Agent.
std::string Cleaned(std::string_view text, size_t bytes_max) {
  if (!FindTokenShape(text).empty()) return "(left out: it looks like a secret)";
  std::string cleaned(text.substr(0, bytes_max));
  for (char& c : cleaned) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return cleaned;
}

http::Response TooLarge(ErrorForm errors) {
  return ErrorResponse(errors, {.status = 413,
                                .title = "Payload Too Large",
                                .detail = "the request makes a record of more than " +
                                          std::to_string(kRecordBytesMax) + " bytes"});
}

Digest HashOf(const http::Request& request) {
  std::string all(http::MethodName(request.method));
  all += ' ';
  all += request.target;
  all += '\n';
  all += request.body;
  return Sha256(AsBytes(all));
}

Decided DecidedAs(Call& call, const FoldedRecord& record) {
  Decided decided;
  decided.line = record.line;
  if (record.line.verdict == Verdict::kDuplicate && record.first) {
    const auto view = call.service.View(call.caller.address);
    if (view.ok()) {
      const Result<Place> place = (*view)->PlaceOf(*record.first);
      const Result<TrailRecord> first =
          place.ok() ? (*view)->RecordAt(*place) : Result<TrailRecord>(place.status());
      if (first.ok()) {
        decided.line = first->line;
        decided.repeated = true;
      }
    }
  }
  decided.applied = decided.line.verdict == Verdict::kApplied;
  if (!decided.applied) decided.refusal = ErrorResponse(call.errors, FaultOf(decided.line));
  return decided;
}

// Where the attempt stands, applied or not.
void SayWhere(Call& call, const FoldedRecord& record) {
  call.said.push_back({"X-Conntrail-Record", std::to_string(record.line.place.index.value)});
  call.said.push_back({"X-Conntrail-Offset", std::to_string(record.offset.value)});
}

}  // namespace

Parsed<Event> NewIntent(const Call& call, Action action) {
  const http::Request& request = call.request;
  Event event;
  event.id = {Uuid::NewTimeOrdered(call.service.Now())};
  event.org = call.caller.org;
  event.authority = Authority::kIntent;
  event.occurred_at_ms = call.service.Now();
  event.actor.principal = call.caller.principal;
  if (call.caller.principal) {
    event.actor.kind = call.caller.principal->kind == PrincipalKind::kServiceAccount
                           ? ActorKind::kService
                           : ActorKind::kPerson;
  } else {
    event.actor.kind = ActorKind::kService;
  }
  event.actor.api_key = call.caller.api_key;
  event.actor.application_key = call.caller.application_key;
  event.rights = call.caller.rights;
  event.context.user_agent = Cleaned(request.Find("user-agent"), kUserAgentBytesMax);
  event.context.interface = InterfaceOf(event.context.user_agent);
  event.context.source_ip = request.peer;
  event.context.request_id = request.id;

  // A condition that has come out empty is no wish to go on without one.
  if (request.Has("if-match")) {
    const auto revision = ParseIfMatch(request.Find("if-match"), call.errors == ErrorForm::kScim);
    if (!revision) {
      return Fault{.detail = "If-Match must be an ETag of an answer, like \"3\", or *",
                   .header = "If-Match"};
    }
    event.expected_revision = *revision;
  }
  const std::string_view idempotency_key = request.Find("idempotency-key");
  const bool is_empty = idempotency_key.empty() && request.Has("idempotency-key");
  if (is_empty || idempotency_key.size() > kIdempotencyKeyBytesMax ||
      !IsVisibleAscii(idempotency_key)) {
    return Fault{.detail = "Idempotency-Key must be 1 to 255 visible ASCII characters",
                 .header = "Idempotency-Key"};
  }
  if (!idempotency_key.empty()) {
    // Two people who choose the same words do not mean the same request. What clients make their
    // keys of is not known, so that it is not kept: its hash serves as well.
    const Digest digest = Sha256(AsBytes(idempotency_key));
    event.idempotency_key = (call.caller.principal ? call.caller.principal->ToString() : "key") +
                            " " + ToHex(std::as_bytes(std::span(digest)));
    event.request_hash = HashOf(request);
  }
  event.action = std::move(action);
  return event;
}

asio::awaitable<Decided> Decide(Call& call, Event event) {
  std::vector<Event> events;
  events.push_back(std::move(event));
  co_return co_await DecideAll(call, std::move(events));
}

asio::awaitable<Decided> Decide(Call& call, Action action) {
  Parsed<Event> event = NewIntent(call, std::move(action));
  if (!event.ok()) {
    Decided decided;
    decided.refusal = ErrorResponse(call.errors, event.fault());
    co_return decided;
  }
  co_return co_await Decide(call, std::move(*event));
}

asio::awaitable<Decided> DecideAll(Call& call, std::vector<Event> events) {
  Decided decided;
  std::vector<EventId> ids;
  std::vector<EncodedEvent> encoded;
  for (size_t i = 0; i < events.size(); ++i) {
    Event& event = events[i];
    ids.push_back(event.id);
    if (events.size() > 1) {
      event.context.transaction = Transaction{ids.front().ToString(), static_cast<uint32_t>(i),
                                              static_cast<uint32_t>(events.size())};
    }
    // One key for each, so that a repetition of all of them repeats each.
    if (i > 0 && !event.idempotency_key.empty()) event.idempotency_key += " " + std::to_string(i);
    encoded.push_back(EncodedEvent::Of(event));
    if (!encoded.back().fits()) {
      decided.refusal = TooLarge(call.errors);
      co_return decided;
    }
  }
  const std::vector<Submission> submissions = co_await call.gateway().SubmitAll(std::move(encoded));
  for (size_t i = 0; i < submissions.size(); ++i) {
    if (submissions[i].fate != Submission::Fate::kDecided) {
      Decided undecided;
      undecided.refusal = Undecided(call.errors, ids[i], submissions[i]);
      co_return undecided;
    }
    const FoldedRecord& record = submissions[i].record;
    if (i + 1 == submissions.size()) SayWhere(call, record);
    Decided next = DecidedAs(call, record);
    const bool applied = next.applied;
    if (i == 0 || !applied) decided = std::move(next);
    if (!applied) break;
  }
  co_return decided;
}

http::Response Undecided(ErrorForm errors, const EventId& event, const Submission& submission) {
  if (submission.fate == Submission::Fate::kUnknown) {
    http::Response response = ErrorResponse(
        errors, {.status = 504,
                 .title = "Outcome Unknown",
                 .detail = "the outcome is not known yet; ask for event " + event.ToString()});
    response.headers.push_back({"Location", "/api/v2/connection_events/" + event.ToString()});
    return response;
  }
  http::Response response =
      ErrorResponse(errors, {.status = 503,
                             .title = "Service Unavailable",
                             .detail = "nothing was recorded: " + submission.detail});
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

int StatusOf(Verdict verdict, Reason reason) {
  switch (verdict) {
    case Verdict::kApplied:
    case Verdict::kDuplicate:
      return 200;
    case Verdict::kDenied:
      return 403;
    case Verdict::kConflict:
      return reason == Reason::kRevisionDiffers ? 412 : 409;
    case Verdict::kRejected:
      break;
    default:
      return 400;
  }
  switch (reason) {
    case Reason::kConnectionNotFound:
    case Reason::kSubjectNotFound:
      return 404;
    case Reason::kSelfLockout:
    case Reason::kIntegrationTypeFixed:
    case Reason::kNameRequired:
    case Reason::kLimitReached:
      return 400;
    default:
      return 409;
  }
}

std::string SentenceOf(Reason reason) {
  switch (reason) {
    case Reason::kActorRequired:
      return "an application key is needed: it says who asks";
    case Reason::kAccountInactive:
      return "the account is deactivated";
    case Reason::kKeyRevoked:
      return "the application key is revoked";
    case Reason::kRightRequired:
      return "the key lacks the right that this takes";
    case Reason::kViewerRequired:
      return "the restriction policy does not let you view this";
    case Reason::kResolverRequired:
      return "the restriction policy does not let you use this";
    case Reason::kEditorRequired:
      return "the restriction policy does not let you edit this";
    case Reason::kEscalation:
      return "nobody can give a key more rights than their own";
    case Reason::kConnectionNotFound:
      return "connection not found";
    case Reason::kConnectionExists:
      return "the connection exists already";
    case Reason::kConnectionSuspended:
      return "the connection is suspended";
    case Reason::kConnectionNotSuspended:
      return "the connection is not suspended";
    case Reason::kSelfLockout:
      return "the policy would lock you out; set allow_self_lockout=true if that is meant";
    case Reason::kCredentialMissing:
      return "the connection has no credential";
    case Reason::kCredentialPresent:
      return "the connection has a credential already";
    case Reason::kIntegrationTypeFixed:
      return "the integration of a connection cannot change; make another connection";
    case Reason::kSubjectNotFound:
      return "not found";
    case Reason::kSubjectExists:
      return "it exists already";
    case Reason::kNameRequired:
      return "a name of 1 to 255 characters without control characters is required";
    case Reason::kLimitReached:
      return "a limit of this service is reached";
    case Reason::kRevisionDiffers:
      return "it has changed since: the revision is not the one of If-Match";
    case Reason::kRequestDiffers:
      return "the Idempotency-Key was used for another request";
    default:
      return std::string(ReasonName(reason));
  }
}

Fault FaultOf(const TrailLine& line) {
  Fault fault;
  fault.status = StatusOf(line.verdict, line.reason);
  switch (fault.status) {
    case 403:
      fault.title = "Forbidden";
      break;
    case 404:
      fault.title = "Not Found";
      break;
    case 409:
      fault.title = "Conflict";
      break;
    case 412:
      fault.title = "Precondition Failed";
      break;
    default:
      break;
  }
  fault.detail = SentenceOf(line.reason);
  return fault;
}

std::string EtagOf(Revision revision) { return '"' + std::to_string(revision.value) + '"'; }

}  // namespace conntrail::api
