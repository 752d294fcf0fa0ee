// What the program says when there is no space left.
#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(full_disk)

using namespace program_test;

// The shell counts in blocks of 512 bytes. The tokenizer exceeds the first limit, the weights the second.
BOOST_AUTO_TEST_CASE(a_full_disk_exits_1_and_names_the_file) {
  const DataPlace place;
  const Words words = place.train_words("memsizer", {"--steps", "2"});
  for (const auto& [limit, file] :
       {std::pair{"8", "run/tokenizer.json"}, std::pair{"64", "model.safetensors"}}) {
    const Ran full = place.expect(1, words, "", std::string("ulimit -f ") + limit + ";");
    BOOST_TEST(contains(full.err, file), full.err);
    BOOST_TEST(contains(full.err, "File too large"), full.err);
    BOOST_TEST(!std::filesystem::exists(place.folder() / "run"));
  }
  place.expect(0, words);
  const std::string before = contents(place.folder() / "run/latest");
  const Ran full = place.expect(1, {"train", "--data", "data", "--output", "run", "--resume", "--steps", "4"},
                                "", "ulimit -f 64;");
  BOOST_TEST(contains(full.err, "checkpoints"), full.err);
  BOOST_TEST(contents(place.folder() / "run/latest") == before);
  place.json({"evaluate", "run", "--data", "data"});
}

BOOST_AUTO_TEST_SUITE_END()
