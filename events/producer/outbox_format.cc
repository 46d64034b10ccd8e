#include "events/producer/outbox_format.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/number.h"

namespace conntrail {
namespace {

constexpr std::string_view kHeadMark = "conntrail outbox 1\n";
constexpr std::string_view kProgressMark = "conntrail outbox sent 1\n";
constexpr std::string_view kPartSuffix = ".part";
constexpr size_t kPartDigits = 20;
constexpr size_t kOrgsInHead = 900;  // at most 58 bytes each

// Takes `prefix`, and then what stands before `end`, from the front of `text`.
std::optional<std::string_view> Take(std::string_view& text, std::string_view prefix, char end) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const size_t stop = text.find(end, prefix.size());
  if (stop == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(prefix.size(), stop - prefix.size());
  text.remove_prefix(stop + 1);
  return taken;
}

template <typename T>
std::optional<T> TakeNumber(std::string_view& text, std::string_view prefix, char end) {
  const auto taken = Take(text, prefix, end);
  return taken ? ParseNumber<T>(*taken) : std::nullopt;
}

}  // namespace

std::vector<std::string> HeadTexts(const std::string& producer, const LastNumbers& numbers) {
  const size_t count = std::max<size_t>(1, (numbers.size() + kOrgsInHead - 1) / kOrgsInHead);
  std::vector<std::string> heads;
  auto at = numbers.begin();
  for (size_t i = 1; i <= count; ++i) {
    std::string& head = heads.emplace_back(kHeadMark);
    head += fmt::format("producer {}\nhead {} of {}\n", producer, i, count);
    for (size_t n = 0; n < kOrgsInHead && at != numbers.end(); ++n, ++at) {
      head += fmt::format("{} {}\n", at->first.ToString(), at->second);
    }
  }
  return heads;
}

std::optional<OutboxHead> ParseHead(std::string_view text) {
  if (!text.starts_with(kHeadMark)) return std::nullopt;
  text.remove_prefix(kHeadMark.size());
  OutboxHead head;
  const auto producer = Take(text, "producer ", '\n');
  const auto index = TakeNumber<uint64_t>(text, "head ", ' ');
  const auto count = TakeNumber<uint64_t>(text, "of ", '\n');
  if (!producer || !index || !count || *index == 0 || *index > *count) return std::nullopt;
  head.producer = *producer;
  head.index = *index;
  head.count = *count;
  while (!text.empty()) {
    const auto org = Take(text, "", ' ');
    const auto id = org ? Uuid::Parse(*org) : std::nullopt;
    const auto number = TakeNumber<uint64_t>(text, "", '\n');
    if (!id || !number) return std::nullopt;
    head.numbers[OrgId{*id}] = *number;
  }
  return head;
}

std::string ProgressText(const OutboxProgress& progress) {
  return fmt::format("{}log {}\npart {}\nnext {}\n", kProgressMark, progress.log_id.ToString(),
                     progress.next.part, progress.next.offset.value);
}

std::optional<OutboxProgress> ParseProgress(std::string_view text) {
  if (!text.starts_with(kProgressMark)) return std::nullopt;
  text.remove_prefix(kProgressMark.size());
  const auto log = Take(text, "log ", '\n');
  const auto log_id = log ? Uuid::Parse(*log) : std::nullopt;
  const auto part = TakeNumber<uint64_t>(text, "part ", '\n');
  const auto next = TakeNumber<uint64_t>(text, "next ", '\n');
  if (!log_id || !part || !next || !text.empty()) return std::nullopt;
  return OutboxProgress{*log_id, {*part, Offset(*next)}};
}

std::string PartName(uint64_t number) { return fmt::format("{:020}{}", number, kPartSuffix); }

std::optional<uint64_t> ParsePartName(std::string_view name) {
  if (name.size() != kPartDigits + kPartSuffix.size() || !name.ends_with(kPartSuffix)) {
    return std::nullopt;
  }
  const auto number = ParseNumber<uint64_t>(name.substr(0, kPartDigits));
  return number && PartName(*number) == name ? number : std::nullopt;
}

}  // namespace conntrail
