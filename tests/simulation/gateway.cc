#include "tests/simulation/gateway.h"

#include "events/base/check.h"

namespace conntrail {

void Gateway::Send(const Event& event) {
  CONNTRAIL_CHECK(!sending_);
  sending_ = Sending{event, EncodeEvent(event)};
}

bool Gateway::Try(EventLog& log) {
  if (!sending_) return true;
  const Result<Offset> offset = log.Append(PartitionId(0), sending_->event.org, sending_->payload);
  if (!offset.ok()) {
    CONNTRAIL_CHECK(offset.status().code() == StatusCode::kUnavailable);
    ++retries_;
    return false;
  }
  waiting_[*offset] = sending_->event.id;
  acknowledged_.push_back({sending_->event.id, *offset, std::move(sending_->payload)});
  sending_.reset();
  return true;
}

void Gateway::Hear(const FoldedRecord& record) {
  const auto waiting = waiting_.find(record.offset);
  if (waiting == waiting_.end()) return;
  answers_.push_back({waiting->second, record.org, record.line, record.first});
  waiting_.erase(waiting);
}

}  // namespace conntrail
