#include "projections/store/trail_row.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "events/base/bytes.h"
#include "projections/store/keys.h"
#include "tests/support/event_generators.h"

namespace conntrail {
namespace {

constexpr keys::OrgAddress kOrg{PartitionId(1), OrgSlot(2)};

TrailLine SampleLine() {
  TrailLine line;
  line.place = {1'714'564'800'123, OrgIndex(77)};
  line.verdict = Verdict::kRejected;
  line.type = EventType::kPolicyPatched;
  line.interface = Interface::kTerraform;
  line.reason = Reason::kSelfLockout;
  line.marks = mark::kGap | mark::kProducerGap;
  line.revision = Revision(0x0102030405060708);
  line.event = {{0x1011121314151617, 0x18191A1B1C1D1E1F}};
  line.actor = Principal::ServiceAccount({0x2021222324252627, 0x28292A2B2C2D2E2F});
  line.subject = {EntityKind::kConnection, {0x3031323334353637, 0x38393A3B3C3D3E3F}, {}};
  line.occurred_at_ms = 0x0000414243444546;
  return line;
}

TrailRow SampleRow() {
  TrailRow row;
  row.line = SampleLine();
  row.rules = RulesVersion(0x51525354);
  row.slot = 0x55565758;
  row.first = OrgIndex(0x5960616263646566);
  row.idempotency_key = {0x6768697071727374, 0x7576777879808182};
  row.request_mark = 0x83848586;
  row.append_time_ms = 0x0000878889909192;
  row.event = "event";
  return row;
}

std::string KeyOf(const TrailLine& line) { return keys::Trail(kOrg, line.place); }

std::string LineBytes(const TrailLine& line) {
  std::string bytes;
  AppendLine(bytes, line);
  return bytes;
}
std::string RowBytes(const TrailRow& row) {
  std::string bytes;
  AppendTrailRow(bytes, row);
  return bytes;
}
std::string HistoryBytes(const HistoryRow& row) {
  std::string bytes;
  AppendHistoryRow(bytes, row);
  return bytes;
}

constexpr const char* kSampleLine =
    "01040a03002c0005"                    // layout, verdict, type, interface, reason, marks
    "0102030405060708"                    // revision
    "101112131415161718191a1b1c1d1e1f"    // event id
    "02202122232425262728292a2b2c2d2e2f"  // actor
    "01303132333435363738393a3b3c3d3e3f"  // subject
    "0000414243444546";                   // claimed time

// Stored: these never change.
TEST(TrailRows, AreLaidOutLikeThis) {
  const std::string line(kSampleLine);
  EXPECT_EQ(ToHex(AsBytes(LineBytes(SampleLine()))), line);
  EXPECT_EQ(ToHex(AsBytes(RowBytes(SampleRow()))),
            line + "51525354" + "55565758" + "5960616263646566" +
                "67686970717273747576777879808182" + "0000000083848586" + "0000878889909192" +
                ToHex(AsBytes("event")));
  EXPECT_EQ(ToHex(AsBytes(HistoryBytes({SampleLine(), "entity", {}}))),
            line + "01" + ToHex(AsBytes("entity")));
  EXPECT_EQ(ToHex(AsBytes(HistoryBytes({SampleLine(), "", Place{0x0102, OrgIndex(0x0304)}}))),
            line + "00" + "000000000102" + "000000000305");
  EXPECT_EQ(ToHex(AsBytes(HistoryBytes({SampleLine(), "", {}}))),
            line + "00" + std::string(24, '0'));
}

TEST(TrailRows, WhatIsNotThereIsAllOnesOrZero) {
  TrailRow row;
  EXPECT_EQ(ToHex(AsBytes(RowBytes(row))),
            "0100000000000000" + std::string(16 + 32 + 34 + 34, '0') + std::string(16, 'f') +
                "00000000" + "ffffffff" + std::string(16, 'f') + std::string(32 + 16 + 16, '0'));
}

std::optional<UnixMs> AnyTime() {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  return *rc::gen::inRange<UnixMs>(kTimeMsMin, kTimeMsMax);
}

TrailLine AnyLine() {
  TrailLine line;
  line.place = {*rc::gen::inRange<UnixMs>(kTimeMsMin, kTimeMsMax),
                OrgIndex(*rc::gen::inRange<uint64_t>(0, keys::kPlaceNumberMax))};
  line.verdict = static_cast<Verdict>(*rc::gen::inRange<int>(0, kVerdictMax + 1));
  line.type = static_cast<EventType>(*rc::gen::inRange<int>(0, kEventTypeMax + 1));
  line.interface = static_cast<Interface>(*rc::gen::inRange<int>(0, kInterfaceMax + 1));
  line.reason = static_cast<Reason>(*rc::gen::arbitrary<uint16_t>());
  line.marks = *rc::gen::arbitrary<uint16_t>();
  line.revision = Revision(*rc::gen::arbitrary<uint64_t>());
  line.event = {(*AnyPrincipal()).id};
  if (*rc::gen::arbitrary<bool>()) line.actor = *AnyPrincipal();
  if (*rc::gen::arbitrary<bool>()) {
    line.subject.kind = static_cast<EntityKind>(*rc::gen::inRange<int>(1, 8));
    line.subject.id = (*AnyPrincipal()).id;
  }
  line.occurred_at_ms = AnyTime();
  return line;
}

TEST(TrailRows, AreReadAsTheyWereWritten) {
  EXPECT_TRUE(rc::check([] {
    const TrailLine line = AnyLine();
    TrailLine read_line;
    RC_ASSERT(ReadLine(KeyOf(line), LineBytes(line), read_line).ok());
    RC_ASSERT(read_line == line);

    TrailRow row;
    row.line = line;
    row.rules = RulesVersion(*rc::gen::arbitrary<uint32_t>());
    if (*rc::gen::arbitrary<bool>()) row.slot = *rc::gen::inRange<uint32_t>(0, UINT32_MAX);
    if (*rc::gen::arbitrary<bool>()) row.first = OrgIndex(*rc::gen::inRange<uint64_t>(0, 1 << 30));
    row.idempotency_key = (*AnyPrincipal()).id;
    row.request_mark = *rc::gen::arbitrary<uint64_t>();
    row.append_time_ms = *rc::gen::inRange<UnixMs>(0, kTimeMsMax);
    const std::string event = *rc::gen::arbitrary<std::string>();
    row.event = event;
    const std::string bytes = RowBytes(row);
    TrailRow read = SampleRow();  // of an earlier row: all of it must be overwritten
    RC_ASSERT(ReadTrailRow(KeyOf(line), bytes, read).ok());
    RC_ASSERT(RowBytes(read) == bytes);
    RC_ASSERT(read.line == line);
    RC_ASSERT(read.slot == row.slot);
    RC_ASSERT(read.first == row.first);
    RC_ASSERT(read.event == row.event);
    // A trail row begins with the line.
    RC_ASSERT(ReadLine(KeyOf(line), bytes, read_line).ok());
    RC_ASSERT(read_line == line);

    const std::string entity = *rc::gen::arbitrary<std::string>();
    HistoryRow history{line, entity, {}};
    if (entity.empty() && *rc::gen::arbitrary<bool>()) {
      history.changed = Place{*rc::gen::inRange<UnixMs>(0, kTimeMsMax),
                              OrgIndex(*rc::gen::inRange<uint64_t>(0, 1 << 30))};
    }
    const std::string history_bytes = HistoryBytes(history);
    HistoryRow read_history{{}, "before", Place{1, OrgIndex(1)}};
    RC_ASSERT(ReadHistoryRow(KeyOf(line), history_bytes, read_history).ok());
    RC_ASSERT(read_history.line == line);
    RC_ASSERT(read_history.entity == entity);
    RC_ASSERT(read_history.changed == history.changed);
  }));
}

// Reads `value`, which is in memory of exactly its size, in all three ways.
void ReadAll(const std::string& key, std::string_view value, Status (&read)[3]) {
  const std::vector<char> exact(value.begin(), value.end());
  const std::string_view bytes(exact.data(), exact.size());
  TrailLine line;
  TrailRow row;
  HistoryRow history;
  read[0] = ReadLine(key, bytes, line);
  read[1] = ReadTrailRow(key, bytes, row);
  read[2] = ReadHistoryRow(key, bytes, history);
  for (const Status& status : read) {
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kCorruption) << status.ToString();
  }
}

TEST(TrailRows, ACutValueIsCorruption) {
  const std::string key = KeyOf(SampleLine());
  const std::string row = RowBytes(SampleRow());
  const std::string none = HistoryBytes({SampleLine(), "", {}});
  const size_t header = row.size() - 5;
  Status read[3];
  for (size_t size = 0; size <= row.size(); ++size) {
    ReadAll(key, std::string_view(row).substr(0, size), read);
    EXPECT_EQ(read[0].ok(), size >= kLineBytes) << size;
    EXPECT_EQ(read[1].ok(), size >= header) << size;
  }
  for (size_t size = 0; size < none.size(); ++size) {
    ReadAll(key, std::string_view(none).substr(0, size), read);
    EXPECT_FALSE(read[2].ok()) << size;
  }
  ReadAll(key, none + "x", read);
  EXPECT_FALSE(read[2].ok());
  ReadAll(key, LineBytes(SampleLine()) + "\x01", read);
  EXPECT_FALSE(read[2].ok()) << "a change without its entity";
  ReadAll(key.substr(0, keys::kPlaceBytes - 1), row, read);
  for (const Status& status : read) EXPECT_FALSE(status.ok()) << "a key without a place";
}

TEST(TrailRows, AnyChangedByteIsAnotherValueOrCorruption) {
  const std::string key = KeyOf(SampleLine());
  for (const std::string& bytes :
       {RowBytes(SampleRow()), HistoryBytes({SampleLine(), "entity", {}}),
        HistoryBytes({SampleLine(), "", Place{5, OrgIndex(7)}})}) {
    for (size_t at = 0; at < bytes.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(value);
        Status read[3];
        ReadAll(key, changed, read);
        TrailLine line;
        if (!ReadLine(key, changed, line).ok() || changed == bytes) continue;
        if (at >= kLineBytes) {
          EXPECT_EQ(line, SampleLine());
        } else {
          EXPECT_NE(line, SampleLine()) << at << " " << value;
          // What is read can be named: nothing lies outside of its enum.
          EXPECT_LE(static_cast<int>(line.verdict), kVerdictMax);
          EXPECT_LE(static_cast<int>(line.type), kEventTypeMax);
          EXPECT_LE(static_cast<int>(line.interface), kInterfaceMax);
        }
      }
    }
  }
}

}  // namespace
}  // namespace conntrail
