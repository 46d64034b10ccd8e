#include "projections/store/trail_row.h"

#include "projections/store/keys.h"

namespace conntrail {
namespace {

constexpr uint8_t kLayout = 1;
constexpr uint64_t kNone64 = ~uint64_t{0};
constexpr uint32_t kNone32 = ~uint32_t{0};
constexpr size_t kTrailHeaderBytes = kLineBytes + 4 + 4 + 8 + 16 + 8 + 8;

// Fixed-width fields, front to back.
class FieldWriter {
 public:
  explicit FieldWriter(char* to) : to_(to) {}
  template <int kWidth>
  void Number(uint64_t value) {
    for (int i = kWidth - 1; i >= 0; --i, value >>= 8) to_[i] = static_cast<char>(value);
    to_ += kWidth;
  }
  void Id(const Uuid& id) {
    Number<8>(id.hi);
    Number<8>(id.lo);
  }

 private:
  char* to_;
};

class FieldReader {
 public:
  explicit FieldReader(const char* from) : from_(from) {}
  template <int kWidth>
  uint64_t Number() {
    uint64_t value = 0;
    for (int i = 0; i < kWidth; ++i) value = value << 8 | static_cast<unsigned char>(from_[i]);
    from_ += kWidth;
    return value;
  }
  Uuid Id() {
    Uuid id;
    id.hi = Number<8>();
    id.lo = Number<8>();
    return id;
  }

 private:
  const char* from_;
};

Status Damaged(std::string_view what, std::string_view key) {
  return Status::Corruption(std::string(what) + " row at key " + ToHex(AsBytes(key)) +
                            " is not of this build's layout; rebuild the projection");
}

// True if nothing lies outside of its enum or of the times there are, and nobody has no id.
bool IsSound(const TrailLine& line, const Principal& actor) {
  return static_cast<uint8_t>(line.verdict) <= kVerdictMax &&
         static_cast<uint8_t>(line.type) <= kEventTypeMax &&
         static_cast<uint8_t>(line.interface) <= kInterfaceMax &&
         static_cast<uint8_t>(actor.kind) <= kPrincipalKindMax &&
         (actor.kind != PrincipalKind::kNone || actor.id.is_nil()) &&
         line.subject.kind <= EntityKind::kOrg && line.occurred_at_ms.value_or(0) >= kTimeMsMin &&
         line.occurred_at_ms.value_or(0) <= kTimeMsMax;
}

}  // namespace

void AppendLine(std::string& out, const TrailLine& line) {
  const size_t begin = out.size();
  out.resize(begin + kLineBytes);
  FieldWriter to(out.data() + begin);
  to.Number<1>(kLayout);
  to.Number<1>(static_cast<uint64_t>(line.verdict));
  to.Number<1>(static_cast<uint64_t>(line.type));
  to.Number<1>(static_cast<uint64_t>(line.interface));
  to.Number<2>(static_cast<uint64_t>(line.reason));
  to.Number<2>(line.marks);
  to.Number<8>(line.revision.value);
  to.Id(line.event.uuid);
  const Principal actor = line.actor.value_or(Principal{});
  to.Number<1>(static_cast<uint64_t>(actor.kind));
  to.Id(actor.id);
  to.Number<1>(static_cast<uint64_t>(line.subject.kind));
  to.Id(line.subject.id);
  to.Number<8>(line.occurred_at_ms ? static_cast<uint64_t>(*line.occurred_at_ms) : kNone64);
}

Status ReadLine(std::string_view key, std::string_view value, TrailLine& line) {
  if (key.size() < keys::kPlaceBytes || value.size() < kLineBytes) return Damaged("trail", key);
  FieldReader from(value.data());
  if (from.Number<1>() != kLayout) return Damaged("trail", key);
  line.place = keys::PlaceOf(key);
  line.verdict = static_cast<Verdict>(from.Number<1>());
  line.type = static_cast<EventType>(from.Number<1>());
  line.interface = static_cast<Interface>(from.Number<1>());
  line.reason = static_cast<Reason>(from.Number<2>());
  line.marks = static_cast<uint16_t>(from.Number<2>());
  line.revision = Revision(from.Number<8>());
  line.event = {from.Id()};
  Principal actor;
  actor.kind = static_cast<PrincipalKind>(from.Number<1>());
  actor.id = from.Id();
  line.actor.reset();
  if (actor.kind != PrincipalKind::kNone) line.actor = actor;
  line.subject.kind = static_cast<EntityKind>(from.Number<1>());
  line.subject.id = from.Id();
  line.subject.other = {};
  const uint64_t occurred = from.Number<8>();
  line.occurred_at_ms.reset();
  if (occurred != kNone64) line.occurred_at_ms = static_cast<UnixMs>(occurred);
  return IsSound(line, actor) ? Status::Ok() : Damaged("trail", key);
}

void AppendTrailHeader(std::string& out, const TrailRow& row) {
  AppendLine(out, row.line);
  const size_t begin = out.size();
  out.resize(begin + kTrailHeaderBytes - kLineBytes);
  FieldWriter to(out.data() + begin);
  to.Number<4>(row.rules.value);
  to.Number<4>(row.slot.value_or(kNone32));
  to.Number<8>(row.first ? row.first->value : kNone64);
  to.Id(row.idempotency_key);
  to.Number<8>(row.request_mark);
  to.Number<8>(static_cast<uint64_t>(row.append_time_ms));
}

void AppendTrailRow(std::string& out, const TrailRow& row) {
  AppendTrailHeader(out, row);
  out.append(row.event);
}

Status ReadTrailRow(std::string_view key, std::string_view value, TrailRow& row) {
  if (value.size() < kTrailHeaderBytes) return Damaged("trail", key);
  CONNTRAIL_RETURN_IF_ERROR(ReadLine(key, value, row.line));
  FieldReader from(value.data() + kLineBytes);
  row.rules = RulesVersion(static_cast<uint32_t>(from.Number<4>()));
  const uint32_t slot = static_cast<uint32_t>(from.Number<4>());
  row.slot.reset();
  if (slot != kNone32) row.slot = slot;
  const uint64_t first = from.Number<8>();
  row.first.reset();
  if (first != kNone64) row.first = OrgIndex(first);
  row.idempotency_key = from.Id();
  row.request_mark = from.Number<8>();
  row.append_time_ms = static_cast<UnixMs>(from.Number<8>());
  row.event = value.substr(kTrailHeaderBytes);
  return Status::Ok();
}

void AppendHistoryRow(std::string& out, const HistoryRow& row) {
  AppendLine(out, row.line);
  out.push_back(row.entity.empty() ? 0 : 1);
  if (!row.entity.empty()) {
    out.append(row.entity);
    return;
  }
  const Place changed = row.changed.value_or(Place{});
  AppendBigEndian(out, static_cast<uint64_t>(changed.time_ms), 6);
  AppendBigEndian(out, row.changed ? changed.index.value + 1 : 0, 6);  // 0: there is none
}

Status ReadHistoryRow(std::string_view key, std::string_view value, HistoryRow& row) {
  if (value.size() <= kLineBytes) return Damaged("history", key);
  CONNTRAIL_RETURN_IF_ERROR(ReadLine(key, value, row.line));
  const std::string_view rest = value.substr(kLineBytes + 1);
  row.entity = {};
  row.changed.reset();
  if (value[kLineBytes] == 1 && !rest.empty()) {
    row.entity = rest;
    return Status::Ok();
  }
  if (value[kLineBytes] != 0 || rest.size() != keys::kPlaceBytes) return Damaged("history", key);
  const uint64_t index = ReadBigEndian(rest.substr(6));
  if (index != 0) {
    row.changed = {static_cast<UnixMs>(ReadBigEndian(rest.substr(0, 6))), OrgIndex(index - 1)};
  }
  return Status::Ok();
}

}  // namespace conntrail
