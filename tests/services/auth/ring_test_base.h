#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "services/auth/key_material.h"
#include "services/auth/key_ring.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/manual_clock.h"

namespace conntrail {

// A key of kind and owner whose text is `text`, named by it too.
inline KeyCreated KeyWith(std::string_view text, KeyKind kind, uint64_t rights,
                          std::optional<Principal> owner = {}) {
  KeyCreated created;
  created.key = KeyNamed(text);
  created.kind = kind;
  created.name = std::string(text);
  created.owner = owner;
  created.digest = KeyDigest(text);
  created.rights = rights;
  return created;
}

// A log, a store in step with it, and a ring that is told of each batch, as in the server. Two orgs
// are open: Acme and Zenith.
class RingTest : public testing::Test {
 protected:
  static constexpr PartitionId kPartition{0};
  static OrgId Zenith() { return OrgNamed("zenith"); }

  void SetUp() override {
    projector_ = Projector::Open(log_, store_, kPartition, {.batch_records_max = 3}).value();
    ASSERT_TRUE(ring_.Add(store_, kPartition).ok());
    projector_->set_listener([this](const std::vector<FoldedRecord>& records) {
      const Status status = ring_.Apply(kPartition, records);
      ASSERT_TRUE(status.ok()) << status.ToString();
    });
    Take(OfTheLog(OrgOpened{"acme"}).Id("open acme"));
    Take(OfTheLog(OrgOpened{"zenith"}).Org(Zenith()).Id("open zenith"));
  }

  // Appends, folds and tells the ring.
  void Take(const Event& event) {
    ASSERT_TRUE(log_.Append(kPartition, event.org, EncodeEvent(event)).ok());
    const Status status = projector_->CatchUp();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
  MemoryStore store_;
  KeyRing ring_;
  std::unique_ptr<Projector> projector_;
};

}  // namespace conntrail
