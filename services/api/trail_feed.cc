#include "services/api/trail_feed.h"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "events/base/json_writer.h"
#include "services/api/audit/audit_event.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kWakePause{10};
constexpr size_t kFrameBytesMax = size_t{16} << 20;  // kept of one org
constexpr size_t kRowsAtOnce = 1'000;

std::string FrameOf(const AuditEvent& event) {
  JsonWriter out;
  WriteAuditDocument(out, event.document);
  const std::string index = std::to_string(event.line.place.index.value);
  return "id: " + index + "\nevent: audit\ndata: " + out.Take() + "\n\n";
}

}  // namespace

Status ReadFrames(const OrgView& org, const std::optional<Place>& after, size_t rows_max,
                  const std::function<bool(const Place&, std::string)>& take) {
  AuditEventReader reader(org);
  TrailWalk walk;
  walk.newest_first = false;
  walk.after = after;
  walk.scan_rows_max = rows_max;
  return WalkTrail(org, walk,
                   [&](const WalkedRecord& walked) -> Result<bool> {
                     CONNTRAIL_ASSIGN_OR_RETURN(AuditEvent event, reader.Read(walked));
                     CONNTRAIL_RETURN_IF_ERROR(reader.Add(event, audit_part::kNames));
                     return take(event.line.place, FrameOf(event));
                   })
      .status();
}

void TrailFeed::Notify() {
  if (notified_.exchange(true)) return;
  asio::post(io_, [this] {
    if (wake_due_) return;
    wake_due_ = true;
    const auto timer = std::make_shared<asio::steady_timer>(io_, kWakePause);
    timer->async_wait([this, timer](const boost::system::error_code&) { WakeAll(); });
  });
}

void TrailFeed::WakeAll() {
  wake_due_ = false;
  notified_ = false;
  ++wakes_;
  for (asio::steady_timer* timer : waiting_) timer->cancel();
}

void TrailFeed::Close() {
  closed_ = true;
  WakeAll();
}

asio::awaitable<bool> TrailFeed::Wait(std::chrono::milliseconds wait_max) {
  if (closed_) co_return true;
  const uint64_t before = wakes_;
  asio::steady_timer timer(io_, wait_max);
  // Out of the set whatever happens: a client that vanishes cancels the wait by an exception.
  struct Entry {
    std::set<asio::steady_timer*>& waiting;
    asio::steady_timer* timer;
    ~Entry() { waiting.erase(timer); }
  };
  waiting_.insert(&timer);
  const Entry entry{waiting_, &timer};
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return wakes_ != before;
}

// Makes the frames of what has come since the last one.
Status TrailFeed::Extend(const OrgView& org, Frames& frames) {
  const OrgIndex end = org.state().next_index;
  while (!frames.newest.empty() && frames.newest.back().place.index.Next() < end) {
    const Place last = frames.newest.back().place;
    CONNTRAIL_RETURN_IF_ERROR(
        ReadFrames(org, last, kRowsAtOnce, [&](const Place& place, std::string text) {
          frames.bytes += text.size();
          frames.newest.push_back({place, std::move(text)});
          return true;
        }));
    while (frames.bytes > kFrameBytesMax && frames.newest.size() > 1) {
      frames.bytes -= frames.newest.front().text.size();
      frames.newest.pop_front();
    }
    if (frames.newest.back().place == last) break;
  }
  return Status::Ok();
}

Result<bool> TrailFeed::Read(const OrgView& org, std::optional<Place>& after, size_t bytes_max,
                             std::string& out) {
  const OrgIndex next = after ? after->index.Next() : OrgIndex(0);
  if (next >= org.state().next_index) return false;
  Frames& frames = frames_[org.address()];
  CONNTRAIL_RETURN_IF_ERROR(Extend(org, frames));
  const bool is_kept = !frames.newest.empty() && frames.newest.front().place.index <= next &&
                       next <= frames.newest.back().place.index;
  const size_t begin = out.size();
  if (is_kept) {
    for (size_t i = next.value - frames.newest.front().place.index.value;
         i < frames.newest.size() && out.size() - begin < bytes_max; ++i) {
      out += frames.newest[i].text;
      after = frames.newest[i].place;
    }
    return true;
  }
  std::optional<Frame> last;
  CONNTRAIL_RETURN_IF_ERROR(
      ReadFrames(org, after, kRowsAtOnce, [&](const Place& place, std::string text) {
        out += text;
        after = place;
        last = Frame{place, std::move(text)};
        return out.size() - begin < bytes_max;
      }));
  // Whoever has come to the end begins what the others will share.
  if (last && last->place.index.Next() == org.state().next_index && frames.newest.empty()) {
    frames.bytes = last->text.size();
    frames.newest.push_back(std::move(*last));
  }
  return last.has_value();
}

}  // namespace conntrail::api
