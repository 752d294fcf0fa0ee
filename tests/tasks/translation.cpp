// Translation as a task: whole runs on a few pairs, their figures beside the plainest way to compute them,
// and what they refuse.
#include "memsizer/tasks/translation.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "real_data.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(translation)

using namespace memsizer;
using namespace memsizer::tasks;
using test::resumed;
namespace test_data = boost::unit_test::data;

namespace {

const std::vector<std::string> all_architectures = architecture_names();

/// Pairs in which each word has one translation, as lines of two files for each split.
void write_pairs(const TemporaryFolder& folder) {
  const std::vector<std::pair<std::string, std::string>> words = {{"the", "der"},    {"river", "Fluss"},
                                                                  {"sees", "sieht"}, {"a", "einen"},
                                                                  {"lake", "See"},   {"old", "alten"}};
  for (const auto& [split, count] : {std::pair{"train", 40}, {"val", 7}, {"test", 9}}) {
    std::string english, german;
    for (int i = 0; i < count; ++i) {
      for (int word = 0; word < 2 + i % 4; ++word) {
        const auto& [en, de] = words[static_cast<std::size_t>(i * 5 + word * (i % 3 + 1)) % words.size()];
        english += en + ' ', german += de + ' ';
      }
      english += ".\n", german += ".\n";
    }
    folder.write(concatenate("data/", split, ".en"), english);
    folder.write(concatenate("data/", split, ".de"), german);
  }
}

Request translating(const TemporaryFolder& folder, const std::string& output, const std::string& architecture,
                    Index steps) {
  Request request;
  request.task = "translation";
  request.architecture = architecture;
  request.preset = "micro";
  request.data = folder / "data";
  request.output = folder / output;
  request.settings = {"vocab=270",
                      "dim=8",
                      "slots=3",
                      "cross_slots=2",
                      "ffn=8",
                      "warmup=2",
                      "dropout=0.1",
                      "batch_tokens=64",
                      "accumulate=2",
                      "log_every=1",
                      "max_source=20",
                      "max_target=21",
                      "attention_dropout=0.1",
                      "validate_every=4"};
  request.budget.steps = steps;
  return request;
}

std::string text_of(const train::EvaluationReport& report, const std::string& figure) {
  return train::to_json(report).at(figure).dump();
}

}  // namespace

BOOST_DATA_TEST_CASE(a_resumed_run_equals_one_that_was_not_stopped, test_data::make(all_architectures),
                     architecture) {
  const TemporaryFolder folder;
  write_pairs(folder);
  train_model(translating(folder, "whole", architecture, 7), {});
  train_model(translating(folder, "parts", architecture, 3), {});
  train_model(resumed(translating(folder, "parts", architecture, 3), 7), {});
  test::check_same_run(folder / "whole", folder / "parts", "step-7");
}

BOOST_AUTO_TEST_CASE(a_validation_logs_the_loss_and_the_figures_of_texts) {
  const TemporaryFolder folder;
  write_pairs(folder);
  std::vector<std::string> told;
  train_model(translating(folder, "run", "memsizer", 4),
              {.tell = [&](const std::string& line) { told.push_back(line); }});
  const std::string log = test::lines_of(folder / "run").back();
  for (const char* key : {"validation_loss", "perplexity", "bleu", "bleu_signature", "chrf"})
    BOOST_TEST(log.find(concatenate('"', key, '"')) != log.npos, key << " in " << log);
  BOOST_TEST(std::ranges::any_of(told, [](const std::string& line) {
    return line.find("step 4: validation loss") == 0 && line.find(", bleu ") != line.npos;
  }));
}

BOOST_AUTO_TEST_CASE(an_evaluation_scores_each_token_once_and_the_texts_that_it_writes) {
  const TemporaryFolder folder;
  write_pairs(folder);
  train_model(translating(folder, "run", "transformer", 6), {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const train::EvaluationReport report =
      test::scored(run, {.data = folder / "data", .hypotheses = folder / "texts"});
  BOOST_TEST(report.split == "test");
  BOOST_TEST(report.examples == 9);

  const auto loaded = load_model(run, cpu::device());
  const auto& trained = dynamic_cast<const PairRun<SourceTarget<float>>&>(*loaded);
  const text::Tokenizer& tokenizer = trained.tokenizer();
  const data::SentencePairs pairs(folder / "data");
  data::PairStream stream = pairs.open(data::Split::test);
  double nats = 0;
  Index tokens = 0;
  std::vector<std::string> references;
  for (data::SentencePair pair; stream.next(pair);) {
    references.push_back(pair.target);
    std::vector<Id> source, input = {2}, output;
    for (const text::TokenId id : tokenizer.encode(pair.source)) source.push_back(id);
    for (const text::TokenId id : tokenizer.encode(pair.target)) input.push_back(id), output.push_back(id);
    source.push_back(2), output.push_back(2);
    const auto count = static_cast<Index>(output.size());
    const auto sources = trained.model().encode(Tensor<Id>({1, static_cast<Index>(source.size())}, source));
    const std::vector<float> logits =
        trained.model().logits(trained.model().hidden(Tensor<Id>({1, count}, input), sources)).to_vector();
    const std::size_t vocab = logits.size() / output.size();
    for (std::size_t i = 0; i < output.size(); ++i) {
      const std::span<const float> row = std::span(logits).subspan(i * vocab, vocab);
      nats += decode::log_sum_exp(row) - static_cast<double>(row[static_cast<std::size_t>(output[i])]);
    }
    tokens += count;
  }
  BOOST_TEST(report.tokens == tokens);
  BOOST_TEST(report.loss == nats / static_cast<double>(tokens), boost::test_tools::tolerance(1e-5));

  const std::vector<std::string> texts = test::texts_of(folder / "texts");
  BOOST_TEST_REQUIRE(texts.size() == 9u);
  const train::Figures figures =
      measure_texts(tasks::translation::metrics_of_texts(), texts, references, Intervals::no).figures;
  BOOST_TEST(*train::number_of(figures, "bleu") == *train::number_of(report.more, "bleu"));
  BOOST_TEST(*train::number_of(figures, "chrf") == *train::number_of(report.more, "chrf"));
}

BOOST_AUTO_TEST_CASE(a_validation_and_an_evaluation_of_its_checkpoint_agree) {
  const TemporaryFolder folder;
  write_pairs(folder);
  Request request = translating(folder, "run", "memsizer-hybrid", 8);
  request.settings.insert(request.settings.end(), {"max_source=9", "max_target=9", "validate_every=8"});
  train_model(request, {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const train::RunCurves curves = report::read_curves(run);
  const train::EvaluationReport report =
      test::scored(run, {.data = folder / "data", .split = "validation", .decoding = {.temperature = 0}});
  BOOST_TEST(report.loss == curves.validation_losses.back(), boost::test_tools::tolerance(1e-6));
  for (const char* figure : {"bleu", "chrf"})
    BOOST_TEST(*train::number_of(report.more, figure) == curves.validation_figures.at(figure).back());
}

BOOST_AUTO_TEST_CASE(a_normalizer_is_the_tokenizers_and_leaves_the_references_alone) {
  const TemporaryFolder folder;
  write_pairs(folder);
  Request request = translating(folder, "run", "memsizer", 1);
  request.settings.push_back("normalizer=lowercase");
  train_model(request, {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  BOOST_TEST(run.config().batches.normalizer == "lowercase");
  BOOST_TEST(text::read_tokenizer_json(run.tokenizer_file()).normalizer().name() == "lowercase");
  test::scored(run, {.data = folder / "data", .references = folder / "references"});
  BOOST_TEST(contents(folder / "references") == contents(folder / "data/test.de"));
}

BOOST_AUTO_TEST_CASE(options_of_decoding_change_the_texts_and_the_batch_does_not) {
  const TemporaryFolder folder;
  write_pairs(folder);
  Request request = translating(folder, "run", "memsizer", 60);
  request.settings.insert(request.settings.end(),
                          {"dim=32", "dropout=0", "learning_rate=0.01", "validate_every=60"});
  train_model(request, {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const auto texts = [&](const DecodingOptions& options) {
    test::scored(run, {.data = folder / "data", .decoding = options, .hypotheses = folder / "texts"});
    return contents(folder / "texts");
  };
  const std::string usual = texts({});
  BOOST_TEST(usual.find("Fluss") != usual.npos, usual);
  BOOST_TEST(texts({.batch = 1}) == usual);
  BOOST_TEST(texts({.batch = 4}) == usual);
  BOOST_TEST(texts({.beam = 1}) == texts({.temperature = 0}));
  BOOST_TEST(texts({.max_tokens = 1}) != usual);
  BOOST_TEST(texts({.no_repeat_ngram = 1}).find("Fluss Fluss") == usual.npos);
  BOOST_TEST(text_of(test::scored(run, {.data = folder / "data"}), "decoding") ==
             "\"beam 4, length penalty 0.6, at most 1.2 x source + 10 tokens\"");
}

BOOST_AUTO_TEST_CASE(long_pairs_are_left_out_of_training_and_counted_and_long_sources_are_cut) {
  const TemporaryFolder folder;
  write_pairs(folder);
  Request request = translating(folder, "run", "memsizer", 2);
  request.settings.insert(request.settings.end(), {"vocab=259", "max_source=18", "max_target=40"});
  std::vector<std::string> told;
  train_model(request, {.tell = [&](const std::string& line) { told.push_back(line); }});
  Index too_long = 0, cut = 0, cut_at_validation = 0;
  for (const data::Split split : {data::Split::train, data::Split::validation, data::Split::test}) {
    data::PairStream stream = data::SentencePairs(folder / "data").open(split);
    for (data::SentencePair pair; stream.next(pair);)  // with 259 tokens each byte is one
      if (pair.source.size() + 1 > 18 || pair.target.size() + 1 > 40)
        ++(split == data::Split::train ? too_long : split == data::Split::test ? cut : cut_at_validation);
  }
  BOOST_TEST_REQUIRE((too_long > 0 && cut_at_validation > 0));
  BOOST_TEST(
      std::ranges::count(told, concatenate(too_long, " of 40 pairs are left out of training: ", too_long,
                                           " are longer than max_source, max_target or batch_tokens, 0 "
                                           "have an empty side")) == 1);
  BOOST_TEST(std::ranges::any_of(told, [&](const std::string& line) {
    return line.ends_with(
        concatenate(" pairs to validate, ", cut_at_validation, " sources are cut to max_source = 18 tokens"));
  }));
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  BOOST_TEST(text_of(test::scored(run, {.data = folder / "data"}), "cut_sources") == std::to_string(cut));
}

BOOST_AUTO_TEST_CASE(the_direction_turns_with_source_and_target) {
  const TemporaryFolder folder;
  write_pairs(folder);
  Request request = translating(folder, "run", "transformer", 1);
  request.settings.insert(request.settings.end(), {"source=de", "target=en"});
  train_model(request, {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const auto data = find_task("translation").open_data(folder / "data", run.config());
  BOOST_TEST(pairs_of(*data).references(data::Split::test, 1)[0] ==
             contents(folder / "data/test.en").substr(0, contents(folder / "data/test.en").find('\n')));
  request.resume = Resume::yes;
  request.settings.back() = "target=fr";
  BOOST_CHECK_THROW(train_model(request, {}), InputError);
}

BOOST_AUTO_TEST_CASE(a_run_that_begins_with_anothers_weights_translates_in_its_direction) {
  const TemporaryFolder folder;
  write_pairs(folder);
  Request first = translating(folder, "first", "memsizer", 1);
  first.settings.insert(first.settings.end(), {"source=de", "target=en"});
  train_model(first, {});
  Request second{.task = "translation",
                 .data = folder / "data",
                 .output = folder / "second",
                 .from = folder / "first",
                 .settings = {"batch_tokens=64"},
                 .budget = {.steps = 1}};
  train_model(second, {});
  BOOST_TEST(train::RunDirectory::open(folder / "second").config().languages.target == "en");
}

BOOST_AUTO_TEST_CASE(the_preset_paper_is_the_recipe_of_memsizers_authors) {
  const train::Config config = preset_config("translation", "memsizer-hybrid", "paper");
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"dim", "1024"},
                                                        {"ffn", "4096"},
                                                        {"heads", "16"},
                                                        {"encoder_layers", "6"},
                                                        {"decoder_layers", "6"},
                                                        {"pre_norm", "false"},
                                                        {"share_embeddings", "true"},
                                                        {"tie", "true"},
                                                        {"slots", "4"},
                                                        {"cross_slots", "32"},
                                                        {"q_init_scale", "8"},
                                                        {"kv_init_scale", "8"},
                                                        {"optimizer", "adam"},
                                                        {"betas", "0.9,0.98"},
                                                        {"learning_rate", "5e-04"},
                                                        {"schedule", "inverse_sqrt"},
                                                        {"warmup", "4000"},
                                                        {"warmup_init_learning_rate", "1e-07"},
                                                        {"dropout", "0.3"},
                                                        {"label_smoothing", "0.1"},
                                                        {"label_smoothing_over", "all"},
                                                        {"weight_decay", "0"},
                                                        {"clip", "0"},
                                                        {"batch_tokens", "3584"},
                                                        {"accumulate", "16"},
                                                        {"attention_dropout", "0"},
                                                        {"activation_dropout", "0"},
                                                        {"encoder_attention", "transformer"},
                                                        {"decoder_attention", "memsizer"},
                                                        {"cross_attention", "memsizer"}})
    BOOST_TEST(train::text_of(config, key) == value, key << " is " << train::text_of(config, key));
}

BOOST_AUTO_TEST_CASE(the_sides_follow_the_keys_for_both_that_were_set_later) {
  const auto config_of = [](const std::vector<std::string>& settings, const std::string& architecture) {
    return effective_config(
               {.task = "translation", .architecture = architecture, .preset = "micro", .settings = settings})
        .config;
  };
  const auto text = [](const train::Config& config, const char* key) { return train::text_of(config, key); };
  const train::Config hybrid = config_of({"layers=3"}, "memsizer-hybrid");
  BOOST_TEST(text(hybrid, "encoder_attention") == "transformer");
  BOOST_TEST(text(hybrid, "decoder_attention") == "memsizer");
  BOOST_TEST(text(hybrid, "cross_attention") == "memsizer");
  BOOST_TEST(text(hybrid, "encoder_layers") == "3");
  const train::Config uneven = config_of({"layers=3", "encoder_layers=5"}, "memsizer");
  BOOST_TEST(text(uneven, "encoder_layers") == "5");
  BOOST_TEST(text(uneven, "decoder_layers") == "3");
  BOOST_TEST(text(config_of({"cross_slots=0"}, "memsizer"), "cross_slots") == "4");
  BOOST_TEST(text(config_of({"attention=linear,memsizer", "layers=2"}, "memsizer"), "cross_attention") ==
             "linear,memsizer");

  // A whole config.json names both; --set layers reaches the sides nevertheless.
  const TemporaryFolder folder;
  folder.write("config.json", files::dump_json(train::to_json(uneven)));
  Request request{.task = "translation", .config_file = folder / "config.json", .settings = {"layers=2"}};
  const train::Config changed = effective_config(request).config;
  BOOST_TEST(text(changed, "encoder_layers") == "2");
  request.settings.clear();
  BOOST_TEST(text(effective_config(request).config, "encoder_layers") == "5");
}

BOOST_AUTO_TEST_CASE(what_means_nothing_to_a_task_is_refused) {
  const TemporaryFolder folder;
  write_pairs(folder);
  test::write_text(folder);
  std::filesystem::create_directory(folder / "text");
  for (const char* split : {"train", "valid", "test"})
    std::filesystem::rename(folder / concatenate("data/wiki.", split, ".tokens"),
                            folder / concatenate("text/wiki.", split, ".tokens"));
  train_model(translating(folder, "run", "memsizer", 1), {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  BOOST_CHECK_THROW(test::scored(run, {.data = folder / "data", .stride = 3}), InputError);
  Request text = test::small_request(folder, "text_run", "memsizer", 1);
  text.data = folder / "text";
  train_model(text, {});
  const train::RunDirectory other = train::RunDirectory::open(folder / "text_run");
  BOOST_CHECK_THROW(test::scored(other, {.data = folder / "text", .decoding = {.beam = 2}}), InputError);
  BOOST_CHECK_THROW(test::scored(other, {.data = folder / "text", .hypotheses = folder / "texts"}),
                    InputError);
  BOOST_TEST(!std::filesystem::exists(folder / "texts"));
}

BOOST_AUTO_TEST_CASE(multi30k_trains_and_is_evaluated,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const TemporaryFolder folder;
  Request request = translating(folder, "run", "memsizer-hybrid", 2);
  request.data = real_data::folder() / "multi30k";
  train_model(request, {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const train::EvaluationReport report =
      test::scored(run, {.data = request.data, .limit = 20, .hypotheses = folder / "texts"});
  BOOST_TEST(report.examples == 20);
  BOOST_TEST(std::ranges::count(contents(folder / "texts"), '\n') == 20);
  BOOST_TEST(train::number_of(report.more, "bleu").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
