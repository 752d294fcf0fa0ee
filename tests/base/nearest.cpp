#include "memsizer/base/nearest.hpp"

#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(nearest)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(distances_of_known_pairs) {
  BOOST_TEST(edit_distance("", "") == 0);
  BOOST_TEST(edit_distance("", "abc") == 3);
  BOOST_TEST(edit_distance("abc", "") == 3);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3);
  BOOST_TEST(edit_distance("sitting", "kitten") == 3);
  BOOST_TEST(edit_distance("flaw", "lawn") == 2);
  BOOST_TEST(edit_distance("dropout", "dropout") == 0);
}

BOOST_AUTO_TEST_CASE(the_name_that_was_probably_meant) {
  const std::vector<std::string> names = {"layers", "dim", "heads", "learning_rate"};
  BOOST_TEST(nearest_name("layer", names) == "layers");
  BOOST_TEST(nearest_name("learningrate", names) == "learning_rate");
  BOOST_TEST(nearest_name("dim", names) == "dim");
  const std::vector<std::string> equals = {"aa", "ab"};
  BOOST_TEST(nearest_name("ac", equals) == "aa");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_near_is_not_said_to_be_meant) {
  const std::vector<std::string> names = {"layers", "dim", "attention"};
  BOOST_TEST(suggestion("layer", names) == "; did you mean 'layers'?");
  BOOST_TEST(suggestion("gpu", names) == "; the nearest name is 'dim'");
  BOOST_TEST(!is_near("hidden_size", "attention"));
}

BOOST_AUTO_TEST_CASE(abbreviations_are_near) {
  for (const char* name : {"lr", "learn_rate", "lrate", "l_r", "lera", "learning_r"})
    BOOST_TEST(is_abbreviation(name, "learning_rate"), name);
  for (const char* name : {"l", "rl", "lx", "lrs", "rate", "", "_", "learning", "learning_rates"})
    BOOST_TEST(!is_abbreviation(name, "learning_rate"), name);
  BOOST_TEST(is_abbreviation("drop", "dropout"));
  BOOST_TEST(is_abbreviation("wd", "weight_decay"));
  BOOST_TEST(is_abbreviation("--mt", "--max-tokens"));
  BOOST_TEST(is_abbreviation("--max-tok", "--max-tokens"));
  BOOST_TEST(!is_abbreviation("--m", "--max-tokens"));
}

BOOST_AUTO_TEST_CASE(an_abbreviation_is_nearer_than_a_name_that_looks_alike) {
  const std::vector<std::string> names = {"dim",
                                          "slots",
                                          "min_learning_rate",
                                          "learning_rate",
                                          "weight_decay",
                                          "dropout",
                                          "label_smoothing",
                                          "vocab",
                                          "validate_every",
                                          "attention_dropout"};
  for (const auto& [name, meant] :
       std::vector<std::pair<std::string, std::string>>{{"lr", "learning_rate"},
                                                        {"wd", "weight_decay"},
                                                        {"mlr", "min_learning_rate"},
                                                        {"ls", "label_smoothing"},
                                                        {"drop", "dropout"},
                                                        {"voc", "vocab"},
                                                        {"val_every", "validate_every"},
                                                        {"att_drop", "attention_dropout"},
                                                        {"dmi", "dim"}})
    BOOST_TEST(nearest_name(name, names) == meant, name);
  const std::vector<std::string> both = {"layers_of_all", "layers"};
  BOOST_TEST(nearest_name("lay", both) == "layers");
}

BOOST_AUTO_TEST_SUITE_END()
