// memsizer compare, from the text to the report.
#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(comparison)

using namespace program_test;

namespace {

Words compare_words(const Words& more) {
  Words words = Words{"compare", "--output", "new"} + DataPlace::small_model();
  for (const char* setting : {"dim=8", "log_every=10"}) words.insert(words.end(), {"--set", setting});
  return words + more;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_comparison_ends_with_a_report, *boost::unit_test::label("slow")) {
  const DataPlace place;
  const Ran ran = place.expect(0, compare_words({"--steps", "3", "--json"}));
  const auto json = memsizer::files::parse_json(ran.out, "standard output");  // one object, nothing else
  BOOST_TEST(json ==
             memsizer::files::parse_json(contents(place.folder() / "new/report.json"), "report.json"));
  for (const char* name : {"transformer", "memsizer"}) {
    BOOST_TEST(json[name]["steps"] == 3);
    BOOST_TEST(json[name]["training_tokens_per_second"].get<double>() > 0);
    BOOST_TEST(json[name]["quality"]["split"] == "test");
    BOOST_TEST(json[name]["generation"].size() == 6u);
    BOOST_TEST(json[name]["settings"]["data"] == "data");
    BOOST_TEST(contains(ran.err, std::string(name) + ": scoring the test split"), ran.err);
  }
  const std::string report = contents(place.folder() / "new/report.md");
  for (const char* part : {"- data: data\n", "- preset: tiny\n", "- trained for: 3 steps\n", "- seed: 1\n",
                           "- device: cpu\n", "- threads: 1\n", "- program: memsizer 0."})
    BOOST_TEST(contains(report, part), part << " is not in\n" << report);
}

BOOST_AUTO_TEST_CASE(a_report_is_printed, *boost::unit_test::label("slow")) {
  const DataPlace place;
  const Ran ran =
      place.expect(0, compare_words({"--steps", "2", "--architectures", "memsizer"}), "", "PATH=/nowhere");
  BOOST_TEST(ran.out.starts_with(contents(place.folder() / "new/report.md")), ran.out);
  BOOST_TEST(ran.out.ends_with("\nThe report is new/report.md\n"), ran.out);
  BOOST_TEST(contains(ran.err, "the data is in new/loss.dat"), ran.err);
}

BOOST_AUTO_TEST_CASE(a_model_that_is_no_better_than_the_baseline_is_an_error_if_so_wished,
                     *boost::unit_test::label("slow")) {
  const DataPlace place;
  const Words words = compare_words({"--steps", "1", "--architectures", "memsizer"});
  const Ran ran = place.expect(1, words + Words{"--beat-baseline"}, "", "PATH=/nowhere");
  BOOST_TEST(contains(ran.out, "\nThe report is new/report.md\n"), ran.out);
  BOOST_TEST(contains(ran.err, "baseline"), ran.err);
}

BOOST_AUTO_TEST_CASE(ctrl_c_stops_a_comparison_which_goes_on, *boost::unit_test::label("slow")) {
  const DataPlace place;
  const Words words = compare_words({"--steps", "1000"});
  const Ran stopped = place.interrupt("grep -qs loss new/memsizer/metrics.jsonl", words);
  BOOST_TEST(stopped.code == 130, stopped.err);
  BOOST_TEST(contains(stopped.err, "and --resume goes on with it"), stopped.err);
  BOOST_TEST(contains(contents(place.folder() / "new/report.md"), "1 of 2 models are done"));
  const auto json = place.json(words + Words{"--resume"});
  for (const char* name : {"transformer", "memsizer"}) BOOST_TEST(json[name]["steps"] == 1000);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_a_comparison_that_cannot_be) {
  const DataPlace place;
  const auto refused = [&](const Words& more, const std::string& part) {
    const Ran ran = place.expect(2, compare_words(more));
    BOOST_TEST(contains(ran.err, part), ran.err);
    BOOST_TEST(!std::filesystem::exists(place.folder() / "new"));
  };
  refused({}, "--steps, --epochs and --minutes");
  refused({"--steps", "2", "--architectures", "memsizer,memsizer"}, "the model memsizer is asked for twice");
  refused({"--steps", "2", "--sweep", "slots=4,4"}, "memsizer-slots-4 is asked for twice");
  refused({"--steps", "2", "--sweep", "slots=4,"}, "--sweep: a comma list without empty parts expected");
  place.folder().write("new/file", "");
  const Ran ran = place.expect(2, compare_words({"--steps", "2"}));
  BOOST_TEST(contains(ran.err, "another --output begins a new one"), ran.err);
}

BOOST_AUTO_TEST_SUITE_END()
