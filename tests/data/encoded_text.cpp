#include "memsizer/data/encoded_text.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/text/tokenizer_trainer.hpp"

#include "data/cache_files.hpp"
#include "files/temporary_folder.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(encoded_text)

using namespace memsizer;
using namespace memsizer::data;

namespace {

const std::string story = [] {
  std::string text;
  for (int i = 0; i < 12000; ++i)
    text += " The " + std::to_string(i * 7919 % 1000) + "th word of a story . \n";
  return text;
}();

text::Tokenizer train_tokenizer(Index vocab_size) {
  text::TokenizerTrainer trainer;
  trainer.add_text(story.substr(0, 20000));
  return trainer.train(vocab_size);
}

const text::Tokenizer& tokenizer() {
  static const text::Tokenizer tokenizer = train_tokenizer(300);
  return tokenizer;
}

const text::Tokenizer& other_tokenizer() {
  static const text::Tokenizer tokenizer = train_tokenizer(301);
  return tokenizer;
}

/// Encodes the train split of the folder's data, and records what the user is told.
struct Encoding {
  explicit Encoding(const TemporaryFolder& folder, const text::Tokenizer& used = tokenizer())
      : cache{folder / "cache", [this](const std::string& line) { told += line; }},
        text(encode_split(WikiText(folder / "data"), Split::train, used, cache)) {}

  std::string told;
  EncodeCache cache;
  EncodedText text;
};

size_t files_in(const std::filesystem::path& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

BOOST_AUTO_TEST_CASE(threads_change_no_id) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  ThreadPool threads(3);
  const EncodedText text =
      encode_split(WikiText(folder / "data"), Split::train, tokenizer(), {.threads = &threads});
  std::vector<TokenId> ids(static_cast<std::size_t>(text.ids->size()));
  text.ids->read(0, ids);
  BOOST_TEST((ids == tokenizer().encode(story)));
}

BOOST_AUTO_TEST_CASE(ids_are_those_of_the_whole_text_and_are_cached) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  const std::vector<TokenId> expected = tokenizer().encode(story);
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
  const IdCacheKey key{files::hash_text(text::dump_tokenizer_json(tokenizer())),
                       hash_of_files(WikiText(folder / "data").files(Split::train)),
                       tokenizer().vocab_size()};
  std::filesystem::create_directories(folder / "cache");
  write_cache(folder / "cache" / key.file_name(), key, {7, 8, 9});
  BOOST_CHECK((all_ids(*Encoding(folder).text.ids) == std::vector<TokenId>{7, 8, 9}));
  BOOST_CHECK(Encoding(folder, other_tokenizer()).text.ids->size() > 3);
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
  const Encoding first(folder), other(folder, other_tokenizer());
  BOOST_CHECK(all_ids(*other.text.ids) == other_tokenizer().encode(story));
  BOOST_CHECK_EQUAL(files_in(folder / "cache"), 2u);
  folder.write("data/wiki.train.tokens", story + "x");
  const Encoding other_data(folder);
  BOOST_CHECK_EQUAL(files_in(folder / "cache"), 3u);
  BOOST_CHECK(all_ids(*other_data.text.ids) == tokenizer().encode(story + "x"));
}

BOOST_AUTO_TEST_CASE(without_a_place_for_the_cache_the_ids_stay_in_memory) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  folder.write("cache", "a file where the folder would be");
  const Encoding told(folder);
  BOOST_CHECK(all_ids(*told.text.ids) == tokenizer().encode(story));
  BOOST_CHECK_NE(told.told.find("; the ids are kept in memory"), std::string::npos);
  const auto quiet = encode_split(WikiText(folder / "data"), Split::train, tokenizer(), {});
  BOOST_CHECK(all_ids(*quiet.ids) == all_ids(*told.text.ids));
}

BOOST_AUTO_TEST_CASE(a_text_is_known_by_the_hash_of_its_files_wherever_its_ids_come_from) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story);
  const Encoding made(folder), cached(folder);
  const auto in_memory = encode_split(WikiText(folder / "data"), Split::train, tokenizer(), {});
  BOOST_CHECK_EQUAL(made.text.hash, cached.text.hash);
  BOOST_CHECK_EQUAL(made.text.hash, in_memory.hash);
  folder.write("data/wiki.train.tokens", story + "more\n");
  BOOST_CHECK_NE(Encoding(folder).text.hash, made.text.hash);
}

BOOST_AUTO_TEST_CASE(bad_text_leaves_no_cache) {
  const TemporaryFolder folder;
  folder.write("data/wiki.train.tokens", story + "\xff");
  CHECK_THROWS_SAYING(Encoding{folder}, InputError, "wiki.train.tokens:12001: expected UTF-8");
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

BOOST_AUTO_TEST_CASE(real_text_decodes_to_itself,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const TemporaryFolder folder;
  const WikiText data(real_data::folder() / "wikitext-2");
  for (int round = 0; round < 2; ++round) {
    const auto encoded = encode_split(data, Split::test, tokenizer(), {folder / "cache"});
    BOOST_CHECK_EQUAL(encoded.counts.words, 245569);
    BOOST_CHECK(tokenizer().decode(all_ids(*encoded.ids)) ==
                contents(real_data::folder() / "wikitext-2/wiki.test.tokens"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
