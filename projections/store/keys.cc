#include "projections/store/keys.h"

#include <algorithm>

#include "events/base/bytes.h"
#include "events/base/check.h"

namespace conntrail::keys {
namespace {

constexpr size_t kOrgBytes = 6;
constexpr char kOrgTag = 0x01;
constexpr char kBlockTag = 0x02;
constexpr char kEntityTag = 0x10;

void AppendOrg(Key& key, const OrgAddress& org) {
  key.Append(org.partition.value, 2);
  key.Append(org.slot.value, 4);
}

void AppendUuid(Key& key, const Uuid& id) {
  key.Append(id.hi, 8);
  key.Append(id.lo, 8);
}

Key OrgKey(const OrgAddress& org) {
  Key key;
  AppendOrg(key, org);
  return key;
}

}  // namespace

void AppendPlace(Key& key, const Place& place) {
  const uint64_t time = static_cast<uint64_t>(std::max<UnixMs>(place.time_ms, 0));
  key.Append(kPlaceNumberMax - std::min(time, kPlaceNumberMax), 6);
  key.Append(kPlaceNumberMax - std::min(place.index.value, kPlaceNumberMax), 6);
}

Key PartitionRow(PartitionId partition) {
  Key key = OrgKey({partition, OrgSlot(0xFFFFFFFF)});
  key.Append(0, 1);
  return key;
}

Key OrgRow(const OrgAddress& org) {
  Key key = OrgKey(org);
  key.Append(static_cast<uint8_t>(kOrgTag), 1);
  return key;
}

Key BlockRow(const OrgAddress& org, uint64_t block) {
  Key key = OrgKey(org);
  key.Append(static_cast<uint8_t>(kBlockTag), 1);
  key.Append(block, 6);
  return key;
}

Key EntityPrefix(const OrgAddress& org, EntityKind kind) {
  Key key = OrgKey(org);
  key.Append(static_cast<uint8_t>(kEntityTag), 1);
  key.Append(static_cast<uint8_t>(kind), 1);
  return key;
}

Key EntityRow(const OrgAddress& org, const EntityKey& entity) {
  Key key = EntityPrefix(org, entity.kind);
  AppendUuid(key, entity.id);
  if (!IsVersioned(entity.kind)) AppendUuid(key, entity.other);
  return key;
}

Key UsePrefix(const OrgAddress& org, const ConnectionId& connection) {
  Key key = EntityPrefix(org, EntityKind::kUse);
  AppendUuid(key, connection.uuid);
  return key;
}

Key HistoryPrefix(const OrgAddress& org, EntityKind kind, const Uuid& id) {
  Key key = OrgKey(org);
  key.Append(static_cast<uint8_t>(kind), 1);
  AppendUuid(key, id);
  return key;
}

Key History(const OrgAddress& org, EntityKind kind, const Uuid& id, const Place& place) {
  Key key = HistoryPrefix(org, kind, id);
  AppendPlace(key, place);
  return key;
}

Key TrailPrefix(const OrgAddress& org) { return OrgKey(org); }

Key Trail(const OrgAddress& org, const Place& place) {
  Key key = OrgKey(org);
  AppendPlace(key, place);
  return key;
}

Key ActorPrefix(const OrgAddress& org, const Uuid& account) {
  Key key = OrgKey(org);
  AppendUuid(key, account);
  return key;
}

Key Actor(const OrgAddress& org, const Uuid& account, const Place& place) {
  Key key = ActorPrefix(org, account);
  AppendPlace(key, place);
  return key;
}

Key OrgRowsPrefix(PartitionId partition) {
  Key key;
  key.Append(partition.value, 2);
  return key;
}

bool IsOrgRow(std::string_view key) { return key.size() == kOrgBytes + 1 && key.back() == kOrgTag; }

Place PlaceOf(std::string_view key) {
  CONNTRAIL_CHECK(key.size() >= kPlaceBytes);
  const std::string_view place = key.substr(key.size() - kPlaceBytes);
  return {static_cast<UnixMs>(kPlaceNumberMax - ReadBigEndian(place.substr(0, 6))),
          OrgIndex(kPlaceNumberMax - ReadBigEndian(place.substr(6)))};
}

Uuid EntityIdOf(std::string_view key) {
  constexpr size_t kIdAt = kOrgBytes + 2;
  CONNTRAIL_CHECK(key.size() >= kIdAt + 16);
  return {ReadBigEndian(key.substr(kIdAt, 8)), ReadBigEndian(key.substr(kIdAt + 8, 8))};
}

namespace {

constexpr size_t kRootBytes = 32;

enum class EvidenceTag : uint8_t {
  kTree = 1,
  kNode = 2,
  kHead = 3,
  kSeal = 4,
  kSigned = 5,
  kDissent = 6
};

Key EvidencePrefix(PartitionId partition, EvidenceTag tag) {
  Key key;
  key.Append(partition.value, 2);
  key.Append(static_cast<uint8_t>(tag), 1);
  return key;
}

Key EvidencePrefix(const OrgAddress& org, EvidenceTag tag) {
  Key key = EvidencePrefix(org.partition, tag);
  key.Append(org.slot.value, 4);
  return key;
}

// So that the greatest comes first.
void AppendCount(Key& key, uint64_t count) {
  key.Append(kPlaceNumberMax - std::min(count, kPlaceNumberMax), 6);
}

}  // namespace

Key TreePrefix(PartitionId partition) { return EvidencePrefix(partition, EvidenceTag::kTree); }

Key TreeRow(const OrgAddress& org) { return EvidencePrefix(org, EvidenceTag::kTree); }

Key NodePrefix(const OrgAddress& org, int level) {
  Key key = EvidencePrefix(org, EvidenceTag::kNode);
  key.Append(static_cast<uint64_t>(level), 1);
  return key;
}

Key NodeRow(const OrgAddress& org, int level, uint64_t index) {
  Key key = NodePrefix(org, level);
  key.Append(index, 6);
  return key;
}

Key HeadPrefix(const OrgAddress& org) { return EvidencePrefix(org, EvidenceTag::kHead); }

Key HeadRow(const OrgAddress& org, uint64_t seal) {
  Key key = HeadPrefix(org);
  AppendCount(key, seal);
  return key;
}

Key SealPrefix(PartitionId partition) { return EvidencePrefix(partition, EvidenceTag::kSeal); }

Key SealRow(PartitionId partition, uint64_t seal) {
  Key key = SealPrefix(partition);
  AppendCount(key, seal);
  return key;
}

Key DissentPrefix(PartitionId partition) {
  return EvidencePrefix(partition, EvidenceTag::kDissent);
}

Key DissentRow(PartitionId partition, uint64_t seal) {
  Key key = DissentPrefix(partition);
  AppendCount(key, seal);
  return key;
}

Key SignedRowsPrefix(PartitionId partition) {
  return EvidencePrefix(partition, EvidenceTag::kSigned);
}

Key SignedPrefix(const OrgAddress& org) { return EvidencePrefix(org, EvidenceTag::kSigned); }

Key SignedRow(const OrgAddress& org, uint64_t size, std::string_view root) {
  CONNTRAIL_CHECK(root.size() == kRootBytes);
  Key key = SignedPrefix(org);
  AppendCount(key, size);
  for (size_t at = 0; at < kRootBytes; at += 8) key.Append(ReadBigEndian(root.substr(at, 8)), 8);
  return key;
}

uint64_t SignedSizeOf(std::string_view key) {
  return CountOf(key.substr(0, key.size() - kRootBytes));
}

std::string_view SignedRootOf(std::string_view key) { return key.substr(key.size() - kRootBytes); }

uint64_t CountOf(std::string_view key) {
  return kPlaceNumberMax - ReadBigEndian(key.substr(key.size() - 6));
}

OrgSlot EvidenceSlotOf(std::string_view key) {
  return OrgSlot(static_cast<uint32_t>(ReadBigEndian(key.substr(3, 4))));
}

}  // namespace conntrail::keys
