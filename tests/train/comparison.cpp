// Models side by side: what is trained, what the report holds, what a sweep trains again and what not.
#include "memsizer/train/comparison.hpp"

#include <boost/test/unit_test.hpp>

#include "train/small_run.hpp"

using namespace memsizer;
using namespace memsizer::train;

namespace {

ComparisonRequest small_comparison(const TemporaryFolder& folder) {
  test::write_text(folder);
  ComparisonRequest request;
  request.training = test::small_request(folder, "comparison", "", 2);
  return request;
}

std::optional<std::vector<ComparedModel>> run(const ComparisonRequest& request) {
  const auto train_one = [](const std::string&, const Request& own) { return train_language_model(own, {}); };
  return compare(request, train_one, [](const std::string&) {});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(comparison)

BOOST_AUTO_TEST_CASE(both_models_are_trained_and_measured, *boost::unit_test::label("slow")) {
  const TemporaryFolder folder;
  const ComparisonRequest request = small_comparison(folder);
  const auto models = run(request);
  BOOST_TEST_REQUIRE(models.has_value());
  BOOST_TEST_REQUIRE(models->size() == 2u);
  const ComparedModel &transformer = (*models)[0], &memsizer = (*models)[1];
  BOOST_TEST(transformer.name == "transformer");
  BOOST_TEST(memsizer.name == "memsizer");
  BOOST_TEST(memsizer.steps == 2);
  BOOST_TEST(memsizer.quality["split"] == "test");
  BOOST_TEST_REQUIRE(memsizer.costs.size() == cost_lengths().size());
  for (std::size_t i = 0; i < memsizer.costs.size(); ++i) {
    BOOST_TEST(memsizer.costs[i].length == cost_lengths()[i]);
    BOOST_TEST(memsizer.costs[i].state_bytes == memsizer.costs[0].state_bytes);
    BOOST_TEST(memsizer.costs[i].tokens_per_second > 0);
  }
  BOOST_TEST(transformer.costs.back().state_bytes > 1000 * transformer.costs[0].state_bytes);
  const std::string report = contents(folder / "comparison/report.md");
  for (const char* part : {"| transformer |", "| memsizer |", "16,384"})
    BOOST_TEST(report.find(part) != report.npos, part);
  const auto json = nlohmann::json::parse(contents(folder / "comparison/report.json"));
  BOOST_TEST(json["memsizer"]["generation"].size() == cost_lengths().size());
  // Both were trained with the one tokenizer.
  BOOST_TEST(contents(folder / "comparison/transformer/tokenizer.json") ==
             contents(folder / "comparison/tokenizer.json"));
  BOOST_TEST(contents(folder / "comparison/memsizer/tokenizer.json") ==
             contents(folder / "comparison/tokenizer.json"));
}

BOOST_AUTO_TEST_CASE(a_sweep_trains_what_depends_on_the_key, *boost::unit_test::label("slow")) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  request.sweep_key = "slots";
  request.sweep_values = {"2", "5"};
  const auto models = run(request);
  BOOST_TEST_REQUIRE(models.has_value());
  std::vector<std::string> names;
  for (const ComparedModel& model : *models) names.push_back(model.name);
  BOOST_TEST(names == (std::vector<std::string>{"transformer", "memsizer-slots-2", "memsizer-slots-5"}),
             boost::test_tools::per_element());
  BOOST_TEST((*models)[2].costs[0].state_bytes > (*models)[1].costs[0].state_bytes);
  BOOST_TEST(contents(folder / "comparison/report.md").find("sweep_quality") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused_before_anything_is_trained) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  const auto refused = [&](ComparisonRequest changed, const char* part) {
    CHECK_THROWS_SAYING(run(changed), InputError, part);
    BOOST_TEST(!std::filesystem::exists(folder / "comparison"));
  };
  ComparisonRequest changed = request;
  changed.sweep_key = "slot";
  changed.sweep_values = {"2"};
  refused(changed, "slots");
  changed.sweep_key = "slots";
  changed.sweep_values = {"two"};
  refused(changed, "slots");
  changed.sweep_key = "heads";
  changed.sweep_values = {"2", "3"};
  refused(changed, "heads");
  changed = request;
  changed.architectures = {"transformer", "lstm"};
  refused(changed, "lstm");
  changed.architectures = {};
  refused(changed, "at least one");
}

BOOST_AUTO_TEST_CASE(an_interrupted_training_ends_the_comparison) {
  const TemporaryFolder folder;
  int trained = 0;
  const auto interrupted = [&](const std::string&, const Request&) {
    return ++trained, Outcome::interrupted;
  };
  BOOST_TEST(!compare(small_comparison(folder), interrupted, [](const std::string&) {}).has_value());
  BOOST_TEST(trained == 1);
}

BOOST_AUTO_TEST_SUITE_END()
