#include "media/keys.hpp"

#include "media/goertzel.hpp"
#include "media/telephone_event.hpp"
#include "support.hpp"

namespace cord::media::test {
namespace {

TEST(Keys, AreTheEventsOfRfc4733) {
  const std::string keys = "0123456789*#ABCD";
  for (std::uint8_t event = 0; event <= dtmf_event_max; ++event) {
    EXPECT_EQ(event_of_key(keys[event]), event);
  }
  for (const char key : {',', 'a', 'E', ' '}) EXPECT_FALSE(event_of_key(key)) << key;
}

TEST(Keys, ComeOneAfterTheOtherWithPauses) {
  KeySequence sequence("1,x#");
  std::vector<KeySequence::Frame> frames;
  while (const auto frame = sequence.next()) frames.push_back(*frame);
  ASSERT_EQ(frames.size(), 8u + 25 + 8) << "what is no key is left out";
  EXPECT_EQ(frames[0].event, 1);
  EXPECT_EQ(frames[7].number, 7);
  EXPECT_FALSE(frames[8].event);
  EXPECT_EQ(frames[33].event, 11);
  EXPECT_EQ(frames[33].number, 0);
  EXPECT_FALSE(sequence.next());
}

// ITU-T Q.23.
TEST(Keys, SoundAsTheirTwoTones) {
  struct Row {
    char key;
    double low_hz, high_hz;
  };
  for (const Row row :
       {Row{'1', 697, 1209}, Row{'5', 770, 1336}, Row{'9', 852, 1477}, Row{'0', 941, 1336},
        Row{'*', 941, 1209}, Row{'#', 941, 1477}, Row{'A', 697, 1633}, Row{'D', 941, 1633}}) {
    KeyTone tone(*event_of_key(row.key));
    std::vector<std::int16_t> sound(800);
    tone.fill(sound);
    const double low = tone_share(sound, row.low_hz), high = tone_share(sound, row.high_hz);
    EXPECT_GT(low + high, 0.97) << row.key;
    EXPECT_GT(high, low) << "Q.23: the higher one may be the louder one by up to 4 dB";
    EXPECT_LT(high, 2.5 * low);
  }
}

}  // namespace
}  // namespace cord::media::test
