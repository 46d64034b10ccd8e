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

void AppendOrg(std::string& key, const OrgAddress& org) {
  AppendBigEndian(key, org.partition.value, 2);
  AppendBigEndian(key, org.slot.value, 4);
}

void AppendUuid(std::string& key, const Uuid& id) {
  AppendBigEndian(key, id.hi, 8);
  AppendBigEndian(key, id.lo, 8);
}

std::string OrgKey(const OrgAddress& org) {
  std::string key;
  key.reserve(48);
  AppendOrg(key, org);
  return key;
}

}  // namespace

void AppendPlace(std::string& key, const Place& place) {
  const uint64_t time = static_cast<uint64_t>(std::max<UnixMs>(place.time_ms, 0));
  AppendBigEndian(key, kPlaceNumberMax - std::min(time, kPlaceNumberMax), 6);
  AppendBigEndian(key, kPlaceNumberMax - std::min(place.index.value, kPlaceNumberMax), 6);
}

std::string PartitionRow(PartitionId partition) {
  std::string key = OrgKey({partition, OrgSlot(0xFFFFFFFF)});
  key.push_back(0);
  return key;
}

std::string OrgRow(const OrgAddress& org) {
  std::string key = OrgKey(org);
  key.push_back(kOrgTag);
  return key;
}

std::string BlockRow(const OrgAddress& org, uint64_t block) {
  std::string key = OrgKey(org);
  key.push_back(kBlockTag);
  AppendBigEndian(key, block, 6);
  return key;
}

std::string EntityPrefix(const OrgAddress& org, EntityKind kind) {
  std::string key = OrgKey(org);
  key.push_back(kEntityTag);
  key.push_back(static_cast<char>(kind));
  return key;
}

std::string EntityRow(const OrgAddress& org, const EntityKey& entity) {
  std::string key = EntityPrefix(org, entity.kind);
  AppendUuid(key, entity.id);
  if (!IsVersioned(entity.kind)) AppendUuid(key, entity.other);
  return key;
}

std::string UsePrefix(const OrgAddress& org, const ConnectionId& connection) {
  std::string key = EntityPrefix(org, EntityKind::kUse);
  AppendUuid(key, connection.uuid);
  return key;
}

std::string HistoryPrefix(const OrgAddress& org, EntityKind kind, const Uuid& id) {
  std::string key = OrgKey(org);
  key.push_back(static_cast<char>(kind));
  AppendUuid(key, id);
  return key;
}

std::string History(const OrgAddress& org, EntityKind kind, const Uuid& id, const Place& place) {
  std::string key = HistoryPrefix(org, kind, id);
  AppendPlace(key, place);
  return key;
}

std::string TrailPrefix(const OrgAddress& org) { return OrgKey(org); }

std::string Trail(const OrgAddress& org, const Place& place) {
  std::string key = OrgKey(org);
  AppendPlace(key, place);
  return key;
}

std::string ActorPrefix(const OrgAddress& org, const Uuid& account) {
  std::string key = OrgKey(org);
  AppendUuid(key, account);
  return key;
}

std::string Actor(const OrgAddress& org, const Uuid& account, const Place& place) {
  std::string key = ActorPrefix(org, account);
  AppendPlace(key, place);
  return key;
}

std::string OrgRowsPrefix(PartitionId partition) {
  std::string key;
  AppendBigEndian(key, partition.value, 2);
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

}  // namespace conntrail::keys
