#include "tests/kafka/load.h"

#include <algorithm>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/kafka/broker.h"

namespace conntrail {

Load::Load(const KafkaSettings& settings, int gateways) {
  for (int g = 0; g < gateways; ++g) logs_.push_back(MustOpen(settings));
  for (size_t g = 0; g < logs_.size(); ++g) {
    threads_.emplace_back([this, g] { Run(g); });
  }
}

void Load::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

size_t Load::acknowledged() {
  const std::lock_guard lock(mutex_);
  return acknowledged_.size();
}

bool Load::AwaitMore(size_t count, std::chrono::seconds wait_max) {
  const size_t before = acknowledged();
  const auto deadline = std::chrono::steady_clock::now() + wait_max;
  while (acknowledged() < before + count) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

void Load::ExpectIn(const std::vector<std::string>& texts) {
  std::map<std::string, int> copies;
  for (const std::string& text : texts) ++copies[text];
  for (const auto& [text, offset] : acknowledged_) {
    ASSERT_LT(offset.value, texts.size()) << "acknowledged and lost: " << text;
    EXPECT_EQ(texts[offset.value], text);
    EXPECT_EQ(copies[text], 1) << text;
  }
  for (const std::string& text : unknown_) EXPECT_LE(copies[text], 1) << text;
  for (const std::string& text : not_sent_) EXPECT_EQ(copies[text], 0) << text;
  const auto came = std::count_if(unknown_.begin(), unknown_.end(),
                                  [&](const std::string& text) { return copies[text] == 1; });
  std::cout << acknowledged_.size() << " acknowledged, " << unknown_.size() << " unknown of which "
            << came << " are in the log, " << not_sent_.size() << " not sent\n";
}

void Load::Run(size_t gateway) {
  for (int round = 0; !stop_; ++round) {
    std::vector<std::string> texts;
    for (int i = 0; i < 20; ++i) {
      texts.push_back(std::to_string(gateway) + ":" + std::to_string(round) + ":" +
                      std::to_string(i));
    }
    std::vector<NewRecord> records;
    for (const std::string& text : texts) records.push_back({OrgId{}, AsBytes(text)});
    const auto appended = logs_[gateway]->AppendEach(PartitionId(0), records);
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < texts.size(); ++i) {
      if (appended[i].ok()) {
        acknowledged_[texts[i]] = *appended[i];
      } else if (appended[i].status().code() == StatusCode::kUnavailable) {
        unknown_.push_back(texts[i]);
      } else {
        EXPECT_EQ(appended[i].status().code(), StatusCode::kIo) << appended[i].status().ToString();
        not_sent_.push_back(texts[i]);
      }
    }
  }
}

}  // namespace conntrail
