#include <fmt/format.h>

#include "events/model/enum_names.h"
#include "services/api/audit/event_words.h"

namespace conntrail::api {
namespace {

// A deed in two forms: "deleted", "delete".
struct Deed {
  std::string past;
  std::string infinitive;
  std::string object;  // what it was done to
};

std::string Quoted(std::string_view noun, std::string_view name, const Uuid& id) {
  if (!name.empty()) return fmt::format("{} \"{}\"", noun, name);
  return id.is_nil() ? std::string(noun) : fmt::format("{} {}", noun, id.ToString());
}

std::string Listed(const std::vector<FieldChange>& changes) {
  constexpr size_t kShown = 5;
  std::string text;
  for (size_t i = 0; i < changes.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + changes[i].path;
  }
  if (changes.size() > kShown) text += fmt::format(" and {} more", changes.size() - kShown);
  return text.empty() ? text : " (" + text + ")";
}

// Puts an event into words.
class Teller {
 public:
  Teller(const TrailLine& line, std::string_view name) : line_(line), name_(name) {}

  Deed operator()(const std::monostate&) { return {"sent", "send", "what is no event"}; }
  Deed operator()(const ConnectionCreated&) { return OnConnection("created", "create"); }
  Deed operator()(const ConnectionEdited& a) {
    return OnConnection("edited", "edit", Listed(a.changes));
  }
  Deed operator()(const ConnectionDeleted&) { return OnConnection("deleted", "delete"); }
  Deed operator()(const ConnectionSuspended&) { return OnConnection("suspended", "suspend"); }
  Deed operator()(const ConnectionResumed&) { return OnConnection("resumed", "resume"); }
  Deed operator()(const CredentialIssued&) {
    return OnConnection("issued a credential for", "issue a credential for");
  }
  Deed operator()(const CredentialRotated&) {
    return OnConnection("rotated the credential of", "rotate the credential of");
  }
  Deed operator()(const CredentialWithdrawn&) {
    return OnConnection("withdrew the credential of", "withdraw the credential of");
  }
  Deed operator()(const PolicyReplaced& a) {
    if (a.restore_default) {
      return OnConnection("removed the restriction policy of", "remove the restriction policy of");
    }
    return OnConnection("replaced the restriction policy of", "replace the restriction policy of",
                        fmt::format(" ({} grants)", a.grants.size()));
  }
  Deed operator()(const PolicyPatched& a) {
    return OnConnection(
        "changed the restriction policy of", "change the restriction policy of",
        fmt::format(" ({} granted, {} taken back)", a.added.size(), a.removed.size()));
  }
  Deed operator()(const ConnectionUsed& a) {
    std::string how = a.count == 1 ? "" : fmt::format(" {} times", a.count);
    if (!a.step.empty()) how += fmt::format(" in step \"{}\"", a.step);
    if (a.workflow) how += " of workflow " + a.workflow->ToString();
    return OnConnection("used", "use", how);
  }
  Deed operator()(const AccountChanged& a) {
    static constexpr const char* kPast[] = {"changed",     "added",       "changed",
                                            "deactivated", "reactivated", "removed"};
    static constexpr const char* kInfinitive[] = {"change",     "add",        "change",
                                                  "deactivate", "reactivate", "remove"};
    const auto number = static_cast<size_t>(a.change) % std::size(kPast);
    return {kPast[number], kInfinitive[number], "account " + a.account.ToString()};
  }
  Deed operator()(const GroupChanged& a) {
    static constexpr const char* kPast[] = {"changed", "created", "changed", "deleted"};
    static constexpr const char* kInfinitive[] = {"change", "create", "change", "delete"};
    const auto number = static_cast<size_t>(a.change) % std::size(kPast);
    std::string object = Quoted(PrincipalKindName(a.group.kind), name_, a.group.id);
    if (!a.members_added.empty() || !a.members_removed.empty()) {
      object +=
          fmt::format(" ({} joined, {} left)", a.members_added.size(), a.members_removed.size());
    }
    return {kPast[number], kInfinitive[number], object};
  }
  Deed operator()(const WorkflowSaved& a) {
    return {"saved", "save", Quoted("workflow", name_, a.workflow.uuid)};
  }
  Deed operator()(const WorkflowDeleted& a) {
    return {"deleted", "delete", Quoted("workflow", name_, a.workflow.uuid)};
  }
  Deed operator()(const IntegrationConnected& a) {
    return {"connected", "connect", Quoted("integration", name_, a.integration)};
  }
  Deed operator()(const IntegrationDisconnected& a) {
    return {"disconnected", "disconnect", Quoted("integration", name_, a.integration)};
  }
  Deed operator()(const ReviewOpened& a) {
    return {"opened", "open", Quoted("access review", a.name, a.review)};
  }
  Deed operator()(const ReviewDecided& a) {
    return {"decided", "decide",
            fmt::format("{} in access review {}", EnumName(a.verdict), a.review.ToString())};
  }
  Deed operator()(const ReviewClosed& a) {
    return {"closed", "close", Quoted("access review", "", a.review)};
  }
  Deed operator()(const FindingSuppressed& a) {
    return {"suppressed", "suppress", "finding " + Short(a.finding)};
  }
  Deed operator()(const FindingReopened& a) {
    return {"reopened", "reopen", "finding " + Short(a.finding)};
  }
  Deed operator()(const AuditTrailRead& a) {
    return {"read", "read", fmt::format("the audit trail ({} rows)", a.rows)};
  }
  Deed operator()(const KeyCreated& a) { return {"created", "create", Key(a.key)}; }
  Deed operator()(const KeyRevoked& a) { return {"revoked", "revoke", Key(a.key)}; }
  Deed operator()(const KeyRightsChanged& a) {
    return {"changed the rights of", "change the rights of", Key(a.key)};
  }
  Deed operator()(const OrgOpened& a) {
    return {"opened", "open", Quoted("organization", a.name, line_.subject.id)};
  }
  Deed operator()(const RulesActivated& a) {
    return {"activated", "activate", fmt::format("rules version {}", a.version.value)};
  }
  Deed operator()(const Seal&) { return {"sealed", "seal", "the log"}; }
  Deed operator()(const AttemptUnreadable& a) {
    const std::string where =
        a.connection ? " on " + Quoted("connection", name_, a.connection->uuid) : "";
    return {"made", "make", "an attempt that its source could not read" + where};
  }

 private:
  Deed OnConnection(std::string past, std::string infinitive, const std::string& more = "") {
    return {std::move(past), std::move(infinitive),
            Quoted("connection", name_, line_.subject.id) + more};
  }
  std::string Key(const KeyId& key) { return Quoted("key", name_, key.uuid); }
  static std::string Short(const Digest& digest) {
    return ToHex(std::as_bytes(std::span(digest)).first(4));
  }

  const TrailLine& line_;
  std::string_view name_;
};

}  // namespace

std::string ActorText(const TrailLine& line, const Event* event) {
  if (line.actor) return line.actor->ToString();
  if (event != nullptr) {
    // Whoever reports a use names its user, not itself.
    const auto* used = std::get_if<ConnectionUsed>(&event->action);
    if (used != nullptr && used->principal) return used->principal->ToString();
  }
  if (event != nullptr && event->actor.api_key) {
    return "API key " + event->actor.api_key->ToString();
  }
  if (event != nullptr && event->authority == Authority::kLog) return "the log";
  return "somebody unknown";
}

std::string SentenceOf(const TrailLine& line, const Event* event, std::string_view name) {
  const std::string who = ActorText(line, event);
  const std::string_view reason = ReasonName(line.reason);
  if (event == nullptr) {
    return fmt::format("{} sent a record that is {}: {}", who, VerdictName(line.verdict), reason);
  }
  const Deed deed = std::visit(Teller(line, name), event->action);
  switch (line.verdict) {
    case Verdict::kApplied:
      if (line.reason == Reason::kNone) return fmt::format("{} {} {}", who, deed.past, deed.object);
      return fmt::format("{} {} {}: {}", who, deed.past, deed.object, reason);
    case Verdict::kDuplicate:
      return fmt::format("{} asked once more to {} {}", who, deed.infinitive, deed.object);
    case Verdict::kDenied:
      return fmt::format("{} was not allowed to {} {}: {}", who, deed.infinitive, deed.object,
                         reason);
    default:
      return fmt::format("{} could not {} {}: {}", who, deed.infinitive, deed.object,
                         reason.empty() ? VerdictName(line.verdict) : reason);
  }
}

}  // namespace conntrail::api
