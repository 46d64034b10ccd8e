#include "projections/views/moment.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

std::string Words(const Moment& m) {
  switch (m.kind) {
    case Moment::Kind::kNow:
      return "now";
    case Moment::Kind::kTime:
      return "time " + std::to_string(m.time_ms);
    case Moment::Kind::kIndex:
      return "index " + std::to_string(m.index.value);
    case Moment::Kind::kSequence:
      return "number " + std::to_string(m.sequence) + " of <" + m.producer + ">";
  }
  return "";
}

TEST(Moment, IsReadFromItsFourForms) {
  const struct {
    const char* text;
    const char* words;
  } kCases[] = {
      {"now", "now"},
      {"time:1970-01-01T00:00:00Z", "time 0"},
      {"time:2016-08-20T10:07:05Z", "time 1471687625000"},
      {"time:2016-08-20T12:07:05.25+02:00", "time 1471687625250"},
      {"index:0", "index 0"},
      {"index:17", "index 17"},
      {"index:18446744073709551615", "index 18446744073709551615"},
      {"seq:2252", "number 2252 of <>"},
      {"seq:import:jenkins:2252", "number 2252 of <import:jenkins>"},
      {"seq:agent:0", "number 0 of <agent>"},
      {"seq::5", "number 5 of <>"},
  };
  for (const auto& c : kCases) {
    const Result<Moment> moment = Moment::Parse(c.text);
    ASSERT_TRUE(moment.ok()) << moment.status().ToString();
    EXPECT_EQ(Words(*moment), c.words) << c.text;
  }
}

TEST(Moment, IsNothingElse) {
  for (const std::string_view text : {std::string_view(""),
                                      std::string_view("Now"),
                                      std::string_view("now "),
                                      std::string_view(" now"),
                                      std::string_view("time:"),
                                      std::string_view("time:yesterday"),
                                      std::string_view("time:2016-08-20"),
                                      std::string_view("time:2016-02-30T00:00:00Z"),
                                      std::string_view("time:1969-12-31T23:59:59Z"),
                                      std::string_view("index:"),
                                      std::string_view("index:-1"),
                                      std::string_view("index:+1"),
                                      std::string_view("index: 1"),
                                      std::string_view("index:1 "),
                                      std::string_view("index:1x"),
                                      std::string_view("index:0x1"),
                                      std::string_view("index:18446744073709551616"),
                                      std::string_view("seq:"),
                                      std::string_view("seq:agent:"),
                                      std::string_view("seq:agent"),
                                      std::string_view("seq:1:x"),
                                      std::string_view("17"),
                                      std::string_view("2016-08-20T10:07:05Z"),
                                      std::string_view("index:1\0", 8),
                                      std::string_view("now\0", 4)}) {
    const Result<Moment> moment = Moment::Parse(text);
    EXPECT_EQ(moment.status().code(), StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace conntrail
