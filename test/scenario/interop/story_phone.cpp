#include "scenario/interop/story_phone.hpp"

#include <stdexcept>

#include "scenario/interop/linphone.hpp"
#include "scenario/support/peers.hpp"
#include "scenario/support/tone_party.hpp"

namespace cord::scenario {
namespace {

using namespace std::chrono_literals;

class BaresipPhone final : public StoryPhone {
 public:
  BaresipPhone(const std::filesystem::path& directory, bool by_itself)
      : by_itself_(by_itself),
        baresip_(directory, "1001", by_itself ? "answermode=auto" : "answermode=manual") {}

  [[nodiscard]] std::uint16_t port() const override { return baresip_.port(); }
  void pick_up() override {
    if (by_itself_) return;
    const bool rings = eventually([&] { return says("Incoming call from") > 0; }, 10s);
    if (!rings) throw std::runtime_error("baresip does not ring: " + output());
    baresip_.command("accept");
  }
  [[nodiscard]] std::vector<std::int16_t> listen(std::chrono::milliseconds span) override {
    return baresip_.listen(span);
  }
  [[nodiscard]] int ended_calls() const override { return says("terminated"); }
  [[nodiscard]] std::string output() const override { return baresip_.output(); }

 private:
  [[nodiscard]] int says(const std::string& words) const {
    const std::string all = output();
    int count = 0;
    for (auto at = all.find(words); at != std::string::npos; at = all.find(words, at + 1)) ++count;
    return count;
  }

  bool by_itself_;
  Baresip baresip_;
};

/// SIPp picks up after 200 ms whatever it was asked, for one call.
class SippPhone final : public StoryPhone {
 public:
  explicit SippPhone(const std::filesystem::path& directory)
      : party_(1'000),
        port_(free_port()),
        sipp_(std::make_unique<Sipp>(directory, Sipp::Options{.scenario = "phone.xml",
                                                              .port = port_,
                                                              .media_port = party_.port(),
                                                              .more = {"-d", "200"}})) {}

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  void pick_up() override { party_.send_to(sipp_->remote_media_port(10s)); }
  [[nodiscard]] std::vector<std::int16_t> listen(std::chrono::milliseconds span) override {
    return party_.listen(span);
  }
  [[nodiscard]] int ended_calls() const override { return sipp_->wait(0s) == 0 ? 1 : 0; }
  [[nodiscard]] std::string output() const override { return sipp_->output(); }

 private:
  ToneParty party_;
  std::uint16_t port_;
  std::unique_ptr<Sipp> sipp_;
};

}  // namespace

std::unique_ptr<StoryPhone> start_phone(PhoneProgram program, bool by_itself,
                                        const std::filesystem::path& directory) {
  switch (program) {
    case PhoneProgram::baresip:
      return std::make_unique<BaresipPhone>(directory, by_itself);
    case PhoneProgram::linphone:
      return std::make_unique<Linphone>(directory, by_itself);
    case PhoneProgram::sipp:
      return std::make_unique<SippPhone>(directory);
  }
  throw std::runtime_error("no such phone");
}

}  // namespace cord::scenario
