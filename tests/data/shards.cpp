#include "memsizer/data/shards.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(shards)

using memsizer::data::missing_shards;
using memsizer::data::MissingShards;

BOOST_AUTO_TEST_CASE(names_tell_which_shards_are_not_there) {
  BOOST_CHECK((missing_shards({"d/train-00000-of-00002.parquet", "d/train-00001-of-00002.parquet"}) ==
               MissingShards{0, 2, ""}));
  BOOST_CHECK((missing_shards({"d/train-00000-of-00012.jsonl", "d/train-00001-of-00012.jsonl",
                               "d/train-00011-of-00012.jsonl"}) ==
               MissingShards{9, 12, "train-00002-of-00012.jsonl"}));
  BOOST_CHECK((missing_shards({"a/x-1-of-2.en", "b/x-0-of-2.en", "a/x-0-of-2.de", "a/x-1-of-2.de"}) ==
               MissingShards{2, 6, "x-0-of-2.en"}));
}

BOOST_AUTO_TEST_CASE(other_names_are_no_shards) {
  for (const char* name : {"train.jsonl", "out-of-order.txt", "1-of-00002.txt", "train-00002-of-00002.txt",
                           "train-0000000000-of-0000000002.txt", "-of-", "00000-of-"})
    BOOST_CHECK_MESSAGE((missing_shards({name}) == MissingShards{}), name);
}

BOOST_AUTO_TEST_SUITE_END()
