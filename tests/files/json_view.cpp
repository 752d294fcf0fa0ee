// Typed values of JSON documents, and the places that their errors name.
#include "memsizer/files/json_view.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(json_view)

using namespace memsizer;
using namespace memsizer::files;

BOOST_AUTO_TEST_CASE(getters_give_the_value) {
  const Json document =
      Json::parse(R"({"layers": 6, "rate": 0.5, "tie": true, "name": "é", "betas": [0.9, 0.98], "none": null,
                                  "deep": {"list": [{"id": 18446744073709551615}, {"id": -1}]}})");
  const JsonView view(document, "a.json");
  BOOST_CHECK_EQUAL(view.get<int>("layers"), 6);
  BOOST_CHECK_EQUAL(view.get<double>("layers"), 6.0);
  BOOST_CHECK_EQUAL(view.get<float>("rate"), 0.5f);
  BOOST_CHECK(view.get<bool>("tie"));
  BOOST_CHECK_EQUAL(view.get<std::string>("name"), "é");
  BOOST_CHECK((view.get<std::vector<double>>("betas") == std::vector<double>{0.9, 0.98}));
  BOOST_CHECK_EQUAL(view.get_or("absent", 3), 3);
  BOOST_CHECK_EQUAL(view.get_or("none", 3), 3);
  BOOST_CHECK_EQUAL(view.get_or("layers", 3), 6);
  BOOST_CHECK(view.contains("none") && !view.contains("absent") && !view.find("absent"));
  const JsonView list = view.at("deep").at("list");
  BOOST_CHECK_EQUAL(list.size(), 2);
  BOOST_CHECK_EQUAL(list.element(0).get<std::uint64_t>("id"), std::numeric_limits<std::uint64_t>::max());
  BOOST_CHECK_EQUAL(list.elements()[1].get<int>("id"), -1);
}

BOOST_AUTO_TEST_CASE(getters_say_what_is_wrong) {
  const Json document = Json::parse(R"({"a": {"b": [1, "six", 2.5, {}, 300, -1, 1e300]}})");
  const JsonView view(document, "a.json");
  const JsonView b = view.at("a").at("b");
  CHECK_THROWS_SAYING(view.at("c"), InputError, "a.json: expected a key \"c\", got none");
  CHECK_THROWS_SAYING(view.at("a").get<int>("c"), InputError, "a.json: a: expected a key \"c\"");
  CHECK_THROWS_SAYING(b.element(1).get<int>(), InputError,
                      "a.json: a.b[1]: expected an integer, got the string \"six\"");
  CHECK_THROWS_SAYING(b.element(2).get<int>(), InputError, "a.b[2]: expected an integer, got 2.5");
  CHECK_THROWS_SAYING(b.element(3).get<std::string>(), InputError, "expected a string, got an object of 0");
  CHECK_THROWS_SAYING(b.element(0).get<bool>(), InputError, "expected true or false, got 1");
  CHECK_THROWS_SAYING(b.element(1).get<double>(), InputError, "expected a number");
  CHECK_THROWS_SAYING(b.element(4).get<std::uint8_t>(), InputError, "an integer from 0 to 255, got 300");
  CHECK_THROWS_SAYING(b.element(5).get<std::uint64_t>(), InputError, "got -1");
  CHECK_THROWS_SAYING(b.element(6).get<float>(), InputError, "out of range");
  CHECK_THROWS_SAYING(b.element(7), InputError, "a.b: expected an element 7, got 7");
  CHECK_THROWS_SAYING(b.at("x"), InputError, "expected an object, got an array of 7");
  CHECK_THROWS_SAYING(view.get<std::vector<int>>("a"), InputError,
                      "a.json: a: expected an array, got an object of 1");
  CHECK_THROWS_SAYING(view.at("a").get<std::vector<int>>("b"), InputError, "a.b[1]: expected an integer");
  CHECK_THROWS_SAYING(view.allow_only({"b", "c"}), InputError, "a: unknown key, expected b, c");
  BOOST_CHECK_NO_THROW(view.allow_only({"b", "a"}));
}

BOOST_AUTO_TEST_CASE(errors_name_the_line_of_the_value) {
  const JsonFile file(R"({
  "layers": 6,
  "list": [1, 2,
           3.5
  ],
  "in\nner": {
    "x":
      "six", "y": [[], [
        true]]
  }
})",
                      "a.json");
  const JsonView view = file.view();
  CHECK_THROWS_SAYING(view.get<std::string>("layers"), InputError,
                      "a.json:2: layers: expected a string, got 6");
  const JsonView list = view.at("list");
  CHECK_THROWS_SAYING(list.get<int>(), InputError, "a.json:3: list: expected an integer");
  CHECK_THROWS_SAYING(list.element(1).get<bool>(), InputError,
                      "a.json:3: list[1]: expected true or false, got 2");
  CHECK_THROWS_SAYING(list.element(2).get<int>(), InputError,
                      "a.json:4: list[2]: expected an integer, got 3.5");
  const JsonView inner = view.at("in\nner");
  CHECK_THROWS_SAYING(inner.at("z"), InputError, "a.json:6: ");
  CHECK_THROWS_SAYING(inner.get<int>("x"), InputError, "a.json:7: ");
  CHECK_THROWS_SAYING(inner.at("y").element(1).element(0).get<int>(), InputError, "a.json:9: ");
  CHECK_THROWS_SAYING(view.at("none"), InputError, "a.json:1: expected a key \"none\"");
  CHECK_THROWS_SAYING(view.allow_only({"layers", "list"}), InputError, "a.json:6: ");
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(JsonFile(folder.write("b.json", "\n[\n]")).view().object(), InputError,
                      "b.json:2: expected an object, got an array of 0");
}

BOOST_AUTO_TEST_SUITE_END()
