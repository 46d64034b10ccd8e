#include "services/auth/account_index.h"

#include <gtest/gtest.h>

#include "tests/support/names.h"

namespace conntrail {
namespace {

Account Called(std::string_view name, std::string user_name, std::string external_id = "") {
  Account account;
  account.id = UserNamed(name);
  account.user_name = std::move(user_name);
  account.external_id = std::move(external_id);
  return account;
}

TEST(AccountIndex, FindsByUserNameInAnyCaseAndByExternalIdExactly) {
  AccountIndex index;
  index.Put(Called("alice", "Alice@Acme.example", "00U1"));
  ASSERT_NE(index.FindByUserName("aLICE@acme.EXAMPLE"), nullptr);
  EXPECT_EQ(index.FindByUserName("alice@acme.example")->id, UserNamed("alice"));
  EXPECT_NE(index.FindByExternalId("00U1"), nullptr);
  EXPECT_EQ(index.FindByExternalId("00u1"), nullptr);
  EXPECT_EQ(index.FindByUserName(""), nullptr);
  EXPECT_EQ(index.FindByExternalId(""), nullptr);
}

TEST(AccountIndex, ANameOfTwoIsNobodysUntilOneGivesItUp) {
  AccountIndex index;
  index.Put(Called("alice", "a@acme.example", "x"));
  index.Put(Called("mallory", "A@acme.example", "x"));
  EXPECT_EQ(index.FindByUserName("a@acme.example"), nullptr);
  EXPECT_EQ(index.FindByExternalId("x"), nullptr);
  EXPECT_EQ(index.WithUserName("A@Acme.example"),
            (std::vector<Uuid>{UserNamed("alice").id, UserNamed("mallory").id}));
  index.Put(Called("mallory", "m@acme.example", "y"));
  EXPECT_EQ(index.FindByUserName("a@acme.example")->id, UserNamed("alice"));
  EXPECT_EQ(index.FindByExternalId("x")->id, UserNamed("alice"));
  EXPECT_EQ(index.FindByUserName("m@acme.example")->id, UserNamed("mallory"));
}

TEST(AccountIndex, TheNamesOfOneThatIsRemovedAreFree) {
  AccountIndex index;
  Account alice = Called("alice", "a@acme.example", "x");
  index.Put(alice);
  alice.life.deleted = true;
  index.Put(alice);
  EXPECT_EQ(index.FindByUserName("a@acme.example"), nullptr);
  EXPECT_FALSE(index.Find(UserNamed("alice").id)->active);
  index.Put(Called("second", "a@acme.example", "x"));
  EXPECT_EQ(index.FindByUserName("a@acme.example")->id, UserNamed("second"));
}

TEST(AccountIndex, OneThatIsDeactivatedIsFoundAndNotActive) {
  AccountIndex index;
  Account alice = Called("alice", "a@acme.example");
  alice.active = false;
  index.Put(alice);
  EXPECT_FALSE(index.FindByUserName("a@acme.example")->active);
}

}  // namespace
}  // namespace conntrail
