#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace conntrail {

// A cable between clients and a broker on loopback, which can be cut in several ways. Connections
// that are there are treated like later ones.
//
// Thread-safety: all methods may be called from any thread.
class Forwarder {
 public:
  enum class State {
    kWhole,
    kClosed,       // nobody listens, connections are reset
    kSilent,       // connections come about and stay, and nothing passes
    kAnswersLost,  // what clients send arrives, and what they are answered does not
  };

  // Listens on `listen_port` and forwards to `port`; both of 127.0.0.1. A failed check if it cannot
  // listen.
  Forwarder(uint16_t listen_port, uint16_t port);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // True for all that passes from now on. What was held back in kSilent or kAnswersLost is lost
  // with its connection, for a stream cannot have holes: kWhole resets connections that lost
  // something.
  void Set(State state) { state_ = state; }

  // Resets all connections there are, wherever in a message they stand.
  void ResetAll() { reset_ = true; }

 private:
  struct Pipe {
    int client = -1;
    int broker = -1;
    bool has_lost = false;  // something that was held back
  };
  void Run();
  void Listen();
  void Accept();
  bool Pass(Pipe& pipe, bool from_client);
  void CloseAll(bool only_lossy);

  const uint16_t listen_port_;
  const uint16_t port_;
  std::atomic<State> state_{State::kWhole};
  std::atomic<bool> reset_{false};
  std::atomic<bool> stop_{false};
  int listener_ = -1;
  std::vector<Pipe> pipes_;  // run_'s
  std::thread run_;
};

}  // namespace conntrail
