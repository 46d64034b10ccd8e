#include "events/base/check.h"
#include "projections/store/store.h"

namespace conntrail {

void WriteBatch::Put(Family family, std::string_view key, std::string_view value,
                     std::string_view rest) {
  CONNTRAIL_CHECK(key < kRowKeysEnd);
  CONNTRAIL_CHECK(key.size() <= UINT32_MAX && value.size() + rest.size() <= UINT32_MAX);
  writes_.push_back({.begin = buffer_.size(),
                     .key_bytes = static_cast<uint32_t>(key.size()),
                     .value_bytes = static_cast<uint32_t>(value.size() + rest.size()),
                     .family = family,
                     .is_delete = false});
  buffer_.append(key);
  buffer_.append(value);
  buffer_.append(rest);
}

void WriteBatch::Delete(Family family, std::string_view key) {
  Put(family, key, {});
  writes_.back().is_delete = true;
}

void WriteBatch::Clear() {
  buffer_.clear();
  writes_.clear();
}

WriteBatch::Write WriteBatch::at(size_t i) const {
  CONNTRAIL_CHECK(i < writes_.size());
  const Position& position = writes_[i];
  const char* key = buffer_.data() + position.begin;
  return {.family = position.family,
          .is_delete = position.is_delete,
          .key = {key, position.key_bytes},
          .value = {key + position.key_bytes, position.value_bytes}};
}

}  // namespace conntrail
