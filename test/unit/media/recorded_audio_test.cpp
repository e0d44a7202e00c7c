#include "media/recorded_audio.hpp"

#include "support.hpp"

namespace cord::media::test {
namespace {

const std::vector<std::uint8_t> loud = octets(0x80), soft = octets(0xf0);

std::int16_t sample_of(const std::vector<std::uint8_t>& octets, Codec codec = Codec::pcmu) {
  return decode_table(codec)[octets.front()];
}

TEST(RecordedAudio, HoldsSilenceWhereNothingWasAdded) {
  RecordedAudio audio;
  ASSERT_TRUE(audio.add(Side::right, Codec::pcmu, 80, loud));
  const Wav wav = decoded(audio, 320);
  ASSERT_EQ(wav.left.size(), 320u);
  EXPECT_TRUE(all_zero(wav.left));
  EXPECT_TRUE(all_zero(part(wav.right, 0, 80)));
  EXPECT_TRUE(none_zero(part(wav.right, 80, 240)));
  EXPECT_TRUE(all_zero(part(wav.right, 240, 320)));
}

TEST(RecordedAudio, DecodesEachPieceByItsLawAndTheLaterOneHolds) {
  RecordedAudio audio;
  ASSERT_TRUE(audio.add(Side::left, Codec::pcmu, 0, loud));
  ASSERT_TRUE(audio.add(Side::left, Codec::pcma, 80, loud));
  const Wav wav = decoded(audio, 240);
  EXPECT_EQ(wav.left[79], sample_of(loud));
  EXPECT_EQ(wav.left[80], sample_of(loud, Codec::pcma));
  EXPECT_EQ(wav.left[239], sample_of(loud, Codec::pcma));
}

TEST(RecordedAudio, DecodesNothingBehindTheEnd) {
  RecordedAudio audio;
  ASSERT_TRUE(audio.add(Side::left, Codec::pcmu, 100, loud));
  EXPECT_EQ(decoded(audio, 50).left.size(), 50u);
  EXPECT_TRUE(none_zero(part(decoded(audio, 150).left, 100, 150)));
}

TEST(RecordedAudio, ErasesFromTheMiddleOfAPiece) {
  RecordedAudio audio;
  ASSERT_TRUE(audio.add(Side::left, Codec::pcmu, 0, loud));
  ASSERT_TRUE(audio.add(Side::right, Codec::pcmu, 160, loud));
  audio.erase_from(100);
  const Wav wav = decoded(audio, 320);
  EXPECT_TRUE(none_zero(part(wav.left, 0, 100)));
  EXPECT_TRUE(all_zero(part(wav.left, 100, 320)));
  EXPECT_TRUE(all_zero(wav.right));
}

TEST(RecordedAudio, SplitsEvenAPieceInTwo) {
  RecordedAudio audio;
  ASSERT_TRUE(audio.add(Side::left, Codec::pcmu, 0, soft));
  ASSERT_TRUE(audio.add(Side::left, Codec::pcmu, 160, loud));
  const RecordedAudio rest = audio.split(200);
  const Wav first = decoded(audio, 320), second = decoded(rest, 320);
  EXPECT_EQ(first.left[159], sample_of(soft));
  EXPECT_EQ(first.left[199], sample_of(loud));
  EXPECT_TRUE(all_zero(part(first.left, 200, 320)));
  EXPECT_EQ(second.left[0], sample_of(loud));
  EXPECT_EQ(second.left[119], sample_of(loud));
  EXPECT_TRUE(all_zero(part(second.left, 120, 320)));
}

TEST(RecordedAudio, TakesNoMoreThanItsBounds) {
  RecordedAudio many, large;
  const auto one = octets(0x80, 1);
  for (std::uint32_t i = 0; i < RecordedAudio::pieces_max; ++i) {
    ASSERT_TRUE(many.add(Side::left, Codec::pcmu, i, one));
  }
  EXPECT_FALSE(many.add(Side::left, Codec::pcmu, 0, one));
  const auto block = octets(0x80, RecordedAudio::octets_max / 4);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(large.add(Side::left, Codec::pcmu, 0, block));
  EXPECT_FALSE(large.add(Side::left, Codec::pcmu, 0, one));
}

TEST(RecordedAudio, SeveralVoicesOnASideAddUp) {
  RecordedAudio audio;
  ASSERT_TRUE(audio.add(Side::left, Codec::pcmu, 0, soft));
  ASSERT_TRUE(audio.add({Side::left, 5}, Codec::pcma, 80, loud));
  ASSERT_TRUE(audio.add({Side::left, 5}, Codec::pcmu, 80, soft));  // instead of it
  ASSERT_TRUE(audio.add(Side::right, Codec::pcmu, 0, loud));
  RecordedAudio rest = audio.split(120);
  const Wav first = decoded(audio, 120), second = decoded(rest, 160);
  EXPECT_EQ(first.left[79], sample_of(soft));
  EXPECT_EQ(first.left[80], 2 * sample_of(soft));
  EXPECT_EQ(second.left[39], 2 * sample_of(soft));
  EXPECT_EQ(second.left[40], sample_of(soft));
  EXPECT_EQ(first.right[119], sample_of(loud));
}

TEST(RecordedAudio, ASumIsClipped) {
  RecordedAudio audio;
  const auto top = octets(0x80);
  for (const std::uint8_t number : {0, 1}) {
    ASSERT_TRUE(audio.add({Side::left, number}, Codec::pcmu, 0, top));
  }
  EXPECT_EQ(decoded(audio, 160).left[0], INT16_MAX);
}

TEST(RecordedAudio, HasRoomForAsManyAsItExpects) {
  RecordedAudio audio;
  audio.expect(4);
  const auto block = octets(0x80, RecordedAudio::octets_max / 4);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(audio.add(Side::left, Codec::pcmu, 0, block));
  EXPECT_FALSE(audio.add(Side::left, Codec::pcmu, 0, octets(0x80, 1)));
}

}  // namespace
}  // namespace cord::media::test
