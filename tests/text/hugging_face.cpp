// Our tokenizers compared with the results of Hugging Face's that oracle/record_*.py recorded: ids, merges
// and files.
#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/data/parquet_rows.hpp"
#include "memsizer/text.hpp"

#include "data/parquet_files.hpp"
#include "real_data.hpp"
#include "recorded.hpp"

BOOST_AUTO_TEST_SUITE(hugging_face)

using namespace memsizer;
using namespace memsizer::text;

namespace {

using Ids = std::vector<TokenId>;

std::vector<std::string> lines_of(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<std::string> lines;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::string read_data(const std::string& name) {
  return files::read_file(real_data::folder() / name, Index{1} << 30);
}

/// The lines of a text file. In a file of JSON lines: the lines of every text of every record.
std::vector<std::string> data_lines(const std::string& name) {
  std::vector<std::string> lines = lines_of(read_data(name));
  if (!name.ends_with(".jsonl")) return lines;
  std::vector<std::string> inner;
  for (const std::string& line : lines) {
    const auto record = files::parse_json(line, name);
    for (const char* key : {"document", "summary", "system_prompt", "question", "response"})
      if (record.contains(key))
        for (std::string& part : lines_of(record[key].get<std::string>() + '\n'))
          inner.push_back(std::move(part));
  }
  return inner;
}

/// The strings of each row of a Parquet file, column by column.
std::vector<std::string> parquet_texts(const std::string& name) {
  data::ParquetRows rows(real_data::folder() / name);
  std::vector<size_t> chosen;
  for (const std::string& column : rows.columns()) chosen.push_back(rows.choose(column));
  std::vector<std::string> texts;
  while (rows.next())
    for (const size_t column : chosen)
      if (const auto text = rows.find(column)) texts.emplace_back(*text);
  return texts;
}

/// Each character beside a letter, a space and a number, which decide how words are split.
std::vector<std::string> lines_of_every_character() {
  std::vector<std::string> lines;
  for (std::int32_t code = 0; code < 0x110000; ++code) {
    if (code == '\n' || (code >= 0xD800 && code <= 0xDFFF)) continue;
    std::string c;
    append_utf8(c, code);
    lines.push_back("a" + c + " " + c + "1");
  }
  return lines;
}

/// The processor time of this process, because other work on the machine changes it little.
double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void check_ids(const Tokenizer& tokenizer, const std::vector<std::string>& lines, const files::Json& expected,
               const std::string& name) {
  recorded::WordHash hash;
  size_t count = 0;
  Ids ids;
  BpeModel::Scratch scratch;
  for (const std::string& line : lines) {
    ids.clear();
    tokenizer.encode(line, ids, {}, scratch);
    count += ids.size();
    hash.add_line(ids);
  }
  BOOST_TEST(lines.size() == expected["lines"], name);
  BOOST_TEST(count == expected["ids"], name);
  BOOST_TEST(hash.text() == expected["hash"].get<std::string>(), name);
}

std::string hash_of_merges(const Tokenizer& tokenizer) {
  recorded::WordHash hash;
  const auto& parts = tokenizer.model().parts();
  for (const auto& [left, right, result] : parts.merges) {
    const std::string line = spell_bytes(parts.tokens[static_cast<size_t>(left)]) + ' ' +
                             spell_bytes(parts.tokens[static_cast<size_t>(right)]) + '\n';
    for (size_t position = 0; position < line.size();) {
      const CodePoint point = decode_utf8(line, position);
      hash.add(static_cast<std::uint32_t>(point.value));
      position += static_cast<size_t>(point.length);
    }
  }
  return hash.text();
}

}  // namespace

BOOST_AUTO_TEST_CASE(tricky_texts_have_the_same_ids) {
  const Tokenizer tokenizer = load_tokenizer(recorded::path("trained.json"));
  const auto oracle = recorded::read("ids.json")["ids"];
  BOOST_TEST(oracle.size() > 250u);
  for (const auto& entry : oracle) {
    const std::string text = entry[0];
    BOOST_TEST(tokenizer.encode(text) == entry[1].get<Ids>(), "ids of " << entry[0]);
    BOOST_TEST(tokenizer.encode(text, {.special = true}) == entry[2].get<Ids>(),
               "special ids of " << entry[0]);
    BOOST_TEST(tokenizer.decode(tokenizer.encode(text)) == text);
  }
}

BOOST_AUTO_TEST_CASE(training_gives_the_same_file) {
  const auto oracle = recorded::read("ids.json");
  TokenizerTrainer trainer;
  trainer.add_text(oracle["training_text"].get<std::string>());
  const Tokenizer ours = trainer.train(oracle["vocab_size"]);
  const Tokenizer theirs = load_tokenizer(recorded::path("trained.json"));
  BOOST_TEST((ours.model().parts().tokens == theirs.model().parts().tokens));
  BOOST_TEST((ours.model().parts().merges == theirs.model().parts().merges));
  BOOST_TEST((ours.added() == theirs.added()));
  BOOST_TEST(dump_tokenizer_json(ours) == dump_tokenizer_json(theirs));
  // Our file has the same keys and values as Hugging Face's own file, so Hugging Face can read it. We write
  // merges in the older of its two spellings.
  auto written = recorded::read("trained.json");
  for (auto& merge : written["model"]["merges"])
    merge = merge[0].get<std::string>() + ' ' + merge[1].get<std::string>();
  BOOST_TEST((nlohmann::json::parse(dump_tokenizer_json(ours)) == nlohmann::json(written)));
  const auto naive = train_bpe_naively(trainer.word_counts(), {"<pad>", "<s>", "</s>"}, oracle["vocab_size"]);
  BOOST_TEST((naive.merges == ours.model().parts().merges));
}

BOOST_AUTO_TEST_CASE(a_normalizer_is_written_as_in_its_own_files) {
  const auto oracle = recorded::read("normalizers.json")["files"];
  BOOST_TEST(oracle.size() == 6u);
  for (const auto& [name, expected] : oracle.items()) {
    TokenizerTrainer trainer(Normalizer::parse(name));
    trainer.add_text("a");
    const auto ours = nlohmann::json::parse(dump_tokenizer_json(trainer.train(259)));
    BOOST_TEST((ours["normalizer"] == nlohmann::json(expected)),
               name << " is written as " << ours["normalizer"]);
  }
}

BOOST_AUTO_TEST_CASE(gpt2_ids_are_the_same_on_every_line,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const Tokenizer gpt2 = load_tokenizer(real_data::folder() / "gpt2-bpe");
  BOOST_TEST(gpt2.vocab_size() == 50257);
  BOOST_TEST(gpt2.pad_id() == 50256);
  BOOST_TEST(gpt2.begin_id() == 50256);
  BOOST_TEST(gpt2.end_id() == 50256);
  const auto oracle = recorded::read("data.json");
  BOOST_TEST(oracle["lines"].size() == 39u);
  for (const auto& [name, expected] : oracle["lines"].items())
    check_ids(gpt2, data_lines(name), expected, name);
}

BOOST_AUTO_TEST_CASE(gpt2_ids_are_the_same_on_whole_files,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const Tokenizer gpt2 = load_tokenizer(real_data::folder() / "gpt2-bpe");
  const auto oracle = recorded::read("data.json");
  BOOST_TEST(oracle["whole"].size() == oracle["lines"].size());
  for (const auto& [name, expected] : oracle["whole"].items())
    check_ids(gpt2, {read_data(name)}, expected, name);
}

BOOST_AUTO_TEST_CASE(gpt2_ids_are_the_same_on_parquet_files,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there) *
                         boost::unit_test::precondition(parquet_files::can_be_read)) {
  const Tokenizer gpt2 = load_tokenizer(real_data::folder() / "gpt2-bpe");
  const auto oracle = recorded::read("data.json");
  BOOST_TEST(oracle["parquet"].size() == 3u);
  for (const auto& [name, expected] : oracle["parquet"].items())
    check_ids(gpt2, parquet_texts(name), expected, name);
}

BOOST_AUTO_TEST_CASE(gpt2_ids_are_the_same_beside_every_character,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const Tokenizer gpt2 = load_tokenizer(real_data::folder() / "gpt2-bpe");
  const auto oracle = recorded::read("data.json");
  check_ids(gpt2, lines_of_every_character(), oracle["characters"]["every character"], "every character");
}

BOOST_AUTO_TEST_CASE(merges_of_real_text_are_the_same,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const auto oracle = recorded::read("data.json")["trained"];
  BOOST_TEST(oracle.size() == 2u);
  for (const auto& [name, expected] : oracle.items()) {
    const std::string text = read_data(name);
    const double start = processor_seconds();
    TokenizerTrainer trainer;
    trainer.add_text(text);
    const Tokenizer tokenizer = trainer.train(expected["vocab_size"]);
    const double trained = processor_seconds();
    const std::vector<TokenId> ids = tokenizer.encode(text);
    const double encoded = processor_seconds();
    BOOST_TEST((tokenizer.decode(ids) == text));
    const double decoded = processor_seconds();
    const double megabytes = static_cast<double>(text.size()) / 1e6;
    BOOST_TEST_MESSAGE(name << ": " << megabytes << " MB trained in " << trained - start << " s, encoded at "
                            << megabytes / (encoded - trained) << " MB/s, decoded at "
                            << megabytes / (decoded - encoded) << " MB/s");
    BOOST_TEST(tokenizer.model().parts().merges.size() == expected["merges"]);
    BOOST_TEST(hash_of_merges(tokenizer) == expected["hash"].get<std::string>(), name);
  }
}

BOOST_AUTO_TEST_CASE(a_streamed_file_has_the_ids_of_the_whole,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const Tokenizer gpt2 = load_tokenizer(real_data::folder() / "gpt2-bpe");
  const std::string text = read_data("wikitext-2/wiki.valid.tokens");
  StreamEncoder encoder(gpt2, {}, 5000);
  Ids ids;
  for (size_t position = 0; position < text.size(); position += 4096)
    encoder.add(text.substr(position, 4096), ids);
  encoder.finish(ids);
  BOOST_TEST((ids == gpt2.encode(text)));
  BOOST_TEST((gpt2.decode(ids) == text));
}

BOOST_AUTO_TEST_SUITE_END()
