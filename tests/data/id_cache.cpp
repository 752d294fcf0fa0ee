#include "memsizer/data/id_cache.hpp"

#include <boost/test/unit_test.hpp>

#include "data/cache_files.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(id_cache)

using namespace memsizer;
using namespace memsizer::data;

namespace {

const IdCacheKey narrow{.tokenizer = 1, .data = 2, .vocab_size = 65536}, wide{1, 2, 65537};

}  // namespace

BOOST_AUTO_TEST_CASE(ids_come_back) {
  const TemporaryFolder folder;
  for (const IdCacheKey& key : {narrow, wide})
    for (const std::vector<TokenId>& ids : {std::vector<TokenId>{}, {0}, {65535, 0, 7, 9, 1}}) {
      write_cache(folder / "a", key, ids);
      const CachedIds cached(folder / "a", key);
      BOOST_CHECK(all_ids(cached) == ids);
      BOOST_CHECK(cached.counts() == counts);
    }
  BOOST_CHECK_EQUAL(std::filesystem::file_size(folder / "a"), 5 * 4 + sizeof(data::detail::IdCacheFooter));
  const CachedIds cached(folder / "a", wide);
  std::vector<TokenId> two(2);
  cached.read(3, two);
  BOOST_CHECK((two == std::vector<TokenId>{9, 1}));
  CHECK_THROWS_SAYING(cached.read(4, two), InputError, "expected ids within 5, got 2 from 4");
}

BOOST_AUTO_TEST_CASE(an_id_outside_the_vocabulary_is_refused) {
  const TemporaryFolder folder;
  for (TokenId id : {-1, 65536})
    CHECK_THROWS_SAYING(write_cache(folder / "a", narrow, {1, id}), InputError,
                        "is not in the vocabulary of 65536");
  BOOST_CHECK(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(another_key_is_refused) {
  const TemporaryFolder folder;
  write_cache(folder / "a", narrow, {1, 2, 3});
  for (const IdCacheKey& key : {IdCacheKey{3, 2, 65536}, IdCacheKey{1, 3, 65536}, IdCacheKey{1, 2, 65535}})
    CHECK_THROWS_SAYING(CachedIds(folder / "a", key), InputError,
                        "made with another tokenizer or other data");
  BOOST_CHECK_EQUAL(narrow.file_name(), "ids-0000000000000001-0000000000000002.cache");
}

BOOST_AUTO_TEST_CASE(any_change_of_the_file_is_noticed) {
  const TemporaryFolder folder;
  write_cache(folder / "a", narrow, {1, 2, 3});
  const std::string good = contents(folder / "a");
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 16;
    BOOST_CHECK_THROW(CachedIds(folder.write("bad", bad), narrow), InputError);
    BOOST_CHECK_THROW(CachedIds(folder.write("bad", good.substr(0, i)), narrow), InputError);
    BOOST_CHECK_THROW(CachedIds(folder.write("bad", good.substr(good.size() - i)), narrow), InputError);
  }
  BOOST_CHECK_THROW(CachedIds(folder.write("bad", good + good), narrow), InputError);
  BOOST_CHECK_THROW(CachedIds(folder.write("bad", std::string(2, '\0') + good), narrow), InputError);
}

BOOST_AUTO_TEST_CASE(a_file_changed_while_in_use_lets_no_bad_id_out) {
  const TemporaryFolder folder;
  const IdCacheKey key{1, 2, 100};
  write_cache(folder / "a", key, {1, 2, 3});
  const CachedIds cached(folder / "a", key);
  std::string bytes = contents(folder / "a");
  bytes[2] = '\xff';
  folder.write("a", bytes);
  CHECK_THROWS_SAYING(all_ids(cached), InputError, "it was changed while in use");
  folder.write("a", "");
  CHECK_THROWS_SAYING(all_ids(cached), InputError, "it was cut off while in use");
}

BOOST_AUTO_TEST_SUITE_END()
