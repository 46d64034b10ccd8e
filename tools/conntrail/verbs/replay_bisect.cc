#include <fmt/format.h>

#include "projections/merkle/checkpoint.h"
#include "projections/rebuild.h"
#include "projections/replay/bisect.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/verbs/replay_stores.h"
#include "tools/conntrail/verbs/trail_rows.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string with;
};

struct Answer {
  PartitionId partition;
  BisectAnswer bisected;
};

std::string OutcomeText(const TrailLine& line) {
  std::string text(VerdictName(line.verdict));
  if (line.reason != Reason::kNone) text += fmt::format(" {}", ReasonName(line.reason));
  return text;
}

void WriteSide(JsonWriter& out, std::string_view name, const BisectSide& side) {
  const auto text = [&](std::string_view member, std::string_view value) {
    out.Name(member);
    out.Text(value);
  };
  out.Name(name);
  if (!side.record && side.fault.empty()) return out.Null();
  out.BeginObject();
  if (!side.fault.empty()) text("fault", side.fault);
  if (side.record) {
    const TrailRecord& record = *side.record;
    text("append_time", FormatTime(record.append_time_ms));
    text("effective_time", FormatTime(record.line.place.time_ms));
    text("id", record.line.event.ToString());
    text("leaf", merkle::HashText(side.leaf));
    text("reason", ReasonName(record.line.reason));
    out.Name("record");
    out.Raw("{" + EventMembers("event", record.event) + "}");
    out.Name("revision");
    out.Uint(record.line.revision.value);
    out.Name("rules");
    out.Uint(record.rules.value);
    text("type", EventTypeName(record.line.type));
    text("verdict", VerdictName(record.line.verdict));
  }
  out.EndObject();
}

void AddSide(std::vector<std::vector<Cell>>& lines, const char* name, const BisectSide& side) {
  if (!side.fault.empty()) lines.push_back({name, Cell(side.fault, Shade::kBad)});
  if (!side.record) {
    if (side.fault.empty()) lines.push_back({name, Cell("has no such record", Shade::kBad)});
    return;
  }
  const TrailRecord& record = *side.record;
  lines.push_back({name, fmt::format("{} {} by {}, {}", FormatTime(record.line.place.time_ms),
                                     EventTypeName(record.line.type), WhoText(record.line.actor),
                                     SubjectText(record.line.subject))});
  lines.push_back({"", fmt::format("{}, revision {}, rules {}", OutcomeText(record.line),
                                   record.line.revision.value, record.rules.value)});
  lines.push_back({"", "leaf " + merkle::HashText(side.leaf)});
  lines.push_back({"", EventMembers("event", record.event)});
}

std::string Summary(const BisectAnswer& answer) {
  if (answer.only_evidence_differs) {
    return "no record differs, but what the store keeps of the trees does; replay rebuild mends it";
  }
  if (answer.is_equal()) return "equal";
  return "they part here";
}

std::string ToJson(const std::vector<Answer>& answers) {
  bool equal = true;
  for (const Answer& one : answers) equal = equal && one.bisected.is_equal();
  JsonWriter out;
  const auto number = [&](std::string_view name, uint64_t value) {
    out.Name(name);
    out.Uint(value);
  };
  out.BeginObject();
  out.Name("equal");
  out.Bool(equal);
  out.Name("partitions");
  out.BeginArray();
  for (const auto& [partition, answer] : answers) {
    out.BeginObject();
    if (answer.found) WriteSide(out, "a", answer.found->a);
    if (answer.found) WriteSide(out, "b", answer.found->b);
    number("common_seals", answer.seals);
    if (answer.found) number("index", answer.found->index.value);
    if (answer.equal) number("last_equal_seal", *answer.equal);
    if (answer.found) {
      out.Name("org");
      out.Text(answer.found->org_name);
    }
    number("partition", partition.value);
    number("records_a", answer.records_a);
    number("records_b", answer.records_b);
    number("records_compared", answer.records_compared);
    if (answer.different) number("seal", *answer.different);
    out.Name("summary");
    out.Text(Summary(answer));
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return out.Take();
}

std::vector<std::vector<Cell>> LinesOf(const std::vector<Answer>& answers) {
  std::vector<std::vector<Cell>> lines;
  for (const auto& [partition, answer] : answers) {
    lines.push_back({fmt::format("partition {}", partition.value),
                     Cell(Summary(answer), answer.is_equal() ? Shade::kGood : Shade::kBad)});
    lines.push_back(
        {"records", fmt::format("{} in A, {} in B, {} compared one by one", answer.records_a,
                                answer.records_b, answer.records_compared)});
    lines.push_back(
        {"seals",
         answer.seals == 0
             ? "none in common: all was compared"
             : fmt::format(
                   "{} in common, equal {}{}", answer.seals,
                   answer.equal ? fmt::format("up to {}", *answer.equal) : "none",
                   answer.different ? fmt::format(", seal {} differs", *answer.different) : "")});
    if (!answer.found) continue;
    lines.push_back({"record", fmt::format("index {} of {}", answer.found->index.value,
                                           answer.found->org_name)});
    AddSide(lines, "A", answer.found->a);
    AddSide(lines, "B", answer.found->b);
  }
  return lines;
}

// What this build makes of the log.
Status FoldAnew(Session& session, DataDirectory& directory, const fs::path& place,
                StoresAsTheyAre& into) {
  std::error_code error;
  fs::create_directories(place, error);
  for (const auto& [partition, store] : into.stores) {
    Progress progress("folding the log anew", session.settings().quiet);
    const fs::path own = place / std::to_string(partition.value);
    CONNTRAIL_RETURN_IF_ERROR(
        BuildProjection(directory.log(), partition, own, {}, session.Watch(progress)));
  }
  for (auto& [partition, store] : into.stores) {
    CONNTRAIL_ASSIGN_OR_RETURN(store, RocksDbStore::Open(place / std::to_string(partition.value)));
  }
  return Status::Ok();
}

Status RefuseUnreadable(const StoresAsTheyAre& opened) {
  if (opened.unreadable.empty()) return Status::Ok();
  return Status::Corruption(opened.unreadable.front().ToString());
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string path, session.DirectoryPath());
  CONNTRAIL_ASSIGN_OR_RETURN(const auto directory, OpenLogAlone(session, path));
  CONNTRAIL_ASSIGN_OR_RETURN(StoresAsTheyAre a, OpenStores(*directory));
  CONNTRAIL_RETURN_IF_ERROR(RefuseUnreadable(a));
  const TemporaryPlace temporary(fs::path(path) / "projection.bisect");
  std::unique_ptr<DataDirectory> other;
  StoresAsTheyAre b;
  if (options.with.empty()) {
    for (const auto& [partition, store] : a.stores) b.stores[partition] = nullptr;
    CONNTRAIL_RETURN_IF_ERROR(FoldAnew(session, *directory, temporary.path(), b));
  } else {
    CONNTRAIL_ASSIGN_OR_RETURN(other, OpenLogAlone(session, options.with));
    CONNTRAIL_ASSIGN_OR_RETURN(b, OpenStores(*other));
    CONNTRAIL_RETURN_IF_ERROR(RefuseUnreadable(b));
    if (other->log().log_id() != directory->log().log_id()) {
      session.Note("A and B have different logs; they are compared all the same");
    }
  }
  std::vector<Answer> answers;
  for (const auto& [partition, store] : a.stores) {
    const auto found = b.stores.find(partition);
    if (found == b.stores.end()) {
      session.Note(fmt::format("B has no partition {}", partition.value));
      continue;
    }
    CONNTRAIL_ASSIGN_OR_RETURN(BisectAnswer bisected,
                               Bisect(store->NewSnapshot(), found->second->NewSnapshot(), partition,
                                      [](uint64_t) { return SignalCaught() == 0; }));
    if (bisected.seals == 0) {
      session.Note(
          fmt::format("partition {}: there is no seal that both have; every record was compared",
                      partition.value));
    }
    answers.push_back({partition, std::move(bisected)});
  }
  if (answers.empty()) return Status::NotFound("A and B have no partition in common");
  WriteDocument(session.sink(), session.style(), LinesOf(answers), ToJson(answers));
  for (const Answer& one : answers) {
    if (!one.bisected.is_equal()) return ExitCode::kDiffers;
  }
  return ExitCode::kOk;
}

}  // namespace

void AddReplayBisect(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "bisect", "The first record that is not equal in two stores, with both accounts",
      "  conntrail replay bisect --data A --with B\n"
      "  conntrail replay bisect --data A\n"
      "Without --with, A is compared with what this build makes of its log. The seals that\n"
      "both have are halved, and only what lies before the first that differs is read.\n"
      "Both stores are taken as they are. Exit code 1: they differ.");
  const auto options = std::make_shared<Options>();
  verb.add_option("--with", options->with, "The other data directory")->type_name("DIR");
  verb.add_flag_callback(
      "--json", [&line] { line.settings.format = Format::kJson; }, "The same as --output json");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
