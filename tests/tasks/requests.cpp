// A run trains what the request asks for. Names, tokenizers and data that contradict each other are refused.
#include <boost/test/unit_test.hpp>

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(requests)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
using test::resumed;
using test::small_request;
using test::write_text;
namespace fs = std::filesystem;

namespace {

Request without(Request request, const std::string& key) {
  std::erase_if(request.settings, [&](const std::string& setting) { return setting.starts_with(key + '='); });
  return request;
}

Request with(Request request, const std::string& setting) {
  request.settings.push_back(setting);
  return request;
}

std::string attention_of(const Request& request) {
  return text_of(effective_config(request).config, "attention");
}

/// Checks that the request is refused and that no folder is left.
void check_refused(const Request& request, const std::string& part) {
  CHECK_THROWS_SAYING(train_model(request, {}), InputError, part);
  BOOST_TEST(!fs::exists(request.output), request.output.string());
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_run_is_called_is_what_it_trains) {
  Request request;
  request.architecture = "memsizer";
  BOOST_TEST(attention_of(request) == "memsizer");
  BOOST_TEST(attention_of({}) == "transformer");
  for (const char* setting : {"architecture=memsizer", "task=translation", "preset=tiny"})
    CHECK_THROWS_SAYING(effective_config(with({}, setting)), InputError, "has an option of its own, --");
  CHECK_THROWS_SAYING(effective_config(with(request, "attention=transformer")), InputError,
                      "architecture memsizer: at least one layer of that kind expected");
  request = with(with(request, "layers=2"), "attention=transformer,memsizer");
  BOOST_TEST(attention_of(request) == "transformer,memsizer");
  CHECK_THROWS_SAYING(effective_config(with({}, "attention=lstm")), InputError,
                      "no attention kind is named 'lstm'; there are transformer, memsizer");
  BOOST_TEST(effective_config(with({}, "attention=memsizer")).config.labels.architecture == "memsizer");
  BOOST_TEST(effective_config(with({}, "attention=memsizer,transformer")).config.labels.architecture ==
             "transformer");
}

BOOST_AUTO_TEST_CASE(an_attention_that_is_filed_or_inherited_is_not_called_by_another_name) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "first", "transformer", 1), {});
  Request request;
  request.data = folder / "data", request.output = folder / "second", request.budget.steps = 1;
  request.architecture = "memsizer";
  Request inherited = request, filed = request;
  inherited.from = folder / "first";
  filed.config_file = folder / "first/config.json";
  BOOST_TEST(attention_of(inherited) == "memsizer");
  BOOST_TEST(attention_of(filed) == "memsizer");
  BOOST_TEST(effective_config(filed).config.model.dim == 8);
  folder.write("own.json", R"({"architecture": "memsizer", "dim": 64})");
  filed.config_file = folder / "own.json", filed.architecture = "";
  BOOST_TEST(attention_of(filed) == "memsizer");
  inherited.architecture = "";
  BOOST_TEST(effective_config(inherited).config.labels.architecture == "transformer");
}

BOOST_AUTO_TEST_CASE(a_name_that_no_table_has_is_refused_with_its_line_in_the_file) {
  const TemporaryFolder folder;
  const fs::path file = folder / "own.json";
  const auto check = [&](const std::string& member, const std::string& error, Request request = {}) {
    folder.write("own.json", "{\n  \"layers\": 2,\n  " + member + "\n}\n");
    request.config_file = file;
    CHECK_THROWS_SAYING(effective_config(request), InputError, error);
  };
  const std::string place = file.string() + ":3: ", of = " (of " + file.string() + ":3)";
  check(R"("task": "parsing")", place + "task: one of ");
  check(R"("architecture": "mamba")", place + "architecture: one of ");
  check(R"("preset": "huge")", place + "preset: one of ");
  check(R"("normalizer": "upper")", place + "expected none or a comma list of nfc");
  check(R"("attention": "lstm")", place + "no attention kind is named 'lstm'");
  check(R"("cross_attention": "lstm")", place + "no attention kind is named 'lstm'");
  check(R"("dim": 0)", place + "dim: a number from 1");
  check(R"("attention": "linear")", "got attention linear" + of, {.architecture = "memsizer"});
  check(R"("preset": "tiny")", "preset: one of ", {.preset = "huge"});
}

BOOST_AUTO_TEST_CASE(values_that_no_configuration_may_have_are_found_before_it_is_written) {
  Config config = preset_config("language-modeling", "memsizer", "tiny");
  BOOST_CHECK_NO_THROW(check(config));
  config.labels.seed = -1;
  CHECK_THROWS_SAYING(check(config), InputError, "seed");
  config.labels.seed = 1, config.schedule.steps = Index{1} << 60;
  CHECK_THROWS_SAYING(check(config), InputError, "schedule_steps");
  config.schedule.steps = 0, config.optimiser.clip = std::nan("");
  CHECK_THROWS_SAYING(check(config), InputError, "clip");
  const TemporaryFolder folder;
  write_text(folder);
  const Request request = small_request(folder, "run", "memsizer", 1);
  check_refused(with(request, "normalizer=upper"), "upper");
  check_refused(with(without(request, "vocab"), "vocab=258"), "vocabulary size from 259");
}

BOOST_AUTO_TEST_CASE(a_given_tokenizer_tells_vocab_and_normalizer) {
  const TemporaryFolder folder;
  write_text(folder);
  text::TokenizerTrainer trainer(text::Normalizer::parse("lowercase"));
  trainer.add_text("The River runs to the Lake");
  text::write_tokenizer_json(trainer.train(265), folder / "own.json");
  Request request = without(small_request(folder, "run", "memsizer", 1), "vocab");
  request.tokenizer = folder / "own.json";
  check_refused(with(request, "vocab=270"), "own.json: vocab = 270 expected");
  check_refused(with(request, "normalizer=nfc"), "own.json: normalizer = nfc expected");
  folder.write("filed.json", R"({"vocab": 300})");
  Request filed = request;
  filed.config_file = folder / "filed.json";
  check_refused(filed, "own.json: vocab = 300 expected");
  train_model(with(with(request, "vocab=265"), "normalizer=lowercase"), {});
  request.output = folder / "silent";
  train_model(request, {});
  for (const char* run : {"run", "silent"}) {
    const Config config = RunDirectory(folder / run).config();
    BOOST_TEST(config.model.vocab == 265);
    BOOST_TEST(config.batches.normalizer == "lowercase");
  }
}

BOOST_AUTO_TEST_CASE(weights_to_begin_with_must_be_those_of_the_model) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "first", "memsizer", 1), {});
  Request request = small_request(folder, "second", "memsizer", 1);
  request.settings = {"ffn=12"};
  request.from = folder / "first";
  check_refused(request, "tensor blocks.0.fc1.weight: shape [12, 8] expected, got [8, 8]");
}

BOOST_AUTO_TEST_CASE(settings_without_effect_are_told) {
  const TemporaryFolder folder;
  write_text(folder);
  std::vector<std::string> told;
  Observer observer;
  observer.tell = [&](const std::string& text) { told.push_back(text); };
  train_model(with(small_request(folder, "run", "transformer", 1), "encoder_layers=2"), observer);
  for (const char* line :
       {"--set slots has no effect: no layer of the model has an attention that reads it: memsizer",
        "--set encoder_layers has no effect: language modelling has no source text"})
    BOOST_TEST(std::ranges::count(told, line) == 1, line);
  BOOST_TEST(
      std::ranges::none_of(told, [](const std::string& line) { return line.starts_with("--set heads"); }));
  told.clear();
  Request gpt2 = small_request(folder, "gpt2", "memsizer", 1);
  gpt2.settings.insert(gpt2.settings.end(), {"initialisation=gpt2", "q_init_scale=8"});
  train_model(gpt2, observer);
  BOOST_TEST(std::ranges::count(
                 told, "--set q_init_scale has no effect: GPT-2's first values have no such scale") == 1);
  BOOST_TEST(std::ranges::none_of(
      told, [](const std::string& line) { return line.starts_with("--set initialisation"); }));
}

BOOST_AUTO_TEST_CASE(a_run_does_not_go_on_with_other_data) {
  const TemporaryFolder folder;
  const fs::path data = write_text(folder);
  const Request request = small_request(folder, "run", "memsizer", 2);
  train_model(request, {});
  const auto refused = [&](const char* file, const std::string& text, const char* split) {
    const std::string before = contents(data / file);
    folder.write(std::string("data/") + file, text);
    CHECK_THROWS_SAYING(train_model(resumed(request, 4), {}), InputError,
                        concatenate("the run was begun with other data: the ", split, " split of "));
    folder.write(std::string("data/") + file, before);
  };
  refused("wiki.train.tokens", contents(data / "wiki.train.tokens") + " more \n", "train");
  refused("wiki.valid.tokens", " other text \n", "validation");
  fs::create_directory(folder / "part");
  fs::copy_file(data / "wiki.train.tokens", folder / "part/wiki.train.tokens");
  Request part = resumed(request, 4);
  part.data = folder / "part";
  CHECK_THROWS_SAYING(train_model(part, {}), InputError, "expected, got none");
  fs::copy_file(data / "wiki.valid.tokens", folder / "part/wiki.valid.tokens");
  train_model(part, {});  // the same data in another place
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-4");
}

BOOST_AUTO_TEST_CASE(a_split_that_cannot_be_read_is_told_before_anything_is_created) {
  const TemporaryFolder folder;
  write_text(folder);
  folder.write("data/wiki.valid.tokens", "PAR1....PAR1");
  check_refused(small_request(folder, "run", "memsizer", 1),
                "wiki.valid.tokens: expected text, got a Parquet");
}

BOOST_AUTO_TEST_SUITE_END()
