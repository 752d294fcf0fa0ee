#include "memsizer/data/id_cache.hpp"

#include <random>

#include <boost/test/unit_test.hpp>

#include "memsizer/data/encoded_text.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"

#include "files/temporary_folder.hpp"
#include "real_data.hpp"

using namespace memsizer;
using namespace memsizer::data;

namespace {

const IdCacheKey narrow{.tokenizer = 1, .data = 2, .vocab_size = 65536}, wide{1, 2, 65537};
const TextCounts counts{100, 20, 3};

void write_cache(const std::filesystem::path& path, const IdCacheKey& key, const std::vector<TokenId>& ids) {
  IdCacheWriter writer(path, key);
  writer.add(std::span(ids).first(ids.size() / 2));
  writer.add(std::span(ids).subspan(ids.size() / 2));
  writer.commit(counts);
}

std::vector<TokenId> all_ids(const TokenIds& ids) {
  std::vector<TokenId> all(static_cast<size_t>(ids.size()));
  ids.read(0, all);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(id_cache)

BOOST_AUTO_TEST_CASE(ids_come_back) {
  const TemporaryFolder folder;
  for (const IdCacheKey& key : {narrow, wide})
    for (const std::vector<TokenId>& ids : {std::vector<TokenId>{}, {0}, {65535, 0, 7, 9, 1}}) {
      write_cache(folder / "a", key, ids);
      const CachedIds cached(folder / "a", key);
      BOOST_CHECK(all_ids(cached) == ids);
      BOOST_CHECK(cached.counts() == counts);
    }
  BOOST_CHECK_EQUAL(std::filesystem::file_size(folder / "a"), 5 * 4 + sizeof(detail::IdCacheFooter));
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

BOOST_AUTO_TEST_SUITE(encoded_text)

namespace {

const std::string story = [] {
  std::string text;
  for (int i = 0; i < 30000; ++i)
    text += " The " + std::to_string(i * 7919 % 1000) + "th word of a story . \n";
  return text;
}();

text::Tokenizer train_tokenizer() {
  text::TokenizerTrainer trainer;
  trainer.add_text(story.substr(0, 20000));
  return trainer.train(300);
}

/// Encodes the train split of the folder's data, noting what the user is told.
struct Encoding {
  explicit Encoding(const TemporaryFolder& folder, std::uint64_t tokenizer_hash = 1)
      : cache{folder / "cache", [this](const std::string& line) { told += line; }},
        text(encode_split(WikiText(folder / "data"), Split::train, tokenizer(), tokenizer_hash, cache)) {}

  static const text::Tokenizer& tokenizer() {
    static const text::Tokenizer tokenizer = train_tokenizer();
    return tokenizer;
  }

  std::string told;
  EncodeCache cache;
  EncodedText text;
};

size_t files_in(const std::filesystem::path& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

BOOST_AUTO_TEST_CASE(ids_are_those_of_the_whole_text_and_are_cached) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  const std::vector<TokenId> expected = Encoding::tokenizer().encode(story);
  const Encoding first(folder);
  BOOST_CHECK(all_ids(*first.text.ids) == expected);
  BOOST_CHECK((first.text.counts == WikiText(folder / "data").count(Split::train)));
  BOOST_CHECK_EQUAL(files_in(folder / "cache"), 1u);
  BOOST_CHECK_EQUAL(files_in(folder / "data"), 1u);
  const Encoding second(folder);
  BOOST_CHECK(all_ids(*second.text.ids) == expected && second.text.counts == first.text.counts);
  BOOST_CHECK_EQUAL(first.told + second.told, "");
}

BOOST_AUTO_TEST_CASE(the_cache_is_used_and_not_the_text_encoded_again) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  const IdCacheKey key{1, detail::hash_of_files(WikiText(folder / "data").files(Split::train)),
                       Encoding::tokenizer().vocab_size()};
  std::filesystem::create_directories(folder / "cache");
  write_cache(folder / "cache" / key.file_name(), key, {7, 8, 9});
  BOOST_CHECK((all_ids(*Encoding(folder).text.ids) == std::vector<TokenId>{7, 8, 9}));
  BOOST_CHECK(Encoding(folder, 2).text.ids->size() > 3);
}

BOOST_AUTO_TEST_CASE(a_damaged_cache_is_told_and_made_anew) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  const std::vector<TokenId> expected = all_ids(*Encoding(folder).text.ids);
  const auto file = std::filesystem::directory_iterator(folder / "cache")->path();
  const std::string good = contents(file);
  for (std::string bad : {good.substr(0, good.size() - 1), std::string(), "x" + good.substr(1)}) {
    folder.write("cache/" + file.filename().string(), bad);
    const Encoding again(folder);
    BOOST_CHECK(all_ids(*again.text.ids) == expected);
    BOOST_CHECK_NE(again.told.find("cannot be used: it is "), std::string::npos);
    BOOST_CHECK_NE(again.told.find("; it is made anew"), std::string::npos);
    BOOST_CHECK(contents(file) == good);
  }
}

BOOST_AUTO_TEST_CASE(other_data_or_another_tokenizer_has_a_cache_of_its_own) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  const Encoding first(folder), other_tokenizer(folder, 2);
  BOOST_CHECK_EQUAL(files_in(folder / "cache"), 2u);
  folder.write("data/wiki.train.tokens", story + "x");
  const Encoding other_data(folder);
  BOOST_CHECK_EQUAL(files_in(folder / "cache"), 3u);
  BOOST_CHECK(all_ids(*other_data.text.ids) == Encoding::tokenizer().encode(story + "x"));
}

BOOST_AUTO_TEST_CASE(without_a_place_for_the_cache_the_ids_stay_in_memory) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  folder.write("cache", "a file where the folder would be");
  const Encoding told(folder);
  BOOST_CHECK(all_ids(*told.text.ids) == Encoding::tokenizer().encode(story));
  BOOST_CHECK_NE(told.told.find("; the ids are kept in memory"), std::string::npos);
  const auto quiet = encode_split(WikiText(folder / "data"), Split::train, Encoding::tokenizer(), 1, {});
  BOOST_CHECK(all_ids(*quiet.ids) == all_ids(*told.text.ids));
}

BOOST_AUTO_TEST_CASE(bad_text_leaves_no_cache) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story + "\xff");
  CHECK_THROWS_SAYING(Encoding{folder}, InputError, "wiki.train.tokens:30001: expected UTF-8");
  BOOST_CHECK_EQUAL(files_in(folder / "cache"), 0u);
}

BOOST_AUTO_TEST_CASE(the_environment_names_the_folder_of_caches) {
  ::setenv("MEMSIZER_CACHE", "elsewhere", 1);
  BOOST_CHECK_EQUAL(cache_folder("run"), "elsewhere");
  ::setenv("MEMSIZER_CACHE", "", 1);
  BOOST_CHECK_EQUAL(cache_folder("run"), "run");
  ::unsetenv("MEMSIZER_CACHE");
  BOOST_CHECK_EQUAL(cache_folder("run"), "run");
}

BOOST_AUTO_TEST_CASE(real_text_decodes_to_itself, *boost::unit_test::precondition(real_data::is_there)) {
  const TemporaryFolder folder;
  const WikiText data(real_data::folder() / "wikitext-2");
  for (int round = 0; round < 2; ++round) {
    const auto encoded = encode_split(data, Split::test, Encoding::tokenizer(), 1, {folder / "cache"});
    BOOST_CHECK_EQUAL(encoded.counts.words, 245569);
    BOOST_CHECK(Encoding::tokenizer().decode(all_ids(*encoded.ids)) ==
                contents(real_data::folder() / "wikitext-2/wiki.test.tokens"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
