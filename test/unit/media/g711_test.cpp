#include "media/g711.hpp"

#include <cmath>

#include "support.hpp"

namespace cord::media::test {
namespace {

TEST(G711, KnownOctetsHaveTheValuesOfTheStandard) {
  EXPECT_EQ(decode_table(Codec::pcmu)[0xff], 0);
  EXPECT_EQ(decode_table(Codec::pcmu)[0x00], -32'124);
  EXPECT_EQ(decode_table(Codec::pcmu)[0x80], 32'124);
  EXPECT_EQ(decode_table(Codec::pcma)[0xd5], 8);
  EXPECT_EQ(decode_table(Codec::pcma)[0xaa], 32'256);
  EXPECT_EQ(decode_table(Codec::pcma)[0x2a], -32'256);
}

TEST(G711, EveryOctetSurvivesDecodingAndEncoding) {
  for (const Codec codec : {Codec::pcmu, Codec::pcma}) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      const std::int16_t sample = decode_table(codec)[octet];
      const std::uint8_t again = encode_sample(codec, sample);
      // Mu-law has two zeros.
      EXPECT_EQ(decode_table(codec)[again], sample) << octet;
    }
  }
}

TEST(G711, TranscodingStaysWithinOneStep) {
  for (const Codec from : {Codec::pcmu, Codec::pcma}) {
    const Codec to = from == Codec::pcmu ? Codec::pcma : Codec::pcmu;
    for (unsigned octet = 0; octet < 256; ++octet) {
      const int before = decode_table(from)[octet];
      const int after = decode_table(to)[transcode_table(from)[octet]];
      EXPECT_LE(std::abs(before - after), 16 + std::abs(before) / 16) << octet;
    }
  }
}

TEST(G711, SilenceIsTheNearestToZero) {
  EXPECT_EQ(encode_sample(Codec::pcmu, 0), silence_octet(Codec::pcmu));
  EXPECT_EQ(encode_sample(Codec::pcma, 0), silence_octet(Codec::pcma));
}

TEST(G711, EncodesAndDecodesWholeSpans) {
  const std::vector<std::int16_t> samples{0, 1000, -1000, 32'767, -32'768};
  const auto decoded = decode(Codec::pcma, encode(Codec::pcma, samples));
  ASSERT_EQ(decoded.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_NEAR(decoded[i], samples[i], 700);
}

}  // namespace
}  // namespace cord::media::test
