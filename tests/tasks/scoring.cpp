// Scored and logged losses, compared with the simplest way to compute them.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "attention_kind_names.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(scoring)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
using test::lines_of;
using test::small_request;
using test::write_text;
namespace test_data = boost::unit_test::data;

namespace {

constexpr Index sequence = 7, vocab = 11;
constexpr Id end_of_text_id = 2;

/// A model with random weights from a fixed seed.
struct Model {
  explicit Model(const std::string& kind)
      : model({.attention = {kind},
               .vocab = vocab,
               .layers = 2,
               .dim = 8,
               .attention_settings = {.heads = 2, .slots = 3},
               .block = {.ffn = 8}}),
        store(model, 5, false) {}

  models::LanguageModel<double> model;
  nn::ParameterStore<double> store;
};

/// The loss in nats of the last of these tokens, when the model reads those before it.
double nats_of_last(const Model& model, std::vector<Id> tokens) {
  const Id target = tokens.back();
  tokens.pop_back();
  const auto length = static_cast<Index>(tokens.size());
  const Tensor<double> hidden = model.model.hidden(Tensor<Id>({1, length}, tokens), {});
  const std::vector<double> all = model.model.logits(hidden).to_vector();
  const std::span<const double> logits = std::span(all).last(vocab);
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit);
  return std::log(sum) - logits[static_cast<std::size_t>(target)];
}

/// Scores each token alone, in the first window that holds it. Each window begins `stride` tokens after the
/// last one.
TextScore naive_score(const Model& model, const std::vector<Id>& ids, Index stride, Index limit) {
  TextScore score;
  for (Index token = 0; token < static_cast<Index>(ids.size()); ++token) {
    const Index window = token < sequence ? 0 : (token + 1 - sequence + stride - 1) / stride;
    if (limit > 0 && window >= limit) break;
    const Index begin = window * stride;
    std::vector<Id> tokens = {begin == 0 ? end_of_text_id : ids[static_cast<std::size_t>(begin - 1)]};
    tokens.insert(tokens.end(), ids.begin() + begin, ids.begin() + token + 1);
    score.nats += nats_of_last(model, tokens);
    ++score.tokens;
    score.windows = window + 1;
  }
  return score;
}

}  // namespace

BOOST_DATA_TEST_CASE(a_texts_score_is_that_of_its_tokens_one_by_one,
                     test_data::make(test::attention_kind_names()), kind) {
  const Model model(kind);
  std::vector<Id> ids;
  for (Index i = 0; i < 61; ++i) ids.push_back(static_cast<Id>(3 + (i * i + i / 3) % 8));
  const data::IdsInMemory text{std::vector<Id>(ids)};
  for (const Index stride : {1, 3, 5, 7})
    for (const Index limit : {0, 1, 4, 1000})
      for (const Index rows : {1, 4}) {
        BOOST_TEST_CONTEXT("stride " << stride << ", limit " << limit << ", rows " << rows) {
          const TextScore expected = naive_score(model, ids, stride, limit),
                          score = score_text(
                              model.model, text, end_of_text_id,
                              {.sequence = sequence, .stride = stride, .limit = limit, .rows = rows},
                              [](Index, Index) { return true; });
          BOOST_TEST(score.tokens == expected.tokens);
          BOOST_TEST(score.windows == expected.windows);
          BOOST_TEST(score.nats == expected.nats, boost::test_tools::tolerance(1e-12));
        }
      }
}

BOOST_AUTO_TEST_CASE(the_loss_that_is_logged_is_never_smoothed) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "plain", "memsizer", 1), {});
  Request request = small_request(folder, "smoothed", "memsizer", 1);
  request.settings.push_back("label_smoothing=0.3");
  train_model(request, {});
  const auto plain = nlohmann::json::parse(lines_of(folder / "plain")[0]),
             smoothed = nlohmann::json::parse(lines_of(folder / "smoothed")[0]);
  BOOST_TEST(plain["loss"] == smoothed["loss"]);
  BOOST_TEST(plain["gradient_norm"] != smoothed["gradient_norm"]);
}

BOOST_AUTO_TEST_CASE(what_a_lossy_normalizer_or_a_part_cannot_tell_is_null_with_the_reason) {
  const TemporaryFolder folder;
  write_text(folder);
  Request request = small_request(folder, "lossy", "memsizer", 1);
  request.settings.push_back("normalizer=lowercase");
  train_model(request, {});
  train_model(small_request(folder, "plain", "memsizer", 1), {});
  const auto evaluate = [&](const char* name, const EvaluationRequest& asked) {
    const RunDirectory run = RunDirectory::open(folder / name);
    return test::evaluate(*test::load(run), run, asked);
  };
  const auto lossy = evaluate("lossy", {.data = folder / "data"});
  BOOST_TEST(lossy["loss"].is_number());
  BOOST_TEST(lossy["perplexity"].is_number());
  BOOST_TEST(lossy["words"].is_number());
  for (const char* key : {"word_perplexity", "bits_per_byte"}) BOOST_TEST(lossy[key].is_null(), key);
  BOOST_TEST(lossy["reason"].get<std::string>().find("normalizer loses text") != std::string::npos);
  const auto part = evaluate("plain", {.data = folder / "data", .limit = 1});
  for (const char* key : {"words", "word_perplexity", "bits_per_byte"}) BOOST_TEST(part[key].is_null(), key);
  BOOST_TEST(part["reason"] == "only a part of the split was scored");
  const auto whole = evaluate("plain", {.data = folder / "data", .split = "dev"});
  BOOST_TEST(whole["split"] == "validation");
  for (const char* key : {"words", "word_perplexity", "bits_per_byte"})
    BOOST_TEST(whole[key].is_number(), key);
  BOOST_TEST(!whole.contains("reason"));
}

BOOST_AUTO_TEST_SUITE_END()
