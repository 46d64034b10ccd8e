#include "projections/fold/entity.h"

#include <algorithm>
#include <utility>

#include "events/base/sha256.h"

namespace conntrail {
namespace {

struct KindName {
  EntityKind kind;
  std::string_view name;
};
constexpr KindName kKindNames[] = {
    {EntityKind::kConnection, "connection"},
    {EntityKind::kAccount, "account"},
    {EntityKind::kGroup, "group"},
    {EntityKind::kWorkflow, "workflow"},
    {EntityKind::kIntegration, "integration"},
    {EntityKind::kKey, "key"},
    {EntityKind::kOrg, "org"},
    {EntityKind::kProducer, "producer"},
    {EntityKind::kUse, "use"},
};

// Joins the two gaps that have the fewest numbers between them, so that as few as can be are taken
// for missing that are not.
void JoinGapsBeyondLimit(std::vector<std::pair<uint64_t, uint64_t>>& gaps) {
  if (gaps.size() <= Producer::kGapsMax) return;
  size_t closest = 1;
  const auto between = [&](size_t i) { return gaps[i].first - gaps[i - 1].second; };
  for (size_t i = 2; i < gaps.size(); ++i) {
    if (between(i) < between(closest)) closest = i;
  }
  gaps[closest - 1].second = gaps[closest].second;
  gaps.erase(gaps.begin() + static_cast<ptrdiff_t>(closest));
}

}  // namespace

std::string_view EntityKindName(EntityKind kind) {
  for (const KindName& entry : kKindNames) {
    if (entry.kind == kind) return entry.name;
  }
  return "none";
}

std::optional<EntityKind> ParseEntityKind(std::string_view name) {
  for (const KindName& entry : kKindNames) {
    if (entry.name == name) return entry.kind;
  }
  return std::nullopt;
}

EntityKey KeyOf(const Principal& principal) {
  if (principal.is_account()) return {EntityKind::kAccount, principal.id, {}};
  if (principal.is_group()) return {EntityKind::kGroup, principal.id, {}};
  return {};
}

EntityKey ProducerKeyOf(std::string_view producer) {
  char packed[32] = {};
  if (producer.size() < sizeof(packed)) {
    packed[0] = static_cast<char>(producer.size());
    std::copy(producer.begin(), producer.end(), packed + 1);
  } else {
    const Digest digest = Sha256(AsBytes(producer));
    std::copy(digest.begin(), digest.end() - 1, packed + 1);
    packed[0] = static_cast<char>(0xFF);
  }
  const std::string_view bytes(packed, sizeof(packed));
  const auto number = [&](size_t at) { return ReadBigEndian(bytes.substr(at, 8)); };
  return {EntityKind::kProducer, {number(0), number(8)}, {number(16), number(24)}};
}

std::string_view Connection::name() const {
  const FieldValue* value = FindField(fields, "name");
  const std::string* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string_view() : *text;
}

const Member* Group::FindMember(const Principal& principal) const {
  for (const Member& member : members) {
    if (SamePrincipal(member.principal, principal)) return &member;
  }
  return nullptr;
}

bool Producer::HasSeen(uint64_t sequence) const {
  if (sequence > high) return false;
  return std::none_of(gaps.begin(), gaps.end(), [&](const auto& gap) {
    return gap.first <= sequence && sequence <= gap.second;
  });
}

bool Producer::Advance(uint64_t sequence) {
  if (sequence > high) {
    const bool passes_over = sequence != high + 1;
    if (passes_over) gaps.emplace_back(high + 1, sequence - 1);
    JoinGapsBeyondLimit(gaps);
    const bool is_first = std::exchange(high, sequence) == 0;
    return passes_over && !is_first;
  }
  for (auto gap = gaps.begin(); gap != gaps.end(); ++gap) {
    if (sequence < gap->first || gap->second < sequence) continue;
    const std::pair<uint64_t, uint64_t> rest{sequence + 1, gap->second};
    gap->second = sequence - 1;  // an empty range if it was the first
    const bool empty_before = gap->first > gap->second || sequence == 0;
    if (rest.first <= rest.second) gap = gaps.insert(gap + 1, rest) - 1;
    if (empty_before) gaps.erase(gap);
    JoinGapsBeyondLimit(gaps);
    break;
  }
  return false;
}

EntityKind KindOf(const Entity& entity) {
  static constexpr EntityKind kKinds[] = {
      EntityKind::kConnection,  EntityKind::kAccount, EntityKind::kGroup,    EntityKind::kWorkflow,
      EntityKind::kIntegration, EntityKind::kKey,     EntityKind::kProducer, EntityKind::kUse};
  return kKinds[entity.index()];
}

const Lifecycle* LifecycleOf(const Entity& entity) {
  return std::visit(
      [](const auto& e) -> const Lifecycle* {
        if constexpr (requires { e.life; }) {
          return &e.life;
        } else {
          return nullptr;
        }
      },
      entity);
}

}  // namespace conntrail
