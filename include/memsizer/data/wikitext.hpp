#pragma once
// Text for language modelling: WikiText as its archives hold it (.tokens, .raw), and plain text in the same
// form. A split's text is the exact bytes of its files, one after another.

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/data/splits.hpp"
#include "memsizer/data/text_scanner.hpp"
#include "memsizer/files/byte_stream.hpp"

namespace memsizer::data {

namespace detail {

/// What begins in such a way is not text, though someone may well point at it.
inline void require_text(const std::filesystem::path& file) {
  struct Format {
    std::string_view magic, name, advice;
  };
  constexpr std::array formats{Format{"PAR1", "a Parquet file", "which this version does not read"},
                               Format{"PK\x03\x04", "a zip archive", "unpack it first"},
                               Format{"\xFD"
                                      "7zXZ",
                                      "xz data", "unpack it first"},
                               Format{"BZh", "bzip2 data", "unpack it first"},
                               Format{"\x89HDF", "an HDF5 file", "which cannot be read"}};
  std::array<char, 512> bytes;
  files::ByteStream stream(file);
  const std::string_view head(bytes.data(), static_cast<size_t>(stream.read(bytes)));
  for (const Format& format : formats)
    require(!head.starts_with(format.magic), file.string(), ": expected text, got ", format.name, ", ",
            format.advice);
  require(head.size() < 263 || head.substr(257, 5) != "ustar", file.string(),
          ": expected text, got a tar archive, unpack it first");
}

/// The files of each form of text in a folder; forms without any are left out.
inline std::vector<SplitFiles> text_files_by_form(const std::filesystem::path& data) {
  std::vector<SplitFiles> forms;
  for (const std::string_view form : {".tokens", ".raw", ".txt", ".parquet"}) {
    SplitFiles files = find_split_files(data, [&](const auto& file) { return form_of(file) == form; });
    const bool has_all_splits = files.size() == 3;
    if (!files.empty()) forms.push_back(std::move(files));
    if (has_all_splits) break;
  }
  require(!forms.empty(), data.string(),
          ": expected .tokens, .raw or .txt files (or .gz, .zst of these) with train, validation or test in "
          "their names, found none");
  return forms;
}

/// The first form that has every split that is there: where both archives of WikiText-2 were unpacked into
/// one folder, .tokens is taken. Where no form has all, splits of different forms stand beside each other,
/// and InputError where one is there in two.
inline SplitFiles find_text_files(const std::filesystem::path& data) {
  const std::vector<SplitFiles> forms = text_files_by_form(data);
  SplitFiles all, twice;
  for (const SplitFiles& form : forms)
    for (const auto& entry : form)
      if (!all.insert(entry).second) twice.insert(entry);
  for (const SplitFiles& form : forms)
    if (form.size() == all.size()) return form;
  for (const auto& [split, files] : twice)
    throw InputError(concatenate(data.string(), ": the ", split_name(split),
                                 " split is there twice: ", all.at(split)[0].string(), " and ",
                                 files[0].string(), "; keep one of them"));
  return all;
}

}  // namespace detail

class WikiText {
 public:
  /// `data` is a folder, or a single file, which is the split that its name tells or else train. InputError
  /// if there is no text there.
  explicit WikiText(const std::filesystem::path& data) : data_(data), files_(detail::find_text_files(data)) {
    for (const auto& [split, files] : files_)
      for (const auto& file : files) detail::require_text(file);
  }

  const std::filesystem::path& path() const { return data_; }
  bool has(Split split) const { return files_.count(split) != 0; }

  /// InputError that lists the splits found if this one is absent.
  const std::vector<std::filesystem::path>& files(Split split) const {
    return files_of_split(files_, split, data_);
  }

  /// Calls use(block) for the split's text in blocks that are cut anywhere, and returns what was counted on
  /// the way. InputError on an empty split and on bytes that are not UTF-8.
  template <class Use>
  TextCounts for_each_block(Split split, Use&& use) const {
    TextScanner scanner;
    std::vector<char> block(1 << 18);
    for (const auto& file : files(split)) {
      files::ByteStream stream(file);
      scanner.begin_file(file.string());
      while (const Index count = stream.read(block)) {
        const std::string_view text(block.data(), static_cast<size_t>(count));
        scanner.add(text);
        use(text);
      }
    }
    const TextCounts counts = scanner.finish();
    require(counts.bytes > 0, data_.string(), ": the ", split_name(split), " split is empty");
    return counts;
  }

  TextCounts count(Split split) const {
    return for_each_block(split, [](std::string_view) {});
  }

 private:
  std::filesystem::path data_;
  SplitFiles files_;
};

}  // namespace memsizer::data
