#include "memsizer/text/byte_masks.hpp"

#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/characters.hpp"

BOOST_AUTO_TEST_SUITE(byte_masks)

using namespace memsizer::text;
using memsizer::text::detail::ByteMasks;

namespace {

/// The masks by their definition.
ByteMasks masks_one_by_one(const std::string& bytes) {
  ByteMasks masks;
  for (int i = 0; i < ByteMasks::size; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (byte >= 128) {
      masks.high |= bit;
      continue;
    }
    const CharacterKind kind = character_kind(byte);
    if (kind == CharacterKind::letter) masks.letters |= bit;
    if (kind == CharacterKind::number) masks.numbers |= bit;
    if (kind == CharacterKind::white_space) masks.white_space |= bit;
    if (byte == ' ') masks.spaces |= bit;
    if (byte == '\'') masks.apostrophes |= bit;
  }
  return masks;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_byte_has_its_class_at_each_place) {
  for (int value = 0; value < 256; ++value)
    for (size_t place = 0; place < 64; ++place)
      for (const char around : {'a', '\0', '\xFF'}) {
        std::string bytes(64, around);
        bytes[place] = static_cast<char>(value);
        const ByteMasks expected = masks_one_by_one(bytes);
        BOOST_TEST_REQUIRE((ByteMasks::of(bytes.data()) == expected), value << " at " << place);
        BOOST_TEST_REQUIRE((ByteMasks::of<memsizer::text::detail::NumberLanes>(bytes.data()) == expected),
                           value << " at " << place);
      }
}

BOOST_AUTO_TEST_CASE(random_bytes_have_their_classes) {
  std::mt19937 random(5);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const ByteMasks expected = masks_one_by_one(bytes);
    BOOST_TEST_REQUIRE((ByteMasks::of(bytes.data()) == expected));
    BOOST_TEST_REQUIRE((ByteMasks::of<memsizer::text::detail::NumberLanes>(bytes.data()) == expected));
  }
}

BOOST_AUTO_TEST_CASE(symbols_are_what_is_left) {
  const ByteMasks masks = ByteMasks::of(("a1 \n-\xC3\xA9" + std::string(57, 'x')).c_str());
  BOOST_TEST(masks.symbols() == std::uint64_t{1} << 4);
}

BOOST_AUTO_TEST_SUITE_END()
