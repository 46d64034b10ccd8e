#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conntrail {

// An HTTP/1.1 client that sends exactly the bytes it is told to, over a blocking socket.
//
// Waits at most 10 s for anything; then the connection counts as failed.
class RawHttpClient {
 public:
  struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;  // decoded, if it was chunked

    std::string_view Header(std::string_view name) const;  // exact name; "" if there is none
  };

  explicit RawHttpClient(uint16_t port);  // to 127.0.0.1
  explicit RawHttpClient(int connected) : socket_(connected) {}
  ~RawHttpClient();
  RawHttpClient(RawHttpClient&& other) noexcept;
  RawHttpClient(const RawHttpClient&) = delete;

  // False: the other end has gone.
  bool Send(std::string_view bytes) const;
  // Nothing: the connection ended or failed before the answer was whole. What follows the answer is
  // kept. `body_expected`: false after HEAD.
  std::optional<Answer> Read(bool body_expected = true);
  // Send and Read; status 0 if nothing came.
  Answer Ask(std::string_view bytes);
  // Until `size` bytes are there, or the end.
  std::string ReadBytes(size_t size);
  // What comes until the end. `reset`: it was not an orderly end.
  std::string ReadToEnd(bool* reset = nullptr);
  bool Ended();  // waits for the end; false if bytes came instead

  void EndSending() const;
  void Close();
  void Reset();  // closes so that the other end sees an error

 private:
  bool Fill();

  int socket_ = -1;
  std::string buffer_;
  bool reset_ = false;
};

}  // namespace conntrail
