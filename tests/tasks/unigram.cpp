#include "memsizer/tasks/unigram.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(unigram)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(each_token_has_its_smoothed_frequency) {
  const data::IdsInMemory training({0, 1, 1, 2, 1}), text({1, 3, 0});
  const double expected = -std::log(4 / 9.0) - std::log(1 / 9.0) - std::log(2 / 9.0);
  BOOST_TEST(tasks::unigram_nats(training, text, 4) == expected, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(the_text_is_read_in_blocks) {
  const data::IdsInMemory training(std::vector<data::TokenId>(200000, 1)),
      text(std::vector<data::TokenId>(100000, 1));
  BOOST_TEST(tasks::unigram_nats(training, text, 2) == -100000 * std::log(200001 / 200002.0),
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()
