#include "services/api/connection_paths.h"

#include <algorithm>

#include <fmt/ranges.h>

namespace conntrail::api {
namespace {

constexpr std::string_view kTypeSuffix = ".type";

// The entries by name: what stands below `path`, one step down.
std::vector<std::string> EntriesByName(const Fields& fields, std::string_view path,
                                       CatalogFieldKind kind) {
  const std::string prefix = std::string(path) + '.';
  std::vector<std::string> names;
  const auto first =
      std::lower_bound(fields.begin(), fields.end(), prefix,
                       [](const Field& field, const std::string& p) { return field.path < p; });
  for (auto at = first; at != fields.end() && at->path.starts_with(prefix); ++at) {
    std::string_view name = std::string_view(at->path).substr(prefix.size());
    if (kind == CatalogFieldKind::kNamedSecrets) {
      if (!name.ends_with(kTypeSuffix)) continue;
      name.remove_suffix(kTypeSuffix.size());
    }
    if (!name.empty() && name.find_first_of(".,") == std::string_view::npos) {
      names.emplace_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string_view TextAt(const Fields& fields, std::string_view path) {
  const FieldValue* value = FindField(fields, path);
  const std::string* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string_view() : *text;
}

std::vector<std::string> EntriesOf(const Fields& fields, std::string_view path,
                                   CatalogFieldKind kind) {
  std::vector<std::string> left = EntriesByName(fields, path, kind);
  std::string_view order = TextAt(fields, path);
  std::vector<std::string> names;
  while (!order.empty()) {
    const std::string_view name = order.substr(0, order.find(','));
    order.remove_prefix(std::min(order.size(), name.size() + 1));
    const auto found = std::find(left.begin(), left.end(), name);
    if (found == left.end()) continue;  // it went, by an edit that did not see this order
    names.push_back(std::move(*found));
    left.erase(found);
  }
  std::move(left.begin(), left.end(), std::back_inserter(names));
  return names;
}

std::string OrderOf(const std::vector<std::string>& names) {
  if (std::is_sorted(names.begin(), names.end())) return {};
  return fmt::format("{}", fmt::join(names, ","));
}

Described DescribedBy(const Fields& fields) {
  Described described;
  described.integration = FindIntegrationType(TextAt(fields, kIntegrationTypePath));
  if (described.integration == nullptr) return described;
  described.variant = described.integration->Find(TextAt(fields, kCredentialsTypePath));
  return described;
}

}  // namespace conntrail::api
