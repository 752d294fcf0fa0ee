// What a comparison measured is read again where it belongs to the same weights and data, and nowhere else.
#include "memsizer/report/measured_model.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/report/comparison.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(measured_model)

using namespace memsizer;
using namespace memsizer::report;

namespace {

struct Run {
  Run() {
    test::write_text(folder);
    tasks::train_model(test::small_request(folder, "run", "memsizer", 2), {});
  }

  train::RunDirectory run() const { return train::RunDirectory::open(folder / "run"); }
  std::unique_ptr<tasks::DataSet> data() const {
    return tasks::find_task("language-modeling").open_data(folder / "data", {});
  }
  std::optional<Measures> kept(data::Split split = data::Split::test) const {
    return kept_measures(run(), *data(), split);
  }

  TemporaryFolder folder;
  Measures measures{
      .quality = {.split = "test",
                  .examples = 3,
                  .tokens = 40,
                  .loss = 2.5,
                  .more = {{"perplexity", 12.25}, {"words", Index{7}}, {"bleu", {}}, {"how", "so"}},
                  .reason = "why"},
      .baselines = {{"nothing", {{"perplexity", 99.0}}}},
      .examples = {{"a question", "its answer", "another\nanswer"}},
      .costs = {{16, 1000.5, 2048}}};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(measures_come_back_as_they_were, Run) {
  BOOST_TEST(!kept().has_value());
  keep_measures(run(), *data(), data::Split::test, measures);
  const std::optional<Measures> again = kept();
  BOOST_TEST_REQUIRE(again.has_value());
  BOOST_TEST(train::to_json(again->quality) == train::to_json(measures.quality));
  BOOST_TEST(train::to_json(again->quality).dump() == train::to_json(measures.quality).dump());
  BOOST_TEST_REQUIRE(again->baselines.size() == 1u);
  BOOST_TEST(again->baselines[0].name == "nothing");
  BOOST_TEST(*train::number_of(again->baselines[0].figures, "perplexity") == 99.0);
  BOOST_TEST_REQUIRE(again->examples.size() == 1u);
  BOOST_TEST(again->examples[0].text == "another\nanswer");
  BOOST_TEST(again->costs[0].state_bytes == 2048);
  BOOST_TEST(again->costs[0].tokens_per_second == 1000.5);
}

BOOST_FIXTURE_TEST_CASE(measures_of_other_data_weights_or_form_do_not_count, Run) {
  keep_measures(run(), *data(), data::Split::test, measures);
  BOOST_TEST(!kept(data::Split::validation).has_value());
  const std::string whole = contents(folder / "run/measured.json");
  for (const std::string& damaged : {std::string(), std::string("{}"), whole.substr(0, whole.size() / 2)}) {
    folder.write("run/measured.json", damaged);
    BOOST_TEST(!kept().has_value(), damaged);
  }
  folder.write("run/measured.json", whole);
  BOOST_TEST(kept().has_value());
  tasks::train_model(test::resumed(test::small_request(folder, "run", "memsizer", 4), 4), {});
  BOOST_TEST((!kept().has_value() || run().named("best") == "step-2"));
  folder.write("data/wiki.test.tokens", " other words \n");
  BOOST_TEST(!kept().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
