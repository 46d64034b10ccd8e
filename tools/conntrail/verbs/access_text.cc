#include "tools/conntrail/verbs/access_text.h"

#include "events/model/field_json.h"

namespace conntrail {

std::string DescribePath(const AccessPath& path) {
  const std::string relation(RelationName(path.grant.relation));
  const std::string who = path.grant.principal.ToString();
  const std::string since = FormatTime(path.granted.time_ms);
  if (path.by_default)
    return relation + " by default, without a policy: " + who + " since " + since;
  if (!path.joined) return relation + " granted to " + who + " since " + since;
  const std::string group = path.group_name.empty() ? who : path.group_name + " (" + who + ")";
  return relation + " granted to " + group + " since " + since + ", member since " +
         FormatTime(path.joined->time_ms);
}

void WritePaths(JsonWriter& out, const std::vector<AccessPath>& paths) {
  out.BeginArray();
  for (const AccessPath& path : paths) {
    out.BeginObject();
    out.Name("default");
    out.Bool(path.by_default);
    out.Name("grant");
    WriteGrant(out, path.grant);
    out.Name("granted_at");
    out.Text(FormatTime(path.granted.time_ms));
    if (path.joined) {
      out.Name("group_name");
      out.Text(path.group_name);
      out.Name("joined_at");
      out.Text(FormatTime(path.joined->time_ms));
    }
    out.EndObject();
  }
  out.EndArray();
}

void AddRelationOption(CLI::App& verb, std::string& relation) {
  verb.add_option("--relation", relation, "At least this relation (viewer)")
      ->type_name("RELATION")
      ->check(CLI::IsMember({"viewer", "resolver", "editor"}));
}

}  // namespace conntrail
