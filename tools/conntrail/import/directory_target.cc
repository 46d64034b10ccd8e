#include "tools/conntrail/import/directory_target.h"

#include "events/event_codec.h"

namespace conntrail {

Result<ImportTarget::Org> DirectoryTarget::FindOrg(const std::string& name_or_id) {
  if (directory_ != nullptr) {
    if (!read_only_) CONNTRAIL_RETURN_IF_ERROR(directory_->CatchUp());
    Result<OrgView> view = directory_->View(name_or_id);
    if (!view.ok() && view.status().code() != StatusCode::kNotFound) return view.status();
    if (view.ok()) view_ = std::move(*view);
  }
  org_ = view_ ? Org{view_->state().id, view_->state().name, true}
               : Org{DataDirectory::IdOfOrg(name_or_id), name_or_id, false};
  return org_;
}

Result<std::vector<Producer>> DirectoryTarget::Producers() {
  return view_ ? view_->Producers() : std::vector<Producer>();
}

Result<std::optional<EventId>> DirectoryTarget::EventNumbered(const std::string& producer,
                                                              uint64_t sequence) {
  if (!view_) return std::optional<EventId>();
  Moment moment;
  moment.kind = Moment::Kind::kSequence;
  moment.sequence = sequence;
  moment.producer = producer;
  const Result<Place> place = view_->Resolve(moment);
  if (place.status().code() == StatusCode::kNotFound) return std::optional<EventId>();
  if (!place.ok()) return place.status();
  CONNTRAIL_ASSIGN_OR_RETURN(const TrailRecord record, view_->RecordAt(*place));
  return std::optional(record.line.event);
}

Result<std::vector<ImportOutcome>> DirectoryTarget::Append(std::span<const Event> events) {
  CONNTRAIL_CHECK(directory_ != nullptr && !read_only_ && !events.empty());
  if (!org_.is_open) {
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgId opened,
                               directory_->OpenOrg(org_.name, *events[0].recorded_at_ms));
    CONNTRAIL_CHECK(opened == org_.id);
    org_.is_open = true;
  }
  std::vector<Bytes> encoded;
  for (const Event& event : events) encoded.push_back(EncodeEvent(event));
  const std::vector<ByteSpan> payloads(encoded.begin(), encoded.end());
  if (!partition_) {
    CONNTRAIL_ASSIGN_OR_RETURN(partition_, directory_->PartitionOf(org_.id));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset first,
                             directory_->log().AppendAll(*partition_, org_.id, payloads));
  std::vector<ImportOutcome> outcomes;
  Projection& projection = directory_->projection(*partition_);
  Projector& projector = projection.projector();
  projector.set_listener([&](const std::vector<FoldedRecord>& folded) {
    for (const FoldedRecord& record : folded) {
      if (record.offset < first) continue;
      outcomes.push_back({ImportOutcome::Fate::kRecorded, record.line, {}});
    }
  });
  const Status applied = projection.CatchUp();
  projector.set_listener(nullptr);
  CONNTRAIL_RETURN_IF_ERROR(applied);
  return outcomes;
}

}  // namespace conntrail
