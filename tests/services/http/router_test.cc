#include "services/http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

RouteHandler Nothing() {
  return [](const Request&, const PathParameters&) -> boost::asio::awaitable<Response> {
    co_return Response{};
  };
}

class RouterTest : public testing::Test {
 protected:
  void Add(std::string_view pattern, Method method = Method::kGet) {
    router_.Add(method, pattern, Nothing());
  }
  // The route found; "" if there is no handler.
  std::string_view Find(std::vector<std::string> segments, Method method = Method::kGet) {
    segments_ = std::move(segments);
    router_.Find(method, segments_, match_);
    return match_.handler == nullptr ? "" : match_.route;
  }
  std::string_view Captured(std::string_view name) { return match_.parameters.Find(name); }

  Router router_;
  std::vector<std::string> segments_;
  Router::Match match_;
};

TEST_F(RouterTest, NamesCaptureSegmentsAsDecoded) {
  Add("/connections/{connection_id}/history/{index}");

  EXPECT_EQ(Find({"connections", "a/b", "history", "7"}),
            "/connections/{connection_id}/history/{index}");
  EXPECT_EQ(match_.parameters["connection_id"], "a/b");
  EXPECT_EQ(match_.parameters["index"], "7");
  EXPECT_EQ(Captured("other"), "");
}

TEST_F(RouterTest, ALiteralIsPreferredToANameAndANameToATail) {
  Add("/a/{path...}");
  Add("/a/{id}");
  Add("/a/list");

  EXPECT_EQ(Find({"a", "list"}), "/a/list");
  EXPECT_EQ(Find({"a", "x"}), "/a/{id}");
  EXPECT_EQ(Find({"a", "x", "y"}), "/a/{path...}");
  EXPECT_EQ(Captured("path"), "x/y");
}

TEST_F(RouterTest, ALiteralThatLeadsNowhereDoesNotHideAName) {
  Add("/a/list/all");
  Add("/a/{id}/rows");
  Add("/a/list", Method::kGet);
  Add("/a/{id}", Method::kDelete);

  EXPECT_EQ(Find({"a", "list", "rows"}), "/a/{id}/rows");
  EXPECT_EQ(Captured("id"), "list");
  EXPECT_EQ(Find({"a", "list"}, Method::kDelete), "/a/{id}");
}

TEST_F(RouterTest, ANameTakesNoEmptySegment) {
  Add("/a/{id}");
  EXPECT_EQ(Find({"a", ""}), "");
  EXPECT_EQ(match_.allow, "");
}

TEST_F(RouterTest, TheRootIsARoute) {
  Add("/");
  EXPECT_EQ(Find({}), "/");
  EXPECT_EQ(Find({""}), "");
}

TEST_F(RouterTest, ATailTakesOneSegmentOrMore) {
  Add("/console/{path...}");
  EXPECT_EQ(Find({"console", ""}), "/console/{path...}");
  EXPECT_EQ(Captured("path"), "");
  EXPECT_EQ(Find({"console", "a", "", "b"}), "/console/{path...}");
  EXPECT_EQ(Captured("path"), "a//b");
  EXPECT_EQ(Find({"console"}), "");
}

TEST_F(RouterTest, ATailTakesNothingThatClimbsOnceDecoded) {
  Add("/console/{path...}");
  EXPECT_EQ(Find({"console", "../../etc/passwd"}), "");
  EXPECT_EQ(Find({"console", "a", "..\\b"}), "");
  EXPECT_EQ(Find({"console", std::string("a\0b", 3)}), "");
}

TEST_F(RouterTest, HeadGoesToGet) {
  Add("/a");
  EXPECT_EQ(Find({"a"}, Method::kHead), "/a");
}

TEST_F(RouterTest, AnUnknownPathIs404AndTellsNoRoute) {
  Add("/a/b");
  EXPECT_EQ(Find({"a"}), "");
  EXPECT_EQ(match_.route, "");
  EXPECT_EQ(router_.Refuse({}, match_).status, 404);
}

TEST_F(RouterTest, AKnownPathWithoutTheMethodIs405AndTellsWhichItHas) {
  Add("/a/{id}", Method::kPut);
  Add("/a/{id}", Method::kGet);
  Add("/a/b", Method::kPost);

  for (const Method method : {Method::kDelete, Method::kOther}) {
    EXPECT_EQ(Find({"a", "b"}, method), "");
    EXPECT_EQ(match_.route, "/a/b");
    const Response response = router_.Refuse({}, match_);
    EXPECT_EQ(response.status, 405);
    ASSERT_EQ(response.headers.size(), 1u);
    EXPECT_EQ(response.headers[0].name, "Allow");
    EXPECT_EQ(response.headers[0].value, "GET, HEAD, POST, PUT");
  }
}

TEST_F(RouterTest, ErrorsAreWordedByTheOwnerWhoSeesTheTarget) {
  router_.SetFault([](int status, std::string_view, std::string_view target) {
    Response response;
    response.status = status;
    response.body = "no " + std::string(target);
    return response;
  });
  Request request;
  request.target = "/scim/x";
  Find({"scim", "x"});
  EXPECT_EQ(router_.Refuse(request, match_).body, "no /scim/x");
}

TEST_F(RouterTest, NothingOfAnEarlierSearchStays) {
  Add("/a/{id}");
  Add("/b", Method::kPost);
  Find({"b"});
  EXPECT_NE(match_.allow, "");
  Find({"a", "1"});
  EXPECT_EQ(match_.allow, "");
  Find({"c"});
  EXPECT_EQ(Captured("id"), "");
}

TEST_F(RouterTest, RoutesAreListedAsAdded) {
  Add("/b");
  Add("/a", Method::kPost);
  EXPECT_THAT(router_.Routes(), ElementsAre(Pair(Method::kGet, "/b"), Pair(Method::kPost, "/a")));
}

}  // namespace
}  // namespace conntrail::http
