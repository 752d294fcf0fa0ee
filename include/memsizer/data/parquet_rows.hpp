#pragma once
// The rows of a Parquet file, of which columns of strings are read. Apache Arrow does the reading, in a
// library of its own (parquet_library.hpp).

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/printable.hpp"
#include "memsizer/data/parquet_library.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/files/descriptor.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::data {

/// Whether a file is read as Parquet: its name ends so. Parquet keeps its table of contents at its end and
/// compresses its own pages, so .parquet.gz is not read.
inline bool is_parquet(const std::filesystem::path& file) {
  return files::ending_of(file) == ".parquet";
}

/// Reads one row after another. It holds a page of each chosen column in memory, and a dictionary of each,
/// usually one MiB each and never more than one GiB in all, however large the file is. Example:
///
///     ParquetRows rows("train-00000-of-00002.parquet");
///     const std::size_t text = rows.choose("text");
///     while (rows.next()) use(rows.text(text));
class ParquetRows {
 public:
  /// InputError if the file is not Parquet or its footer is damaged, or if the library for Parquet is not
  /// there; the error then says how to get it.
  explicit ParquetRows(const std::filesystem::path& path)
      : path_(path), functions_(functions(path)), file_(open(path), functions_->close) {
    for (std::int64_t i = 0; i < functions_->column_count(file_.get()); ++i)
      names_.emplace_back(functions_->column_name(file_.get(), i));
  }

  /// The columns that hold values. The name of one in a struct is its path: "translation.de".
  const std::vector<std::string>& columns() const { return names_; }
  bool has(std::string_view column) const { return std::ranges::count(names_, column) > 0; }

  /// Chooses a column to read, before the first row, and returns its number for text() and find(). InputError
  /// that lists the columns if it is not there, and if it does not hold strings.
  std::size_t choose(std::string_view column) {
    const auto place = std::ranges::find(names_, column);
    if (place == names_.end())
      fail(": expected a column \"", column, "\" of strings, found ", describe_columns());
    if (std::ranges::count(names_, column) > 1) fail(": expected one column \"", column, "\", found two");
    const std::int64_t number = place - names_.begin();
    if (const char* type = functions_->column_type(file_.get(), number))
      fail(": expected the column \"", column, "\" to hold strings, got ", printable(type));
    chosen_.push_back(number);
    values_.emplace_back();
    return chosen_.size() - 1;
  }

  /// Goes to the next row. Returns false at the end. InputError, with the row group, for damaged data.
  bool next() {
    if (row_ == 0) functions_->choose(file_.get(), chosen_.data(), static_cast<std::int64_t>(chosen_.size()));
    const int result = functions_->next(file_.get(), values_.data());
    if (result < 0)
      fail(": expected whole Parquet data after row ", row_, ", got: ", printable(functions_->error()));
    row_ += result;
    return result > 0;
  }

  /// The value of a chosen column in this row; nothing for a null value. Valid until next(). InputError, with
  /// the row, for bytes that are not UTF-8.
  std::optional<std::string_view> find(std::size_t chosen) const {
    const ParquetText& value = values_[chosen];
    if (!value.bytes) return std::nullopt;
    const std::string_view text(value.bytes, static_cast<std::size_t>(value.size));
    if (const auto invalid = text::find_invalid_utf8(text))
      fail_at(chosen, "expected UTF-8, got an invalid byte at offset ", *invalid);
    return text;
  }

  /// The same; InputError, with the row, for a null value too.
  std::string_view text(std::size_t chosen) const {
    const auto value = find(chosen);
    if (!value) fail_at(chosen, "expected a string, got null");
    return *value;
  }

  /// The place of this row, counted from 1: "train.parquet, row 12".
  std::string place() const { return concatenate(path_.string(), ", row ", row_); }

  /// Throws an InputError that names the row and the column.
  template <class... Parts>
  [[noreturn]] void fail_at(std::size_t chosen, const Parts&... parts) const {
    throw InputError(
        concatenate(place(), ": ", names_[static_cast<std::size_t>(chosen_[chosen])], ": ", parts...));
  }

  /// The columns in quotes, for errors.
  std::string describe_columns() const {
    const auto quoted = [](const std::string& name) { return '"' + printable(name, 40) + '"'; };
    return names_.empty() ? "none" : printable(join(names_, ", ", quoted), 400);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw InputError(concatenate(path_.string(), parts...));
  }

  static const ParquetFunctions* functions(const std::filesystem::path& path) {
    const detail::ParquetLibrary& library = detail::parquet_library();
    require(
        library.functions, path.string(),
        ": reading Parquet needs Apache Arrow; scripts/setup installs it into build/arrow where pip has a "
        "network, and the next build makes libmemsizer_parquet.so (docs/install.md); ",
        library.absence);
    return library.functions;
  }

  ParquetFile* open(const std::filesystem::path& path) const {
    std::array<char, 4> begin{};
    const Index size = files::open_for_reading(path).read(begin.data(), begin.size());
    const std::string_view got(begin.data(), static_cast<std::size_t>(size));
    require(got == "PAR1", path.string(), ": expected a Parquet file, which begins with PAR1, got \"",
            printable(got), '"');
    ParquetFile* file = functions_->open(path.c_str());
    if (!file) fail(": expected a whole Parquet file, got: ", printable(functions_->error()));
    return file;
  }

  std::filesystem::path path_;
  const ParquetFunctions* functions_;
  std::unique_ptr<ParquetFile, void (*)(ParquetFile*)> file_;
  std::vector<std::string> names_;
  std::vector<std::int64_t> chosen_;  // numbers of columns
  std::vector<ParquetText> values_;
  Index row_ = 0;  // rows read
};

}  // namespace memsizer::data
