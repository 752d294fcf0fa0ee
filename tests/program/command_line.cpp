// What every command promises: help with an example, hints and exit codes.
#include <sstream>

#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(command_line)

using namespace program_test;

namespace {

/// The names of the commands that a --help lists.
Words listed_commands(const std::string& help) {
  Words names;
  std::istringstream lines(help.substr(help.find("Commands:")));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line.starts_with("  "))
    names.push_back(line.substr(2, line.find(' ', 2) - 2));
  return names;
}

/// Every command, each as the words that name it.
std::vector<Words> all_commands(const Workplace& place) {
  std::vector<Words> commands;
  for (const std::string& name : listed_commands(place.expect(0, {"--help"}).out)) {
    commands.push_back({name});
    if (name != "tokenizer") continue;
    for (const std::string& below : listed_commands(place.expect(0, {name, "--help"}).out))
      commands.push_back({name, below});
  }
  return commands;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_commands_of_the_interface_are_there) {
  const Workplace place;
  const Words listed = listed_commands(place.expect(0, {"--help"}).out);
  for (const char* name :
       {"train", "evaluate", "generate", "compare", "tokenizer", "gradcheck", "summary", "plot", "score"})
    BOOST_TEST(std::ranges::count(listed, name) == 1, name);
}

BOOST_AUTO_TEST_CASE(every_help_has_an_example) {
  const Workplace place;
  for (Words command : all_commands(place)) {
    std::string name = "memsizer";
    for (const std::string& word : command) name += ' ' + word;
    command.push_back("--help");
    const Ran ran = place.expect(0, command);
    const std::size_t example = ran.out.find("Example:\n");
    BOOST_TEST_REQUIRE(example != ran.out.npos, name << " has no example");
    BOOST_TEST(contains(ran.out.substr(example), name), name << ": the example is of another command");
    BOOST_TEST(contains(ran.out, "Usage: " + name), name);
    BOOST_TEST(ran.err == "");
  }
}

BOOST_AUTO_TEST_CASE(every_summary_begins_as_a_sentence_does) {
  std::istringstream lines(Workplace().expect(0, {"--help"}).out);
  std::string line;
  while (std::getline(lines, line) && line != "Commands:") continue;
  int summaries = 0;
  for (std::string name, word; std::getline(lines, line) && std::istringstream(line) >> name >> word;) {
    ++summaries;
    BOOST_TEST((word[0] >= 'A' && word[0] <= 'Z'), line);
  }
  BOOST_TEST(summaries >= 8);
}

BOOST_AUTO_TEST_CASE(an_unknown_option_is_answered_with_the_nearest) {
  const Workplace place;
  for (Words command : all_commands(place)) {
    command.push_back("--hlep");
    const Ran ran = place.expect(2, command);
    BOOST_TEST(contains(ran.err, "'--hlep'; did you mean '--help'?"), ran.err);
    BOOST_TEST(ran.out == "");
  }
  const Ran ran = place.expect(2, {"tokenizer", "train", "--vocabsize=300"});
  BOOST_TEST(contains(ran.err, "did you mean '--vocab-size'?"), ran.err);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_like_none_is_answered_with_none) {
  const Workplace place;
  BOOST_TEST(place.expect(2, {"bogus"}).err ==
             "memsizer: not understood: 'bogus'\nmemsizer --help explains the options\n");
  BOOST_TEST(contains(place.expect(2, {"evaluate", "run", "--data", "x", "--prompt", "4"}).err,
                      "not understood: '--prompt'\n"));
}

BOOST_AUTO_TEST_CASE(an_unknown_command_has_no_help) {
  const Workplace place;
  for (const Words& words : {Words{"scores", "--help"}, Words{"bogus", "--help"}, Words{"--help", "bogus"},
                             Words{"tokenizer", "bogus", "--help"}}) {
    const Ran ran = place.expect(2, words);
    BOOST_TEST(contains(ran.err, "not understood: '"), ran.err);
    BOOST_TEST(ran.out == "");
  }
  const Ran ran = place.expect(2, {"evalute", "--help"});
  BOOST_TEST(contains(ran.err, "'evalute'; did you mean 'evaluate'?"), ran.err);
}

BOOST_AUTO_TEST_CASE(unknown_and_missing_commands_are_bad_usage) {
  const Workplace place;
  BOOST_TEST(contains(place.expect(2, {"trian"}).err, "did you mean 'train'?"));
  BOOST_TEST(contains(place.expect(2, {"tokenizer", "encod"}).err, "did you mean 'encode'?"));
  BOOST_TEST(contains(place.expect(2, {}).err, "--help"));
  BOOST_TEST(contains(place.expect(2, {"tokenizer"}).err, "memsizer tokenizer --help"));
}

BOOST_AUTO_TEST_CASE(missing_and_bad_values_are_bad_usage) {
  const Workplace place;
  BOOST_TEST(
      contains(place.expect(2, {"tokenizer", "train", "--input", "x", "--output", "y"}).err, "--vocab-size"));
  BOOST_TEST(contains(place.expect(2, {"tokenizer", "train", "--vocab-size", "many"}).err, "many"));
  BOOST_TEST(contains(place.expect(2, {"generate", "run", "--top-p", "high"}).err, "high"));
}

/// Finds every option with a number in the help of its command.
BOOST_AUTO_TEST_CASE(a_number_that_is_too_large_is_refused_with_the_bounds) {
  const Workplace place;
  int numbers = 0;
  for (const Words& command : all_commands(place)) {
    std::istringstream lines(place.expect(0, command + Words{"--help"}).out);
    for (std::string line, option, placeholder; std::getline(lines, line);) {
      if (!(std::istringstream(line) >> option >> placeholder) || !option.starts_with("--")) continue;
      if (placeholder != "N" && placeholder != "M" && placeholder != "S" && placeholder != "X") continue;
      ++numbers;
      const bool is_whole = placeholder == "N" && option != "--epochs";
      for (const std::string large : {is_whole ? "99999999999999999999" : "1e999", "1e999"}) {
        const std::string error = place.expect(2, command + Words{option, large}).err;
        BOOST_TEST(contains(error, option + ": a "), error);
        BOOST_TEST(contains(error, "number from 0 to "), error);
        BOOST_TEST(contains(error, " expected, got '" + large + "'"), error);
      }
      for (const char* no_number : {"1x", "0x10", "nan", ""})
        BOOST_TEST(contains(place.expect(2, command + Words{option, no_number}).err, "number expected"),
                   option);
    }
  }
  BOOST_TEST(numbers > 20);
}

BOOST_AUTO_TEST_CASE(keys_of_the_configuration_have_bounds_too) {
  const Workplace place;
  for (const char* setting :
       {"seed=99999999999999999999", "layers=1e30", "learning_rate=1e999", "layers=-1"}) {
    const std::string error = place.expect(2, {"summary", "--set", setting}).err;
    BOOST_TEST(contains(error, ": a number from "), error);
  }
  BOOST_TEST(contains(place.expect(2, {"summary", "--set", "lr=1"}).err, "did you mean 'learning_rate'?"));
  BOOST_TEST(
      contains(place.expect(2, {"generate", "run", "--temp", "1"}).err, "did you mean '--temperature'?"));
}

BOOST_AUTO_TEST_CASE(the_version_is_a_number) {
  const Ran ran = Workplace().expect(0, {"--version"});
  BOOST_TEST(ran.out.find_first_not_of("0123456789.\n") == ran.out.npos, ran.out);
}

BOOST_AUTO_TEST_CASE(an_output_that_cannot_be_written_is_a_failure) {
  const Workplace place;
  const Ran full = place.expect(1, {"gradcheck", "--list"}, "", "", ">/dev/full");
  BOOST_TEST(contains(full.err, "cannot write to standard output"), full.err);
  // A reader that closes the pipe early causes no message.
  const Ran closed = place.expect(0, {"gradcheck", "--list"}, "", "(", "; echo $? >code.tmp) | true");
  BOOST_TEST(closed.err == "");
}

BOOST_AUTO_TEST_SUITE_END()
