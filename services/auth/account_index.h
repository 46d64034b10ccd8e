#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "projections/fold/entity.h"

namespace conntrail {

// What the door must know of an account.
struct KnownAccount {
  Principal id;
  bool active = true;       // false: deactivated, or removed
  std::string user_name;    // in lower case
  std::string external_id;  // this and the above: empty of one that is removed
};

// The accounts of one org, by id and by the names that a directory gives them.
//
// Names are compared as RFC 7643 says: user names without regard to the case of ASCII letters,
// external ids exactly. Where two accounts have one name, the name is nobody's.
class AccountIndex {
 public:
  // Takes over what `account` is now.
  void Put(const Account& account);

  // Null if there is none, or if it is not only one's.
  const KnownAccount* Find(const Uuid& id) const;
  const KnownAccount* FindByUserName(std::string_view user_name) const;
  const KnownAccount* FindByExternalId(std::string_view external_id) const;

  // All that have that user name.
  std::vector<Uuid> WithUserName(std::string_view user_name) const;

  size_t size() const { return by_id_.size(); }

 private:
  using Names = boost::unordered_flat_map<std::string, std::vector<Uuid>>;
  const KnownAccount* FindNamed(const Names& names, const std::string& name) const;

  boost::unordered_flat_map<Uuid, KnownAccount, std::hash<Uuid>> by_id_;
  Names by_user_name_;
  Names by_external_id_;
};

}  // namespace conntrail
