// Texts and tokenizers from which nothing can be learned. Each gets an error and leaves no files.
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(bad_data)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(text_that_cannot_be_learned_is_told_and_leaves_nothing) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& train, const std::string& valid, const std::string& setting,
                           const std::string& part) {
    folder.write("data/wiki.train.tokens", train);
    folder.write("data/wiki.valid.tokens", valid);
    Request request = test::small_request(folder, "run", "memsizer", 1);
    if (!setting.empty()) request.settings.push_back(setting);
    BOOST_TEST_CONTEXT(part)
    CHECK_THROWS_SAYING(train_model(request, {}), InputError, part);
    BOOST_TEST(!fs::exists(folder / "run"));
  };
  test::write_text(folder);
  const std::string text = contents(folder / "data/wiki.train.tokens"), data = (folder / "data").string();
  refused("", text, "", data + ": the train split is empty");
  refused(text, "", "", data + ": the validation split is empty");
  refused(text + "\xC3(\n", text, "", "wiki.train.tokens:63: expected UTF-8");
  refused(text, text + "\xF0\x9F\x98", "", "wiki.valid.tokens:63: expected UTF-8");
  refused("ab", text, "", data + ": expected a text of at least 3 tokens");
  refused(text, text, "batch=100000", data + ": expected a text of at least 100000 tokens");
  refused(text, text, "vocab=256", "vocab: a number from 257");
  refused(text, text, "vocab=16777217", "vocab: a number from 257");
}

BOOST_AUTO_TEST_CASE(a_tokenizer_without_an_end_of_text_is_told_by_its_name) {
  const TemporaryFolder folder;
  test::write_text(folder);
  text::TokenizerTrainer trainer(text::Normalizer(), {"<other>"});
  trainer.add_text("some words");
  text::write_tokenizer_json(trainer.train(260), folder / "plain.json");
  Request request = test::small_request(folder, "run", "memsizer", 1);
  request.tokenizer = folder / "plain.json";
  CHECK_THROWS_SAYING(train_model(request, {}), InputError, "plain.json: the tokenizer has no special token");
  BOOST_TEST(!fs::exists(folder / "run"));
}

BOOST_AUTO_TEST_SUITE_END()
