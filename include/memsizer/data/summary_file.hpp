#pragma once
// The .summary files of XSum's archive (Narayan et al., 2018), an article each. Four marks stand on lines of
// their own, in this order, each before its text:
//
//     [SN]URL[SN]              the article's address
//     [SN]TITLE[SN]            its title
//     [SN]FIRST-SENTENCE[SN]   its first sentence, which is the summary
//     [SN]RESTBODY[SN]         the rest, which is the document: a paragraph a line

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "memsizer/base/printable.hpp"
#include "memsizer/data/text_pair.hpp"
#include "memsizer/text/characters.hpp"
#include "memsizer/text/utf8_lines.hpp"

namespace memsizer::data {

/// Whether a text that begins with `head` is such a file.
inline bool is_summary_file(std::string_view head) {
  head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
  return head.starts_with("[SN]");
}

namespace detail {

/// The text without white space at its ends.
inline std::string_view stripped(std::string_view text) {
  while (!text.empty()) {
    const text::CodePoint first = text::decode_utf8(text, 0);
    if (!text::is_white_space(first.value)) break;
    text.remove_prefix(static_cast<std::size_t>(first.length));
  }
  while (!text.empty()) {
    const text::CodePoint last = text::decode_utf8_before(text, text.size());
    if (!text::is_white_space(last.value)) break;
    text.remove_suffix(static_cast<std::size_t>(last.length));
  }
  return text;
}

/// The links below an article on the BBC's pages, which are no part of its text. The usual loaders leave the
/// same lines out.
inline bool is_link_line(std::string_view line) {
  constexpr std::array<std::string_view, 11> links{"Share this with",
                                                   "Email",
                                                   "Facebook",
                                                   "Messenger",
                                                   "Twitter",
                                                   "Pinterest",
                                                   "WhatsApp",
                                                   "Linkedin",
                                                   "LinkedIn",
                                                   "Copy this link",
                                                   "These are external links and will open in a new window"};
  return std::ranges::find(links, line) != links.end();
}

/// Collects the texts after the four marks, line by line.
class SummarySections {
 public:
  static constexpr Index max_bytes = Index{64} << 20;

  explicit SummarySections(const text::Utf8Lines& lines) : lines_(lines) {}

  void add_line(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view whole = stripped(line);
    if (whole.empty() || is_link_line(line)) return;
    if (whole.size() >= 8 && whole.starts_with("[SN]") && whole.ends_with("[SN]"))
      return begin_section(whole);
    if (begun_ == 0) fail_mark(whole);
    std::string& text = sections_[begun_ - 1];
    require(static_cast<Index>(text.size() + line.size()) < max_bytes, lines_.place(),
            ": expected an article of less than ", max_bytes, " bytes, got more");
    if (!text.empty()) text += '\n';
    text += line;
  }

  /// The document and its summary, once all lines were added.
  TextPair take() const {
    if (begun_ < marks.size()) fail_mark("the end of the file");
    return {std::string(stripped(sections_[3])), std::string(stripped(sections_[2]))};
  }

 private:
  static constexpr std::array<std::string_view, 4> marks{"[SN]URL[SN]", "[SN]TITLE[SN]",
                                                         "[SN]FIRST-SENTENCE[SN]", "[SN]RESTBODY[SN]"};

  void begin_section(std::string_view mark) {
    if (begun_ == marks.size())
      lines_.fail("expected no mark after ", marks.back(), ", got ", printable(mark, 60));
    if (mark != marks[begun_]) fail_mark(mark);
    ++begun_;
  }

  [[noreturn]] void fail_mark(std::string_view got) const {
    lines_.fail("expected the mark ", marks[begun_], ", got ", printable(got, 60));
  }

  const text::Utf8Lines& lines_;
  std::array<std::string, 4> sections_;
  std::size_t begun_ = 0;  // the number of marks so far
};

}  // namespace detail

/// Reads one file, plain or compressed: the document as `source`, its summary as `target`. Blank lines and
/// the lines of is_link_line are left out, and so are carriage returns at the ends of lines and white space
/// at the ends of both texts; either may be empty. InputError, with file and line, if a mark is missing,
/// twice there or in another place, for text before the first mark, for a text of 64 MiB or more, and for
/// bytes that are not UTF-8.
inline TextPair read_summary_file(const std::filesystem::path& path) {
  text::Utf8Lines lines(path, detail::SummarySections::max_bytes);
  detail::SummarySections sections(lines);
  for (std::string line; lines.next(line);) sections.add_line(line);
  return sections.take();
}

}  // namespace memsizer::data
