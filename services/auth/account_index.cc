#include "services/auth/account_index.h"

#include <algorithm>

namespace conntrail {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void Move(auto& names, const std::string& before, const std::string& after, const Uuid& id) {
  if (before == after) return;
  if (const auto known = names.find(before); known != names.end()) {
    std::erase(known->second, id);
    if (known->second.empty()) names.erase(known);
  }
  if (!after.empty()) names[after].push_back(id);
}

}  // namespace

void AccountIndex::Put(const Account& account) {
  // Of one that is removed the names are free for another.
  const bool removed = account.life.deleted;
  KnownAccount& known = by_id_[account.id.id];
  const std::string user_name = removed ? "" : Lower(account.user_name);
  const std::string external_id = removed ? "" : account.external_id;
  Move(by_user_name_, known.user_name, user_name, account.id.id);
  Move(by_external_id_, known.external_id, external_id, account.id.id);
  known = {account.id, account.active && !removed, user_name, external_id};
}

const KnownAccount* AccountIndex::Find(const Uuid& id) const {
  const auto known = by_id_.find(id);
  return known == by_id_.end() ? nullptr : &known->second;
}

const KnownAccount* AccountIndex::FindNamed(const Names& names, const std::string& name) const {
  const auto found = names.find(name);
  return found == names.end() || found->second.size() != 1 ? nullptr : Find(found->second.front());
}

const KnownAccount* AccountIndex::FindByUserName(std::string_view user_name) const {
  return FindNamed(by_user_name_, Lower(user_name));
}

std::vector<Uuid> AccountIndex::WithUserName(std::string_view user_name) const {
  const auto found = by_user_name_.find(Lower(user_name));
  return found == by_user_name_.end() ? std::vector<Uuid>() : found->second;
}

const KnownAccount* AccountIndex::FindByExternalId(std::string_view external_id) const {
  return FindNamed(by_external_id_, std::string(external_id));
}

}  // namespace conntrail
