// The sample data equal the output of their generators, and have the form of the real data.
#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(sample_data)

namespace {

const std::string wikitext = "samples/data/wikitext-tiny/", translation = "samples/data/translation-tiny/";
const std::vector<std::string> splits = {"train", "valid", "test"};

bool is_wikitext_line(const std::string& line) {
  return line == " " || (line.front() == ' ' && line.back() == ' ');
}

/// Runs a generator, and checks that it writes exactly the files of a folder.
void check_generator(const std::string& script, const std::string& folder) {
  std::string pattern = (std::filesystem::temp_directory_path() / "memsizer-house-XXXXXX").string();
  BOOST_TEST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const std::filesystem::path output = pattern;
  house::output_of("PYTHONDONTWRITEBYTECODE=1 python3 '" + (house::root() / script).string() +
                   "' --output '" + output.string() + "'");
  std::set<std::string> names;
  for (const auto& parent : {output, house::root() / folder})
    for (const auto& entry : std::filesystem::directory_iterator(parent))
      names.insert(entry.path().filename().string());
  BOOST_TEST(!names.empty());
  for (const std::string& name : names) {
    const std::string committed = house::read(folder + name), made = house::read((output / name).string());
    const bool same = !committed.empty() && committed == made;
    BOOST_TEST(same, name << " is not what " << script << " writes");
  }
  std::filesystem::remove_all(output);
}

/// The sentences of a file: its lines, without the tags of SGML.
std::vector<std::string> sentences_of(const std::string& name) {
  std::vector<std::string> sentences;
  for (const std::string& line : house::lines_of(house::read(translation + name))) {
    const std::size_t begin = line.starts_with("<seg ") ? line.find('>') + 1 : 0, end = line.rfind("</seg>");
    if (begin > 0 || !line.starts_with('<')) sentences.push_back(line.substr(begin, end - begin));
  }
  return sentences;
}

/// The words of a sentence in small letters (of English, ASCII suffices), without marks.
std::vector<std::string> words_of(const std::string& sentence) {
  std::string letters;
  for (const char c : sentence)
    if (c != '.' && c != ',' && c != '?') letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  std::istringstream stream(letters);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_generators_write_the_same_bytes,
                     *boost::unit_test::precondition(house::has_python)) {
  check_generator("samples/data/make_wikitext_tiny.py", wikitext);
  check_generator("samples/data/make_translation_tiny.py", translation);
  check_generator("samples/data/make_articles_tiny.py", "samples/data/articles-tiny/");
  check_generator("samples/data/make_questions_tiny.py", "samples/data/questions-tiny/");
}

BOOST_AUTO_TEST_CASE(the_splits_have_the_form_of_wikitext) {
  for (const std::string& split : splits) {
    const std::string text = house::read(wikitext + "wiki." + split + ".tokens");
    BOOST_TEST(text.size() > 20000u);
    BOOST_TEST(text.starts_with(" \n = "));
    BOOST_TEST(text.ends_with(" \n"));
    for (const std::string& line : house::lines_of(text)) BOOST_TEST(is_wikitext_line(line), line);
  }
}

BOOST_AUTO_TEST_CASE(held_out_translations_are_new_sentences_of_known_words) {
  const std::pair<const char*, const char*> sides[] = {{"de", "ref"}, {"en", "src"}};
  std::size_t bytes = 0;
  for (const auto& [language, role] : sides) {
    const std::string train_file = std::string("train.de-en.") + language;
    const std::vector<std::string> train = sentences_of(train_file);
    BOOST_TEST(train.size() == 2800u);
    std::set<std::string> seen(train.begin(), train.end()), known;
    BOOST_TEST(seen.size() == train.size());
    for (const std::string& sentence : train)
      for (const std::string& word : words_of(sentence)) known.insert(word);
    bytes += house::read(translation + train_file).size();
    for (const char* split : {"valid", "test"}) {
      const std::string file = std::string(split) + "-ende-" + role + "." + language + ".sgm";
      const std::vector<std::string> held_out = sentences_of(file);
      BOOST_TEST(held_out.size() == 200u);
      for (const std::string& sentence : held_out) {
        BOOST_TEST(seen.insert(sentence).second, "twice: " << sentence);
        for (const std::string& word : words_of(sentence)) BOOST_TEST(known.contains(word), word);
      }
      bytes += house::read(translation + file).size();
    }
  }
  BOOST_TEST(bytes < 400000u);
}

BOOST_AUTO_TEST_SUITE_END()
