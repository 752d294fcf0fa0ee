#include "memsizer/text/load_tokenizer.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/gpt2_files.hpp"
#include "memsizer/text/tokenizer_json.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"

#include "files/temporary_folder.hpp"
#include "plain_error.hpp"

BOOST_AUTO_TEST_SUITE(load_tokenizer_test)

using namespace memsizer;
using namespace memsizer::text;

namespace {

Tokenizer train(const char* normalizer = "none") {
  TokenizerTrainer trainer(Normalizer::parse(normalizer), {"<pad>", "<s>", "</s>"});
  trainer.add_text("the cat sat on the mat, the hat of the cat");
  return trainer.train(265);
}

}  // namespace

BOOST_AUTO_TEST_CASE(files_and_folders_are_told_apart) {
  const TemporaryFolder folder;
  const std::string expected = dump_tokenizer_json(train());
  write_gpt2_files(train(), folder / "pair");
  BOOST_TEST(dump_tokenizer_json(load_tokenizer(folder / "pair")) == expected);
  const auto file = folder.write("json/tokenizer.json", expected);
  BOOST_TEST(dump_tokenizer_json(load_tokenizer(file)) == expected);
  BOOST_TEST(dump_tokenizer_json(load_tokenizer(folder / "json")) == expected);
  write_tokenizer_json(train("nfc"), folder / "pair" / "tokenizer.json");
  BOOST_TEST(load_tokenizer(folder / "pair").normalizer().name() == "nfc");
}

BOOST_AUTO_TEST_CASE(what_is_absent_is_named) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(load_tokenizer(folder / "none"), InputError, "none: No such file");
  CHECK_THROWS_SAYING(load_tokenizer(folder.path()), InputError,
                      "expected vocab.json or encoder.json in it, got neither");
  folder.write("vocab.json", "{}");
  CHECK_THROWS_SAYING(load_tokenizer(folder.path()), InputError,
                      "expected merges.txt or vocab.bpe in it, got neither");
}

BOOST_AUTO_TEST_SUITE_END()
