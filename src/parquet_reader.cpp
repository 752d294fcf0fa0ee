// The library libmemsizer_parquet.so: columns of strings in Parquet files, read by Apache Arrow. This is the
// only file that includes Arrow's headers. We use its readers of columns, which give the values of one page
// after another, and not its readers of tables, which hold whole row groups.
#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include "memsizer/data/parquet_interface.hpp"

namespace {

using memsizer::data::ParquetText;

/// The most that all pages, dictionaries and buffers of one file may take together.
constexpr std::int64_t max_bytes = std::int64_t{1} << 30;
/// A chunk of a column, which may have gigabytes, is read through a buffer of this size.
constexpr std::int64_t buffer_bytes = 1 << 16;

/// Memory with a limit, since a damaged page may say that it has any size.
class LimitedPool : public arrow::ProxyMemoryPool {
 public:
  LimitedPool() : ProxyMemoryPool(arrow::default_memory_pool()) {}

  using ProxyMemoryPool::Allocate;
  using ProxyMemoryPool::Reallocate;

  arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override {
    ARROW_RETURN_NOT_OK(check(size));
    return ProxyMemoryPool::Allocate(size, alignment, out);
  }

  arrow::Status Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment,
                           std::uint8_t** bytes) override {
    ARROW_RETURN_NOT_OK(check(new_size - old_size));
    return ProxyMemoryPool::Reallocate(old_size, new_size, alignment, bytes);
  }

 private:
  arrow::Status check(std::int64_t more) const {
    if (more <= max_bytes - bytes_allocated()) return arrow::Status::OK();
    return arrow::Status::OutOfMemory("its pages need more than ", max_bytes, " bytes at once");
  }
};

[[noreturn]] void fail(const std::string& reason) {
  throw std::runtime_error(reason);
}

/// The values of one column in one row group, one after another.
class ColumnValues {
 public:
  /// `place` is what an error calls the column: "row group 0, column text".
  ColumnValues(std::shared_ptr<parquet::ColumnReader> reader, std::string place)
      : reader_(std::static_pointer_cast<parquet::ByteArrayReader>(std::move(reader))),
        place_(std::move(place)),
        defined_(reader_->descr()->max_definition_level()) {}

  ParquetText next() {
    if (level_ == levels_read_) read_batch();
    const bool is_null = defined_ > 0 && levels_[level_] < defined_;
    ++level_;
    if (is_null) return {};
    const parquet::ByteArray& value = values_[value_++];
    return {value.len > 0 ? reinterpret_cast<const char*>(value.ptr) : "", value.len};
  }

  /// Fails unless all values were given.
  void finish() {
    if (level_ < levels_read_ || reader_->HasNext())
      fail(place_ + " has more values than the row group rows");
  }

  const std::string& place() const { return place_; }

 private:
  void read_batch() {
    if (!reader_->HasNext()) fail(place_ + " has fewer values than the row group rows");
    std::int64_t values = 0;
    const std::int64_t levels = reader_->ReadBatch(batch, levels_.data(), nullptr, values_.data(), &values);
    level_ = value_ = 0;
    levels_read_ = static_cast<std::size_t>(levels);
    const auto is_defined = [&](std::int16_t level) { return level >= defined_; };
    const std::int64_t expected =
        defined_ > 0 ? std::count_if(levels_.begin(), levels_.begin() + levels, is_defined) : levels;
    if (levels <= 0 || values != expected) fail(place_ + " has a page with fewer values than it says");
  }

  static constexpr std::int64_t batch = 256;
  std::shared_ptr<parquet::ByteArrayReader> reader_;
  std::string place_;
  std::int16_t defined_;  // the definition level of a value; a lower one is null here or in an outer struct
  std::array<std::int16_t, batch> levels_;
  std::array<parquet::ByteArray, batch> values_;
  std::size_t level_ = 0, value_ = 0, levels_read_ = 0;
};

struct ColumnType {
  std::string name;
  std::string other_type;  // empty for strings
};

ColumnType describe(const parquet::ColumnDescriptor& column) {
  ColumnType type{column.path()->ToDotString(), {}};
  const auto logical = column.logical_type();
  if (column.max_repetition_level() > 0)
    type.other_type = "lists";
  else if (column.physical_type() != parquet::Type::BYTE_ARRAY || !logical || !logical->is_string())
    type.other_type = parquet::TypeToString(column.physical_type()) +
                      (logical && !logical->is_none() ? " (" + logical->ToString() + ")" : "");
  return type;
}

thread_local std::string last_error;

}  // namespace

namespace memsizer::data {

struct ParquetFile {
  explicit ParquetFile(const char* path) {
    parquet::ReaderProperties properties(&pool);
    properties.enable_buffered_stream();
    properties.set_buffer_size(buffer_bytes);
    properties.set_page_checksum_verification(true);
    PARQUET_ASSIGN_OR_THROW(auto source, arrow::io::ReadableFile::Open(path, &pool));
    reader = parquet::ParquetFileReader::Open(std::move(source), properties);
    const auto metadata = reader->metadata();
    std::int64_t rows = 0;
    for (int i = 0; i < metadata->num_row_groups(); ++i) {
      const std::int64_t group_rows = metadata->RowGroup(i)->num_rows();
      if (group_rows < 0 || group_rows > metadata->num_rows() - rows) fail(row_counts);
      rows += group_rows;
    }
    if (rows != metadata->num_rows()) fail(row_counts);
    for (int i = 0; i < metadata->num_columns(); ++i)
      columns.push_back(describe(*metadata->schema()->Column(i)));
  }

  bool next(ParquetText* row) {
    while (rows_left == 0) {
      for (ColumnValues& column : values) column.finish();
      if (next_group == reader->metadata()->num_row_groups()) return false;
      open_group(next_group++);
    }
    --rows_left;
    for (ColumnValues& column : values) {
      try {
        *row++ = column.next();
      } catch (const parquet::ParquetException& exception) {
        fail(column.place() + ": " + exception.what());
      }
    }
    return true;
  }

  void open_group(int group) {
    values.clear();  // before the new pages are read
    const auto rows = reader->RowGroup(group);
    rows_left = rows->metadata()->num_rows();
    for (const int column : chosen) {
      const std::string& name = columns[static_cast<std::size_t>(column)].name;
      const std::string place = "row group " + std::to_string(group) + ", column " + name;
      try {
        values.emplace_back(rows->Column(column), place);
      } catch (const parquet::ParquetException& exception) {
        fail(place + ": " + exception.what());
      }
    }
  }

  static constexpr const char* row_counts = "a footer whose numbers of rows contradict each other";
  LimitedPool pool;  // outlives what it gives memory to
  std::unique_ptr<parquet::ParquetFileReader> reader;
  std::vector<ColumnType> columns;
  std::vector<int> chosen;
  std::vector<ColumnValues> values;
  std::int64_t rows_left = 0;  // of the open row group
  int next_group = 0;
};

}  // namespace memsizer::data

namespace {

using memsizer::data::ParquetFile;

/// Calls body(). If it throws, returns `failed` and keeps the reason for error().
template <class Body, class Result>
Result guarded(Result failed, Body body) noexcept {
  try {
    return body();
  } catch (const std::exception& exception) {
    last_error = exception.what();
  } catch (...) {
    last_error = "an unknown error";
  }
  return failed;
}

ParquetFile* open_file(const char* path) {
  return guarded<>(static_cast<ParquetFile*>(nullptr), [&] { return new ParquetFile(path); });
}

void close_file(ParquetFile* file) {
  delete file;
}

std::int64_t column_count(const ParquetFile* file) {
  return static_cast<std::int64_t>(file->columns.size());
}

const ColumnType& column_of(const ParquetFile* file, std::int64_t column) {
  return file->columns[static_cast<std::size_t>(column)];
}

const char* column_name(const ParquetFile* file, std::int64_t column) {
  return column_of(file, column).name.c_str();
}

const char* column_type(const ParquetFile* file, std::int64_t column) {
  const std::string& type = column_of(file, column).other_type;
  return type.empty() ? nullptr : type.c_str();
}

void choose(ParquetFile* file, const std::int64_t* columns, std::int64_t count) {
  file->chosen.assign(columns, columns + count);
}

int next_row(ParquetFile* file, ParquetText* values) {
  return guarded(-1, [&] { return file->next(values) ? 1 : 0; });
}

const char* error() {
  return last_error.c_str();
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const memsizer::data::ParquetFunctions*
memsizer_parquet_functions() {
  static constexpr memsizer::data::ParquetFunctions functions = {
      .version = memsizer::data::parquet_interface_version,
      .open = open_file,
      .close = close_file,
      .column_count = column_count,
      .column_name = column_name,
      .column_type = column_type,
      .choose = choose,
      .next = next_row,
      .error = error,
  };
  return &functions;
}
