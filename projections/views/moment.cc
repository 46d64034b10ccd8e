#include "projections/views/moment.h"

#include "events/base/number.h"

namespace conntrail {
namespace {

Result<uint64_t> NumberOf(std::string_view text, std::string_view what) {
  if (const auto number = ParseNumber<uint64_t>(text)) return *number;
  return Status::InvalidArgument("\"" + std::string(text) + "\" is not " + std::string(what));
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

Result<Moment> Moment::Parse(std::string_view text) {
  Moment moment;
  if (text == "now") return moment;
  if (TakePrefix(text, "time:")) {
    const std::optional<UnixMs> time = ParseTime(text);
    if (!time) {
      return Status::InvalidArgument("\"" + std::string(text) +
                                     "\" is not a time; write it like 2026-05-03T14:03:00Z");
    }
    return Moment::At(*time);
  }
  if (TakePrefix(text, "index:")) {
    CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t index, NumberOf(text, "an index of a record"));
    return Moment::AtIndex(OrgIndex(index));
  }
  if (TakePrefix(text, "seq:")) {
    moment.kind = Kind::kSequence;
    const size_t colon = text.rfind(':');
    if (colon != std::string_view::npos) {
      moment.producer = text.substr(0, colon);
      text.remove_prefix(colon + 1);
    }
    CONNTRAIL_ASSIGN_OR_RETURN(moment.sequence, NumberOf(text, "a number of a producer's event"));
    return moment;
  }
  return Status::InvalidArgument("\"" + std::string(text) +
                                 "\" is not a moment; use now, time:<RFC 3339>, index:<number>, "
                                 "seq:<number> or seq:<producer>:<number>");
}

}  // namespace conntrail
