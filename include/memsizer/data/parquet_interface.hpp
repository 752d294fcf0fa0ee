#pragma once
// What crosses the border to libmemsizer_parquet.so, the library that reads Parquet with Apache Arrow. These
// are plain functions and structs: neither a C++ class nor an exception crosses. src/parquet_reader.cpp fills
// the table, data/parquet_library.hpp finds it, and data/parquet_rows.hpp is what readers use.

#include <cstdint>

#include "memsizer/base/requirements.hpp"

namespace memsizer::data {

/// The bytes of one value. `bytes` is null for a null value and for no other, not even an empty one.
struct ParquetText {
  const char* bytes = nullptr;
  std::uint64_t size = 0;
};

/// An open file; only the library knows what is in it.
struct ParquetFile;

/// A function that fails returns what its comment names, and error() then tells why, on the same thread.
struct ParquetFunctions {
  std::uint32_t version;  ///< parquet_interface_version of the library

  /// Opens a file and reads its footer. Null on failure.
  ParquetFile* (*open)(const char* path);
  void (*close)(ParquetFile* file);

  /// The columns that hold values, numbered from 0. The name of one in a struct is its path:
  /// "translation.de".
  std::int64_t (*column_count)(const ParquetFile* file);
  const char* (*column_name)(const ParquetFile* file, std::int64_t column);
  /// The type of a column's values for messages, or null if they are strings, one a row.
  const char* (*column_type)(const ParquetFile* file, std::int64_t column);

  /// Tells which columns next() gives; all of them must hold strings. Comes before the first next().
  void (*choose)(ParquetFile* file, const std::int64_t* columns, std::int64_t count);
  /// Puts the next row's values into `values`, in the order of choose(). They stay valid until the next call.
  /// Returns 1; 0 after the last row; -1 on failure.
  int (*next)(ParquetFile* file, ParquetText* values);

  /// Why the last function that failed on this thread did.
  const char* (*error)();
};

/// Grows with each change of these structs.
inline constexpr std::uint32_t parquet_interface_version = 1;

}  // namespace memsizer::data

/// The library's one symbol, by which data/parquet_library.hpp finds the table.
extern "C" const memsizer::data::ParquetFunctions* memsizer_parquet_functions();
