// Comparisons that are refused before they begin, and reports on full disks.
#include <boost/test/unit_test.hpp>

#include "memsizer/report/comparison.hpp"

#include "files/saving.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(comparison_requests)

using namespace memsizer;
using namespace memsizer::report;
using tasks::Request;
using test::small_request;
using test::write_text;
using train::Outcome;
namespace fs = std::filesystem;

namespace {

Request with(Request request, const std::string& setting) {
  request.settings.push_back(setting);
  return request;
}

}  // namespace

// report.json is written first and exceeds the first limit. Only report.md, written last, exceeds the second.
BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_report) {
  const test::HiddenGnuplot hidden;
  const TemporaryFolder folder;
  ComparisonRequest request;
  request.training.output = folder.path();
  ComparedModel model{.name = "memsizer", .architecture = "memsizer", .sweep_value = ""};
  model.quality.loss = 2.5;
  model.quality.more = {{"perplexity", 2.5}, {"word_perplexity", 2.5}, {"bits_per_byte", 2.5}};
  model.name = std::string(9000, 'm');  // once in report.json, three times in report.md
  model.curves.steps = {1, 2}, model.curves.losses = {3, 2};
  model.costs = {{16, 100, 64}, {64, 90, 64}};
  write_report(request, {model}, 1);
  const std::set<std::string> names = names_in(folder.path());
  const std::string report = contents(folder / "report.md");
  model.parameters = 7;
  for (const auto& [bytes, file] : {std::pair{100, "report.json"}, std::pair{25000, "report.md"}}) {
    const FileSizeLimit limit(static_cast<rlim_t>(bytes));
    CHECK_THROWS_SAYING(write_report(request, {model}, 1), SystemError, (folder / file).string());
    BOOST_TEST((names_in(folder.path()) == names));
    BOOST_TEST((contents(folder / "report.md") == report));
  }
  write_report(request, {model}, 1);
  BOOST_TEST((contents(folder / "report.md") != report));
}

BOOST_AUTO_TEST_CASE(a_comparison_is_refused_before_it_begins) {
  const TemporaryFolder folder;
  test::write_text(folder);
  KernelTable<float> table = cpu::table<float>();
  table.scan.causal_scan = nullptr;  // the second model needs it
  Device lacking("lacking", cpu::context(), cpu::memory(), table, cpu::table<double>());
  ComparisonRequest request;
  request.training = test::small_request(folder, "comparison", "", 2);
  request.training.device = &lacking;
  const auto never = [](const std::string&, const Request&) -> Outcome { throw Error("training began"); };
  CHECK_THROWS_SAYING(compare(request, never, [](const std::string&) {}), MissingKernel, "causal_scan");
  BOOST_TEST(!std::filesystem::exists(folder / "comparison"));
}

BOOST_AUTO_TEST_CASE(a_sweep_that_makes_no_other_model_is_refused) {
  const TemporaryFolder folder;
  write_text(folder);
  ComparisonRequest request;
  request.training = small_request(folder, "comparison", "", 1);
  const auto refused = [&](const std::string& key, const std::vector<std::string>& values,
                           const std::string& part) {
    request.sweep_key = key, request.sweep_values = values;
    const auto none = [](const std::string&, const Request&) { return Outcome::interrupted; };
    BOOST_TEST_CONTEXT(key)
    CHECK_THROWS_SAYING(compare(request, none, [](const std::string&) {}), InputError, part);
    BOOST_TEST(!fs::exists(folder / "comparison"));
  };
  refused("vocab", {"260", "270"}, "share one tokenizer");
  refused("normalizer", {"none", "nfc"}, "share one tokenizer");
  refused("preset", {"tiny", "small"}, "--preset");
  refused("log_every", {"1", "2"}, "logging and saving alone");
  refused("momentum", {"0.5", "0.9"}, "only the optimizer nesterov reads it");
  refused("decoder_layers", {"1", "2"}, "no source");
  refused("dropout", {"0.1", "0.10"}, "two of its values are equal");
  request.training.seed = 3;
  refused("seed", {"1", "2"}, "--seed sets it for all models");
}

// The text is too small for so many tokens. Training makes a smaller tokenizer, and all models take that one.
BOOST_AUTO_TEST_CASE(a_comparison_may_ask_for_more_tokens_than_the_text_gives) {
  const TemporaryFolder folder;
  write_text(folder);
  ComparisonRequest request;
  request.training = with(small_request(folder, "comparison", "", 1), "vocab=5000");
  const auto train_one = [](const std::string&, const Request& own) {
    train_and_draw(own, {});
    return Outcome::interrupted;
  };
  compare(request, train_one, [](const std::string&) {});
  BOOST_TEST(train::RunDirectory(folder / "comparison/transformer").config().model.vocab < 5000);
}

BOOST_AUTO_TEST_CASE(a_split_that_cannot_be_read_is_told_before_anything_is_created) {
  const TemporaryFolder folder;
  write_text(folder);
  folder.write("data/wiki.test.tokens", "PAR1....PAR1");
  ComparisonRequest comparison;
  comparison.training = small_request(folder, "comparison", "", 1);
  const auto train = [](const std::string&, const Request& request) { return train_and_draw(request, {}); };
  CHECK_THROWS_SAYING(compare(comparison, train, [](const std::string&) {}), InputError,
                      "wiki.test.tokens: expected text, got a Parquet");
  BOOST_TEST(!fs::exists(folder / "comparison"));
}

BOOST_AUTO_TEST_SUITE_END()
