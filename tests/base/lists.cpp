#include "memsizer/base/lists.hpp"

#include <map>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(lists)

using namespace memsizer;

namespace {

using Names = std::vector<std::string>;

struct Planet {
  const char* name;
  int moons;

  std::string text() const { return concatenate(name, " ", moons); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_list_is_taken_apart) {
  BOOST_TEST(split_list("", "--names").empty());
  BOOST_TEST(split_list("one", "--names") == Names{"one"});
  BOOST_TEST(split_list("one,two words,3", "--names") == (Names{"one", "two words", "3"}));
}

BOOST_AUTO_TEST_CASE(numbers_in_order_are_all_below_the_count_in_their_places) {
  BOOST_TEST(is_in_order({}, 0));
  BOOST_TEST(is_in_order({0, 1, 2}, 3));
  for (const std::vector<Index>& numbers :
       {std::vector<Index>{}, {0, 1}, {0, 1, 2, 3}, {0, 2, 1}, {1, 2, 3}, {0, 0, 1}})
    BOOST_TEST(!is_in_order(numbers, 3));
}

BOOST_AUTO_TEST_CASE(an_empty_part_is_refused) {
  for (const std::string_view list : {",", "one,", ",one", "one,,two"}) {
    const std::string expected =
        concatenate("--names: a comma list without empty parts expected, got '", list, "'");
    BOOST_CHECK_EXCEPTION(split_list(list, "--names"), InputError,
                          [&](const InputError& error) { return error.what() == expected; });
  }
}

BOOST_AUTO_TEST_CASE(names_are_put_together) {
  BOOST_TEST(join(Names{}) == "");
  BOOST_TEST(join(Names{"one"}) == "one");
  BOOST_TEST(join(Names{"", "two", ""}) == ", two, ");
  BOOST_TEST(join(split_list("one,two", "--names"), ",") == "one,two");
}

BOOST_AUTO_TEST_CASE(parts_have_names_of_many_kinds) {
  const Planet planets[] = {{"earth", 1}, {"mars", 2}};
  BOOST_TEST(join(planets, "; ", &Planet::name) == "earth; mars");
  BOOST_TEST(join(planets, ", ", &Planet::text) == "earth 1, mars 2");
  const std::vector<const Planet*> pointers = {&planets[1], &planets[0]};
  BOOST_TEST(join(pointers, " ", &Planet::name) == "mars earth");
  const std::map<int, std::string> numbers = {{1, "one"}, {2, "two"}};
  BOOST_TEST(join(numbers, ", ", [](const auto& entry) { return std::string_view(entry.second); }) ==
             "one, two");
}

BOOST_AUTO_TEST_SUITE_END()
