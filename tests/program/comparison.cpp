// memsizer compare, from the text to the report.
#include "program/data_place.hpp"
#include "source_folder.hpp"

BOOST_AUTO_TEST_SUITE(comparison)

using namespace program_test;

namespace {

Words compare_words(const Words& more) {
  Words words = Words{"compare", "--output", "new"} + DataPlace::small_model();
  for (const char* setting : {"dim=8", "log_every=10"}) words.insert(words.end(), {"--set", setting});
  return words + more;
}

/// Data that the project ships.
std::string sample_data(const std::string& name) {
  return (memsizer::test::source_folder() / "samples/data" / name).string();
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

BOOST_AUTO_TEST_CASE(two_tasks_have_one_report_and_each_its_baseline, *boost::unit_test::label("slow")) {
  const DataPlace place;
  const std::string pairs = sample_data("translation-tiny");
  // Translation comes first, so that the one task that fails is not the last.
  const Words words = Words{"compare", "--output", "new", "--preset", "micro", "--steps", "40"} +
                      Words{"--task", "translation", "--data", pairs} +
                      Words{"--task", "language-modeling", "--data", "data"} +
                      Words{"--architectures", "memsizer", "--threads", "1"} +
                      Words{"--set", "learning_rate=0.02", "--set", "warmup=5"};
  const Ran ran = place.expect(1, words + Words{"--beat-baseline"}, "", "PATH=/nowhere");
  const std::string report = contents(place.folder() / "new/report.md");
  BOOST_TEST(ran.out == report + "\nThe report is new/report.md\n");
  for (const char* part :
       {"# Comparison on 2 tasks\n", "\n| task | figure | memsizer | best baseline |\n",
        "\n| translation | BLEU | ", "\n| language-modeling | word perplexity (lower is better) | ",
        "\n## translation\n", "\n## language-modeling\n", "\n| the source, copied |",
        "\n| the frequencies of tokens |", "- data: data\n"})
    BOOST_TEST(contains(report, part), part << " is not in\n" << report);
  BOOST_TEST(contains(report, "- data: " + pairs + '\n'), report);
  BOOST_TEST(contains(ran.err, "memsizer is not better than a trivial baseline: bleu"), ran.err);
  BOOST_TEST(!contains(ran.err, "a trivial baseline: word_perplexity"), ran.err);

  // Nothing is left to do, and nobody asks for better models.
  const auto json = place.json(words + Words{"--resume"});
  BOOST_TEST(json["translation"]["memsizer"]["beats_baseline"] == false);
  BOOST_TEST(json["language-modeling"]["memsizer"]["beats_baseline"] == true);
  for (const char* task : {"translation", "language-modeling"})
    BOOST_TEST(json[task]["memsizer"]["steps"] == 40);
  place.expect(1, words + Words{"--resume", "--beat-baseline"});
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

BOOST_AUTO_TEST_CASE(a_comparison_goes_on_with_the_models_that_it_began_with,
                     *boost::unit_test::label("slow")) {
  const DataPlace place;
  const auto words = [](const std::string& architectures, const Words& more) {
    return compare_words(Words{"--steps", "1", "--architectures", architectures} + more);
  };
  const Words sweep = {"--sweep", "slots=2,4"}, resume = {"--resume"};
  place.expect(0, words("memsizer", sweep), "", "PATH=/nowhere");
  const std::string report = contents(place.folder() / "new/report.md"),
                    begun = R"(["memsizer-slots-2","memsizer-slots-4"])";
  const auto refused = [&](const Words& other, const std::string& part) {
    const std::string error = place.expect(2, other + resume).err;
    BOOST_TEST(contains(error, part), error);
    BOOST_TEST(contains(contents(place.folder() / "new/report.md"), report));
    for (const char* name : {"memsizer", "transformer", "memsizer-slots-8"})
      BOOST_TEST(!std::filesystem::exists(place.folder() / "new" / name), name);
  };
  for (const auto& [other, asked] :
       {std::pair{words("memsizer", {"--sweep", "slots=2"}), R"(["memsizer-slots-2"])"},
        {words("memsizer", {"--sweep", "slots=2,4,8"}),
         R"(["memsizer-slots-2","memsizer-slots-4","memsizer-slots-8"])"},
        {words("memsizer", {}), R"(["memsizer"])"},
        {words("transformer", {}), R"(["transformer"])"},
        {words("memsizer,transformer", sweep), R"(["memsizer-slots-2","memsizer-slots-4","transformer"])"}})
    refused(other, "new/comparison.json: the comparison was begun with models = " + begun + ", and " + asked +
                       " is asked for; --resume needs the options and the data that it began with");

  // An older version did not write the models down, but those that have begun can be seen.
  auto facts =
      memsizer::files::parse_json(contents(place.folder() / "new/comparison.json"), "comparison.json");
  facts.erase("models");
  place.folder().write("new/comparison.json", facts.dump());
  refused(
      words("memsizer", {"--sweep", "slots=2"}),
      "new: the comparison has the model memsizer-slots-4, and only memsizer-slots-2 is asked for; --resume "
      "needs the --architectures and the --sweep that it began with");
  place.expect(0, words("memsizer", sweep) + resume, "", "PATH=/nowhere");
}

BOOST_AUTO_TEST_CASE(each_task_of_a_comparison_has_its_data) {
  const DataPlace place;
  const auto refused = [&](const Words& more, const std::string& part) {
    const Ran ran =
        place.expect(2, Words{"compare", "--output", "new", "--preset", "micro", "--steps", "1"} + more);
    BOOST_TEST(contains(ran.err, part), ran.err);
    BOOST_TEST(!std::filesystem::exists(place.folder() / "new"), part);
  };
  const Words language = {"--task", "language-modeling", "--data", "data"};
  refused({}, "--data");
  refused({"--task", "translation"}, "--data");
  refused(language + Words{"--task", "translation"},
          "--task and --data come in pairs, got 2 of --task and 1 of --data");
  refused(language + Words{"--data", "data"},
          "--task and --data come in pairs, got 1 of --task and 2 of --data");
  refused({"--data", "data", "--data", "data"},
          "--task and --data come in pairs, got 0 of --task and 2 of --data");
  // What the last task lacks is told before the first one trains.
  refused(language + Words{"--task", "translate", "--data", "data"}, "'translate'");
  refused(language + Words{"--task", "translation", "--data", "absent"}, "the data absent does not exist");
  refused(language + Words{"--task", "translation", "--data", "data"},
          "data: expected files such as train.en");
  const Words memsizer = {"--architectures", "memsizer-hybrid", "--task",
                          "translation",     "--data",          sample_data("translation-tiny")};
  refused(memsizer + language, "architecture memsizer-hybrid has an encoder");
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
