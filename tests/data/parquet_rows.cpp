#include "memsizer/data/parquet_rows.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/resource.h>

#include "memsizer/base/sanitizer.hpp"
#include "memsizer/files/hash.hpp"

#include "data/parquet_files.hpp"
#include "files/temporary_folder.hpp"
#include "fuzz/memory_file.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(parquet_rows, *boost::unit_test::precondition(parquet_files::can_be_read))

using namespace memsizer;
using namespace memsizer::data;

namespace {

using Values = std::vector<std::optional<std::string>>;

Values all_values(const std::filesystem::path& file, const std::string& column = "text") {
  ParquetRows rows(file);
  const std::size_t chosen = rows.choose(column);
  Values values;
  while (rows.next()) {
    const auto value = rows.find(chosen);
    values.push_back(value ? std::optional(std::string(*value)) : std::nullopt);
  }
  return values;
}

/// What record.py writes into checked_*.parquet.
Values checked_values() {
  Values values;
  for (int i = 0; i < 40; ++i)
    values.push_back(i % 5 == 4 ? std::nullopt : std::optional(concatenate("text ", i * i)));
  return values;
}

std::string bytes_of(const std::string& name) {
  return files::read_file(parquet_files::path(name), 1 << 20);
}

/// What record.py prints for a file.
std::string describe(const std::filesystem::path& file) {
  ParquetRows rows(file);
  const std::size_t first = rows.choose(rows.columns()[0]);
  files::Fnv1a hash;
  Index count = 0;
  for (; rows.next(); ++count) {
    const auto value = rows.find(first);
    const std::string text = value ? std::string(*value) + '\0' : "\x01";
    hash.update(text);
  }
  return concatenate(count, ' ', files::hash_digits(hash.value()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_come_row_by_row_and_null_is_not_empty) {
  for (const char* name : {"checked_none.parquet", "checked_snappy.parquet"})
    BOOST_TEST((all_values(parquet_files::path(name)) == checked_values()), name);
  const auto file = parquet_files::path("wikitext/test-00000-of-00001.parquet");
  BOOST_TEST((all_values(file) == Values{"one", "", "two"}));
  ParquetRows rows(file);
  rows.choose("text");
  BOOST_TEST((rows.next() && rows.next()));
  BOOST_TEST(rows.place() == file.string() + ", row 2");
  BOOST_TEST((rows.next() && !rows.next() && !rows.next()));
  BOOST_TEST(all_values(parquet_files::path("empty.parquet")).empty());
}

BOOST_AUTO_TEST_CASE(a_column_of_a_struct_is_named_by_its_path) {
  const auto file = parquet_files::path("de-en/test-00000-of-00001.parquet");
  BOOST_TEST((ParquetRows(file).columns() == std::vector<std::string>{"translation.de", "translation.en"}));
  BOOST_TEST((all_values(file, "translation.de") == Values{"Ja.", std::nullopt}));
}

BOOST_AUTO_TEST_CASE(columns_keep_step_across_pages_and_row_groups) {
  ParquetRows rows(parquet_files::path("questions/1M-GPT4-Augmented.parquet"));
  const std::size_t response = rows.choose("response"), system = rows.choose("system_prompt"),
                    id = rows.choose("id");
  for (int i = 0; i < 200; ++i) {
    BOOST_TEST_REQUIRE(rows.next());
    BOOST_TEST(rows.text(response) == concatenate("Answer ", i, '.'));
    BOOST_TEST(rows.text(id) == concatenate("flan.", i));
    BOOST_TEST(rows.find(system).value_or("null") == (i % 3 == 0   ? ""
                                                      : i % 3 == 1 ? "null"
                                                                   : "You are a teacher."));
  }
  BOOST_TEST(!rows.next());
}

BOOST_AUTO_TEST_CASE(a_column_that_cannot_be_read_is_refused_with_what_is_there) {
  const auto file = parquet_files::path("types.parquet");
  const auto refused = [&](const char* column, const std::string& part) {
    CHECK_THROWS_SAYING(ParquetRows(file).choose(column), InputError, file.string() + ": expected " + part);
  };
  refused("absent",
          "a column \"absent\" of strings, found \"number\", \"bytes\", \"many.list.element\", \"not_utf8\"");
  refused("number", "the column \"number\" to hold strings, got INT64");
  refused("bytes", "the column \"bytes\" to hold strings, got BYTE_ARRAY");
  refused("many.list.element", "the column \"many.list.element\" to hold strings, got lists");
  CHECK_THROWS_SAYING(all_values(file, "not_utf8"), InputError,
                      file.string() + ", row 1: not_utf8: expected UTF-8, got an invalid byte at offset 3");
  ParquetRows rows(parquet_files::path("checked_none.parquet"));
  const std::size_t text = rows.choose("text");
  for (int i = 0; i < 5; ++i) rows.next();
  CHECK_THROWS_SAYING(rows.text(text), InputError, ", row 5: text: expected a string, got null");
}

BOOST_AUTO_TEST_CASE(what_is_no_whole_file_is_refused) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes, const char* part) {
    CHECK_THROWS_SAYING(all_values(folder.write("a.parquet", bytes)), InputError, part);
  };
  refused("", "a.parquet: expected a Parquet file, which begins with PAR1, got \"\"");
  refused("<!DOCTYPE html>", "which begins with PAR1, got \"<!DO\"");
  refused("PAR1", "a.parquet: expected a whole Parquet file, got: ");
  const std::string whole = bytes_of("checked_none.parquet");
  for (std::size_t size = 4; size < whole.size(); ++size)
    refused(whole.substr(0, size), "a.parquet: expected a whole Parquet file, got: ");
  CHECK_THROWS_SAYING(ParquetRows(folder / "absent.parquet"), Error, "absent.parquet");
  CHECK_THROWS_SAYING(ParquetRows(folder.path()), InputError, "got a folder");
}

/// A copy of a file in which one bit is another.
fuzz::MemoryFile with_other_bit(std::string bytes, std::size_t bit) {
  bytes.at(bit / 8) = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  return fuzz::MemoryFile(bytes);
}

// These files have checksums of their pages. So whatever bit of them is damaged, we get an error, or all the
// rows if the bit belongs to what no reader needs; never other or fewer rows.
BOOST_AUTO_TEST_CASE(a_damaged_bit_never_goes_unseen) {
  int refused = 0;
  for (const char* name : {"checked_none.parquet", "checked_snappy.parquet"}) {
    const std::string whole = bytes_of(name);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      const fuzz::MemoryFile file = with_other_bit(whole, bit);
      try {
        BOOST_TEST((all_values(file.path()) == checked_values()), name << " with another bit " << bit);
      } catch (const InputError& error) {
        ++refused;
        BOOST_TEST(std::string_view(error.what()).starts_with(file.path().string()), error.what());
      }
    }
  }
  BOOST_TEST(refused > 1000);
}

BOOST_AUTO_TEST_CASE(a_damaged_page_tells_its_row_group_and_column) {
  const std::string whole = bytes_of("checked_none.parquet");  // row groups of 25 and 15 rows
  for (const auto& [value, place] :
       {std::pair{"text 324", "after row 0, got: row group 0, column text: "},
        std::pair{"text 1024", "after row 25, got: row group 1, column text: "}}) {
    const fuzz::MemoryFile file = with_other_bit(whole, 8 * whole.find(value));
    CHECK_THROWS_SAYING(all_values(file.path()), InputError,
                        file.path().string() + ": expected whole Parquet data " + place);
  }
}

// Most files have no checksums, so a damaged value may look like another one. No row is lost.
BOOST_AUTO_TEST_CASE(a_damaged_byte_never_loses_a_row) {
  for (const auto& [name, count] : {std::pair{"wikitext/train-00001-of-00002.parquet", 300},
                                    std::pair{"de-en/train-00000-of-00001.parquet", 3},
                                    std::pair{"articles/train-00000-of-00001.parquet", 2},
                                    std::pair{"questions/1M-GPT4-Augmented.parquet", 200}}) {
    const std::string whole = bytes_of(name);
    const std::vector<std::string> columns = ParquetRows(parquet_files::path(name)).columns();
    int refused = 0;
    for (std::size_t byte = 0; byte < whole.size(); ++byte) {
      const fuzz::MemoryFile file = with_other_bit(whole, 8 * byte + byte % 8);
      try {
        ParquetRows rows(file.path());
        for (const std::string& column : columns) rows.choose(column);
        int found = 0;
        while (rows.next()) ++found;
        BOOST_TEST(found == count, name << " with another byte " << byte);
      } catch (const InputError& error) {
        ++refused;
        BOOST_TEST(std::string_view(error.what()).starts_with(file.path().string()), error.what());
      }
    }
    BOOST_TEST(refused > 100, name);
  }
}

/// The most memory that this process ever had, in bytes.
Index peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return Index{1024} * usage.ru_maxrss;
}

BOOST_AUTO_TEST_CASE(a_row_group_is_never_in_memory_as_a_whole) {
  const auto file = parquet_files::path("large.parquet");
  ParquetRows rows(file);
  const std::size_t text = rows.choose("text");
  BOOST_TEST_REQUIRE(rows.next());
  const Index before = peak_memory();
  Index bytes = static_cast<Index>(rows.text(text).size());
  while (rows.next()) bytes += static_cast<Index>(rows.text(text).size());
  BOOST_TEST(bytes == 9000 * 12288);  // in one row group
  if (!address_sanitizer) BOOST_TEST(peak_memory() - before < Index{16} << 20);
}

BOOST_AUTO_TEST_CASE(real_files_are_read_as_pyarrow_reads_them,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const auto folder = real_data::folder() / "parquet";
  const std::filesystem::path shard = "test-00000-of-00001.parquet";
  BOOST_TEST(describe(folder / "iitb-en-hi" / shard) == "2507 d82f8e903ce9869c");
  BOOST_TEST(describe(folder / "opus100-en-fr" / shard) == "2000 29a08eb538f1b1d0");
  BOOST_TEST(describe(folder / "wikitext-103-v1" / shard) == "4358 6a70e5aef95d1258");
}

BOOST_AUTO_TEST_SUITE_END()
