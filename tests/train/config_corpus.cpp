#include "fuzz/replay.hpp"
#include "fuzz/train_targets.hpp"

BOOST_AUTO_TEST_SUITE(config_corpus)

BOOST_AUTO_TEST_CASE(the_reader_of_configurations_withstands_it) {
  replay(fuzz::train_targets());
}

BOOST_AUTO_TEST_SUITE_END()
