#include "memsizer/models/model_settings.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(model_settings)

using namespace memsizer;

namespace {

/// Values other than the defaults, by the settings' names. Settings without a value here become 7.
const std::map<std::string, std::string> others = {{"attention", "memsizer,transformer"},
                                                   {"activation", "gelu-tanh"},
                                                   {"pre_norm", "false"},
                                                   {"final_norm", "false"},
                                                   {"positions", "learned"},
                                                   {"embedding_scale", "one"},
                                                   {"tie", "false"},
                                                   {"vocab", "300"},
                                                   {"initialisation", "gpt2"},
                                                   {"dropout", "0.25"},
                                                   {"attention_dropout", "0.5"},
                                                   {"activation_dropout", "0.75"}};

}  // namespace

// Finds a row that reads one field and writes another, and two rows that share a field.
BOOST_AUTO_TEST_CASE(every_setting_has_a_field_of_its_own) {
  const auto rows = models::language_model_settings();
  models::LanguageModelConfig config;
  std::map<std::string, std::string> expected;
  for (const auto& row : rows) {
    const auto place = others.find(row.name);
    expected[row.name] = place == others.end() ? "7" : place->second;
    row.assign(config, expected[row.name]);
  }
  for (const auto& row : rows) BOOST_TEST(row.text(config) == expected[row.name], row.name);
  BOOST_TEST(config.attention == (std::vector<std::string>{"memsizer", "transformer"}),
             boost::test_tools::per_element());
  BOOST_TEST((config.initialisation == nn::Initialisation::gpt2));
}

BOOST_AUTO_TEST_CASE(kinds_of_attention_read_settings_that_exist) {
  std::vector<std::string> names;
  for (const auto& row : models::language_model_settings()) names.push_back(row.name);
  for (const auto& kind : nn::attention_kinds<float>)
    for (const std::string_view key : kind.settings)
      BOOST_TEST(std::ranges::count(names, key) == 1, kind.name << " reads " << key);
}

BOOST_AUTO_TEST_SUITE_END()
