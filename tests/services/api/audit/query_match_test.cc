#include "services/api/audit/query_match.h"

#include <gtest/gtest.h>

#include "services/api/audit/query_language.h"

namespace conntrail::api {
namespace {

Tree Element(std::string_view name, uint64_t size) {
  Tree element;
  element.Set("name", name);
  element.Set("size", Tree::Number(size));
  return element;
}

AuditDocument SomeDocument() {
  AuditDocument document;
  document.id = "AQAB";
  document.message = "user:alice created connection \"Pager-Duty EU\" (base_url, name)";
  document.service = "conntrail";
  document.status = "info";
  document.tags = {"source:audit", "outcome:applied", "env:prod:eu"};
  Tree& a = document.attributes;
  a.Set("action", "created");
  a.Set("evt.name", "Custom Connections");
  a.Set("asset.name", "Pager-Duty EU");
  a.Set("asset.empty", "");
  a.Set("network.client.ip", "10.1.2.3");
  a.Set("network.six", "2001:db8::7");
  a.Set("http.status_code", "200");
  a.Set("conntrail.index", Tree::Number(uint64_t{17}));
  a.Set("conntrail.below", Tree::Number(int64_t{-3}));
  a.Set("conntrail.flag", true);
  a.Set("conntrail.marks", Tree::List({Tree("gap"), Tree("late")}));
  a.Set("conntrail.nothing", Tree());
  a.Set("conntrail.none", Tree::List({}));
  a.Set("steps", Tree::List({Element("one", 1), Element("two", 20)}));
  a["with.dots"] = Tree("dotted");
  a.Set("stars", "a*b?c");
  a.Set("umlaut", "für");
  return document;
}

bool Takes(std::string_view text) {
  const Result<QueryNode> query = ParseQuery(text);
  EXPECT_TRUE(query.ok()) << text << ": " << query.status().ToString();
  return query.ok() && Matches(*query, SomeDocument());
}

TEST(QueryMatch, WhatHoldsIsTaken) {
  const char* const kTaken[] = {
      "",
      "*",
      "*:*",
      // full text of the message, in either case, word by word
      "created",
      "CREATED",
      "pager",
      "pager-duty",
      "duty",
      "\"created connection\"",
      "\"Created Connection\"",
      "pag*",
      "*uty",
      "p?ger",
      "pager-d*",
      "user\\:a*",
      "base_url",
      "message:pager",
      "created pager",
      "created AND pager",
      "nobody OR pager",
      "nobody created OR pager",
      "-nobody",
      "NOT nobody",
      "NOT(nobody OR noone)",
      "-(created nobody)",
      // attributes
      "@action:created",
      "@evt.name:\"Custom Connections\"",
      "@evt.name:Custom\\ Connections",
      "@evt.name:Custom*",
      "@evt.name:*Conn*",
      "@evt.name:Custom?Connections",
      "@action:(deleted OR created)",
      "@action:(c* -deleted)",
      "@action:(NOT deleted)",
      "@asset:*",
      "@asset.name:*",
      "@asset.empty:*",
      "@asset.empty:\"\"",
      "-@asset.id:*",
      "-@conntrail.nothing:*",
      "-@conntrail.none:*",
      "-@asset.:*",
      "-@asse:*",
      "@conntrail.flag:true",
      "@conntrail.index:17",
      "@conntrail.index:1*",
      "@with.dots:dotted",
      "@stars:a\\*b\\?c",
      "@stars:\"a*b?c\"",
      "@umlaut:f?r",
      "@umlaut:für",
      // numbers
      "@conntrail.index:>16",
      "@conntrail.index:>=17",
      "@conntrail.index:<17.5",
      "@conntrail.index:[17 TO 17]",
      "@conntrail.index:[* TO 17]",
      "@conntrail.index:[17 TO *]",
      "@conntrail.index:(>10 <20)",
      "@conntrail.below:<-2",
      "@conntrail.below:-3",
      "@http.status_code:>=200",
      "@http.status_code:[200 TO 299]",
      "-@action:>1",
      // arrays
      "@conntrail.marks:gap",
      "@conntrail.marks:late",
      "@conntrail.marks:(gap AND late)",
      "@steps.name:two",
      "@steps.size:>10",
      "@steps.name:(one AND two)",
      // networks
      "CIDR(@network.client.ip, 10.0.0.0/8)",
      "CIDR(@network.client.ip, 192.168.0.0/16, 10.1.2.3)",
      "CIDR(@network.client.ip, 10.1.2.2/31)",
      "CIDR(@network.six, 2001:db8::/32)",
      "CIDR(@network.client.ip, ::ffff:10.0.0.0/104)",
      "CIDR(@network.client.ip, 0.0.0.0/0)",
      "-CIDR(@network.client.ip, 11.0.0.0/8)",
      "-CIDR(@network.client.ip, ::/0)",
      "-CIDR(@action, 0.0.0.0/0)",
      "-CIDR(@absent, 0.0.0.0/0)",
      // tags and what is like them
      "source:audit",
      "source:*",
      "outcome:(applied OR denied)",
      "env:prod:eu",
      "env:prod*",
      "service:conntrail",
      "status:info",
      "id:AQAB",
      // everything
      "*:pager",
      "*:applied",
      "*:TWO",
      "*:\"custom connections\"",
      "*:10.1.2.3",
      "*:17",
      "*:dott*",
      "*:(two AND gap)",
      "-*:nobody",
  };
  for (const char* query : kTaken) EXPECT_TRUE(Takes(query)) << query;
}

TEST(QueryMatch, WhatDoesNotHoldIsNotTaken) {
  const char* const kNotTaken[] = {
      "page",
      "age",
      "\"created pager\"",
      "connec",
      "p?er",
      "*aget",
      "-created",
      "NOT created",
      "created nobody",
      "nobody OR noone",
      "-(created OR nobody)",
      "\"pag*\"",
      "pager\\*",
      "@action:Created",
      "@action:create",
      "@action:(deleted OR modified)",
      "@action:\"c*\"",
      "@absent:*",
      "@absent:x",
      "@action.more:*",
      "@asset.id:*",
      "@Action:created",
      "@conntrail.nothing:*",
      "@conntrail.none:*",
      "@asset:Pager",
      "@evt.name:Custom",
      "@stars:a\\?b*",
      "@umlaut:f??r",
      "@umlaut:FÜR",
      "@conntrail.index:>17",
      "@conntrail.index:<17",
      "@conntrail.index:[18 TO *]",
      "@conntrail.index:(>10 <17)",
      "@action:>1",
      "@action:<1",
      "@conntrail.flag:>0",
      "@conntrail.marks:producer_gap",
      "@conntrail.marks:(gap AND producer_gap)",
      "@steps.name:three",
      "@steps.size:>20",
      "@steps:two",
      "CIDR(@network.client.ip, 10.1.2.4/31)",
      "CIDR(@network.client.ip, 10.2.0.0/16)",
      "CIDR(@network.six, 10.0.0.0/8)",
      "CIDR(@network.client.ip, ::/0)",
      "source:Audit",
      "sourc:audit",
      "source:audi",
      "env:prod",
      "status:warn",
      "service:con",
      "*:nobody",
      "*:pag",
      "*:\"one two\"",
  };
  for (const char* query : kNotTaken) EXPECT_FALSE(Takes(query)) << query;
}

TEST(QueryMatch, AQueryTellsWhichPartsOfADocumentItLooksAt) {
  const auto parts = [](std::string_view text) { return PartsNeeded(*ParseQuery(text)); };
  EXPECT_EQ(parts("@action:created status:info source:audit"), 0u);
  EXPECT_EQ(parts("@action:created pager"), audit_part::kNames);
  EXPECT_EQ(parts("@asset.name:pager OR @action:x"), audit_part::kNames);
  EXPECT_EQ(parts("-@asset.new_value.tags:x"), audit_part::kStates);
  EXPECT_EQ(parts("@conntrail.details.grants.relation:editor"), audit_part::kAction);
  EXPECT_EQ(parts("@conntrail.detailed:x"), 0u);
  EXPECT_EQ(parts("*:x"), audit_part::kAll);
}

}  // namespace
}  // namespace conntrail::api
