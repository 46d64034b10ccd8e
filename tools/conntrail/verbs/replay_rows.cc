#include "tools/conntrail/verbs/replay_rows.h"

#include <fmt/format.h>

#include "events/model/field_json.h"
#include "projections/entity_json.h"
#include "tools/conntrail/verbs/access_text.h"
#include "tools/conntrail/verbs/change_text.h"
#include "tools/conntrail/verbs/connection_text.h"
#include "tools/conntrail/verbs/trail_rows.h"

namespace conntrail {
namespace {

void Text(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void WriteValue(JsonWriter& out, std::string_view name, const FieldValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return;
  out.Name(name);
  WriteFieldValue(out, value);
}

// Absent relations are left out.
void WriteRelation(JsonWriter& out, std::string_view name, Relation relation) {
  if (relation != Relation::kNone) Text(out, name, RelationName(relation));
}

std::string IndexOf(const std::optional<Deed>& deed) {
  return deed ? std::to_string(deed->place.index.value) : "";
}
std::string TimeOf(const std::optional<Deed>& deed) {
  return deed ? FormatTime(deed->place.time_ms) : "";
}

Shade ShadeOfAccess(const AccessDifference& difference) {
  return difference.after > difference.before ? Shade::kWarning : Shade::kGood;
}

std::string OutcomeText(const std::optional<TrailLine>& line) {
  if (!line) return "no record";
  return fmt::format("{} {}{}{}", EventTypeName(line->type), VerdictName(line->verdict),
                     line->reason == Reason::kNone ? "" : " ", ReasonName(line->reason));
}

}  // namespace

DifferenceRows::DifferenceRows(Session& session, std::vector<std::string> spans)
    : session_(session),
      spans_(std::move(spans)),
      rows_(session.MakeRows("differences", {{"change"},
                                             {"subject"},
                                             {"name", false, true},
                                             {"what", false, true},
                                             {"index", true},
                                             {"time"},
                                             {"by", false, true}})) {}

std::string DifferenceRows::DeedText(const std::optional<Deed>& deed) const {
  if (!deed) return "no record explains it";
  const std::string where = deed->span < spans_.size() ? " in " + spans_[deed->span] : "";
  return fmt::format("{} by {}, event {}{}", EventTypeName(deed->type),
                     deed->actor ? deed->actor->ToString() : "nobody named", deed->event.ToString(),
                     where);
}

void DifferenceRows::WriteDeed(JsonWriter& out, const std::optional<Deed>& deed) const {
  if (!deed) return;
  out.Name("by");
  out.BeginObject();
  if (deed->actor) Text(out, "actor", deed->actor->ToString());
  Text(out, "event", deed->event.ToString());
  if (deed->span < spans_.size()) Text(out, "in", spans_[deed->span]);
  out.Name("index");
  out.Uint(deed->place.index.value);
  Text(out, "time", FormatTime(deed->place.time_ms));
  Text(out, "type", EventTypeName(deed->type));
  out.EndObject();
}

bool DifferenceRows::Add(const EntityDifference& difference) {
  ++entities_;
  const auto json = [&](JsonWriter& out) {
    out.BeginObject();
    Text(out, "change", FateName(difference.fate));
    out.Name("fields");
    out.BeginArray();
    for (const EntityDifference::Field& field : difference.fields) {
      out.BeginObject();
      WriteValue(out, "after", field.change.after);
      WriteValue(out, "before", field.change.before);
      WriteDeed(out, field.by);
      Text(out, "path", field.change.path);
      out.EndObject();
    }
    out.EndArray();
    Text(out, "kind", "entity");
    Text(out, "name", difference.name);
    Text(out, "subject", SubjectText(difference.key));
    out.EndObject();
  };
  const auto cells = [&](const std::string& what, const std::optional<Deed>& deed) {
    return std::vector<Cell>{std::string(FateName(difference.fate)),
                             SubjectText(difference.key),
                             difference.name,
                             what,
                             IndexOf(deed),
                             TimeOf(deed),
                             deed ? DeedText(deed) : ""};
  };
  if (rows_.format() == Format::kCsv) {
    bool is_read = true;
    for (const EntityDifference::Field& field : difference.fields) {
      const std::string what = fmt::format("{}: {} → {}", field.change.path,
                                           TextOf(field.change.before), TextOf(field.change.after));
      is_read = rows_.Add({[&] { return cells(what, field.by); }, json});
    }
    return is_read;
  }
  const auto details = [&] {
    std::vector<Cell> lines;
    for (const EntityDifference::Field& field : difference.fields) {
      for (Cell& line : DescribeChanges({field.change})) lines.push_back(std::move(line));
      lines.emplace_back(
          fmt::format(
              "    {} {}",
              field.by ? fmt::format("index {}, {}:", IndexOf(field.by), TimeOf(field.by)) : "",
              DeedText(field.by)),
          Shade::kFaint);
    }
    return lines;
  };
  return rows_.Add(
      {[&] { return cells(fmt::format("{} fields", difference.fields.size()), std::nullopt); },
       json, details});
}

bool DifferenceRows::Add(const AccessDifference& difference) {
  const std::string_view change = ChangeName(difference);
  ++(change == "gained" ? gained_ : change == "lost" ? lost_ : other_access_);
  return rows_.Add({[&] {
                      const std::string relation =
                          difference.before == Relation::kNone ||
                                  difference.after == Relation::kNone
                              ? ""
                              : fmt::format("{} → {}: ", RelationName(difference.before),
                                            RelationName(difference.after));
                      return std::vector<Cell>{{std::string(change), ShadeOfAccess(difference)},
                                               difference.principal.ToString(),
                                               difference.connection_name,
                                               relation + DescribePath(difference.path),
                                               IndexOf(difference.by),
                                               TimeOf(difference.by),
                                               DeedText(difference.by)};
                    },
                    [&](JsonWriter& out) {
                      out.BeginObject();
                      WriteRelation(out, "after", difference.after);
                      WriteRelation(out, "before", difference.before);
                      WriteDeed(out, difference.by);
                      Text(out, "change", change);
                      Text(out, "connection", difference.connection.ToString());
                      Text(out, "kind", "access");
                      Text(out, "name", difference.connection_name);
                      Text(out, "principal", difference.principal.ToString());
                      out.Name("via");
                      WritePaths(out, {difference.path});
                      out.EndObject();
                    }});
}

bool DifferenceRows::AddTrail(const std::string& org, const TrailComparison& comparison) {
  ++others_;
  const TrailLine& first = comparison.a ? *comparison.a : *comparison.b;
  return rows_.Add({[&] {
                      return std::vector<Cell>{
                          {"trail", Shade::kBad},
                          "org " + org,
                          "",
                          fmt::format("A has {}, B has {}", OutcomeText(comparison.a),
                                      OutcomeText(comparison.b)),
                          std::to_string(first.place.index.value),
                          FormatTime(first.place.time_ms),
                          ""};
                    },
                    [&](JsonWriter& out) {
                      out.BeginObject();
                      if (comparison.a) {
                        out.Name("a");
                        WriteTrailLine(out, *comparison.a);
                      }
                      if (comparison.b) {
                        out.Name("b");
                        WriteTrailLine(out, *comparison.b);
                      }
                      out.Name("index");
                      out.Uint(first.place.index.value);
                      Text(out, "kind", "trail");
                      Text(out, "org", org);
                      out.EndObject();
                    }});
}

bool DifferenceRows::AddOrg(const std::string& org, const std::string& only_in) {
  ++others_;
  return rows_.Add({[&] {
                      return std::vector<Cell>{
                          {"org", Shade::kBad}, "org " + org, "", "only in " + only_in, "", "", ""};
                    },
                    [&](JsonWriter& out) {
                      out.BeginObject();
                      Text(out, "kind", "org");
                      Text(out, "only_in", only_in);
                      Text(out, "org", org);
                      out.EndObject();
                    }});
}

void DifferenceRows::Finish() {
  rows_.AddMember("summary",
                  fmt::format("{{\"changed_access\":{},\"entities\":{},\"gained\":{},\"lost\":{}}}",
                              other_access_, entities_, gained_, lost_));
  rows_.Finish();
  session_.Note(fmt::format("{} entities differ; access: {} gained, {} lost, {} raised or lowered",
                            entities_, gained_, lost_, other_access_));
}

}  // namespace conntrail
