#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <unistd.h>

#include "events/event_codec.h"
#include "events/producer/outbox.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/replay.h"

namespace conntrail {

// A log that belongs to somebody else, so that it outlives the outbox that sends to it.
class LentLog final : public EventLog {
 public:
  explicit LentLog(EventLog& inner) : inner_(inner) {}

  Uuid log_id() const override { return inner_.log_id(); }
  uint16_t partition_count() const override { return inner_.partition_count(); }
  Result<Offset> Append(PartitionId p, const OrgId& key, ByteSpan payload) override {
    return inner_.Append(p, key, payload);
  }
  Result<Offset> AppendAll(PartitionId p, const OrgId& key,
                           const std::vector<ByteSpan>& payloads) override {
    return inner_.AppendAll(p, key, payloads);
  }
  Result<ReadBatch> Read(PartitionId p, Offset from, size_t bytes_max) override {
    return inner_.Read(p, from, bytes_max);
  }
  Result<Offset> End(PartitionId p) override { return inner_.End(p); }
  bool WaitFor(PartitionId p, Offset offset, std::chrono::milliseconds wait_max) override {
    return inner_.WaitFor(p, offset, wait_max);
  }

 private:
  EventLog& inner_;
};

inline OutboxTarget Lend(EventLog& log) {
  return [&log]() -> Result<std::unique_ptr<EventLog>> {
    return std::unique_ptr<EventLog>(std::make_unique<LentLog>(log));
  };
}

// A directory of its own for each test; gone afterwards.
class OutboxDirectory {
 public:
  OutboxDirectory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "conntrail-outbox-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~OutboxDirectory() { std::filesystem::remove_all(root_); }
  OutboxDirectory(const OutboxDirectory&) = delete;
  OutboxDirectory& operator=(const OutboxDirectory&) = delete;

  std::string root() const { return root_; }
  std::string path() const { return root_ + "/outbox"; }

 private:
  std::string root_;
};

inline OutboxOptions QuickOptions() {
  OutboxOptions options;
  options.producer = "platform";
  options.retry_wait = std::chrono::milliseconds(2);
  options.retry_wait_max = std::chrono::milliseconds(20);
  return options;
}

inline std::unique_ptr<Outbox> MustOpen(const std::string& directory, OutboxTarget target,
                                        OutboxOptions options = QuickOptions()) {
  auto outbox = Outbox::Open(directory, std::move(target), std::move(options));
  EXPECT_TRUE(outbox.ok()) << outbox.status().ToString();
  return outbox.ok() ? std::move(outbox).value() : nullptr;
}

// Opens Acme in partition 0 of `log`, with one connection: two records.
inline void OpenAcme(EventLog& log) {
  for (const Event& event : {OfTheLog(OrgOpened{"Acme"}), Observation(Create("pager"))}) {
    ASSERT_TRUE(log.Append(PartitionId(0), Acme(), EncodeEvent(event)).ok());
  }
}

// What the fold makes of the records of Acme that have a producer.
struct Tally {
  std::map<std::pair<std::string, uint64_t>, int> applied;  // by producer and number
  std::map<EventId, int> applied_ids;
  std::vector<uint64_t> order;  // of the numbers that were applied
  size_t duplicates = 0;
  size_t others = 0;
};
inline Tally TallyOf(EventLog& log) {
  Tally tally;
  Replay replay(log);
  for (const Replay::Record& record : replay.trail(Acme())) {
    const DecodedEvent decoded = DecodeEvent(record.payload);
    if (decoded.event.producer.empty()) continue;
    const uint64_t number = decoded.event.producer_sequence.value_or(0);
    switch (record.line().verdict) {
      case Verdict::kApplied:
        ++tally.applied[{decoded.event.producer, number}];
        ++tally.applied_ids[decoded.event.id];
        tally.order.push_back(number);
        break;
      case Verdict::kDuplicate:
        ++tally.duplicates;
        break;
      default:
        ++tally.others;
    }
  }
  return tally;
}

// Waits until `holds`; false after ten seconds.
template <typename Holds>
bool Await(Holds holds) {
  for (int i = 0; i < 2000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace conntrail
