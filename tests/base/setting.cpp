#include "memsizer/base/setting.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(setting)

using namespace memsizer;

namespace {

enum class Glaze { none, sugar };

struct Cake {
  Index eggs = 2;
  double sugar = 0.5, least = 0.1, most = 0.2;
  bool baked = true;
  std::string name = "plain";
  Glaze glaze = Glaze::none;

  friend bool operator==(const Cake&, const Cake&) = default;
};

struct Party {
  Cake cake;
};

std::vector<Setting<Cake>> cake_settings() {
  return {number("eggs", "eggs in the dough", &Cake::eggs, {1, 12}),
          number("sugar", "kilograms", &Cake::sugar, {0, 2}),
          pair_setting("heat", "least and most", &Cake::least, &Cake::most, {0, 1}),
          truth("baked", "whether", &Cake::baked),
          text_setting("name", "any", &Cake::name),
          text_setting("shape", "one of", &Cake::name, {"plain", "round"}),
          choice("glaze", "on top", &Cake::glaze, {{"none", Glaze::none}, {"sugar", Glaze::sugar}})};
}

const Setting<Cake>& row(const std::vector<Setting<Cake>>& rows, const std::string& name) {
  return *std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.name == name; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_assigned_is_read_back) {
  const auto rows = cake_settings();
  Cake cake;
  for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{{"eggs", "7"},
                                                                                   {"sugar", "0.25"},
                                                                                   {"heat", "0.5,0.75"},
                                                                                   {"baked", "false"},
                                                                                   {"name", "of carrots"},
                                                                                   {"shape", "round"},
                                                                                   {"glaze", "sugar"}}) {
    row(rows, name).assign(cake, text);
    BOOST_TEST(row(rows, name).text(cake) == text, name);
  }
  BOOST_TEST(cake.eggs == 7);
  BOOST_TEST(cake.most == 0.75);
  BOOST_TEST((cake.glaze == Glaze::sugar));
}

BOOST_AUTO_TEST_CASE(what_is_no_value_is_refused_by_name_and_changes_nothing) {
  const auto rows = cake_settings();
  for (const auto& [name, text] :
       std::vector<std::pair<std::string, std::string>>{{"eggs", "0"},
                                                        {"eggs", "13"},
                                                        {"eggs", "2.5"},
                                                        {"eggs", ""},
                                                        {"eggs", "two"},
                                                        {"eggs", "7 "},
                                                        {"eggs", "99999999999999999999"},
                                                        {"sugar", "nan"},
                                                        {"sugar", "-1"},
                                                        {"sugar", "1e999"},
                                                        {"sugar", "inf"},
                                                        {"heat", "0.5"},
                                                        {"heat", "0.5,2"},
                                                        {"heat", "0.5,"},
                                                        {"baked", "yes"},
                                                        {"shape", "square"},
                                                        {"glaze", "salt"}}) {
    Cake cake;
    BOOST_CHECK_EXCEPTION(row(rows, name).assign(cake, text), InputError, [&](const InputError& error) {
      return std::string(error.what()).starts_with(name + ": ");
    });
    BOOST_TEST((cake == Cake()), name << '=' << text);
  }
}

// A number that fits no type is out of range like any other, and the error names the range.
BOOST_AUTO_TEST_CASE(a_number_beyond_every_type_is_told_the_range) {
  const auto rows = cake_settings();
  Cake cake;
  BOOST_CHECK_EXCEPTION(row(rows, "eggs").assign(cake, "99999999999999999999"), InputError,
                        [](const InputError& error) {
                          return std::string(error.what()).find("from 1 to 12") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_CASE(rows_are_seen_from_the_struct_around) {
  const auto rows = settings_of_member(&Party::cake, with_role(SettingRole::watching, cake_settings()));
  Party party;
  rows[0].assign(party, "5");
  BOOST_TEST(party.cake.eggs == 5);
  BOOST_TEST(rows[0].text(party) == "5");
  for (const auto& one : rows) BOOST_TEST((one.role == SettingRole::watching));
  BOOST_TEST(rows.size() == cake_settings().size());
}

BOOST_AUTO_TEST_SUITE_END()
