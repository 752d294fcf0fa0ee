#pragma once
// The SGML in which WMT publishes its development and test sets. A set of sources, references or translations
// holds documents, and a document holds numbered segments, each on a line of its own:
//
//     <srcset setid="newstest2016" srclang="any">
//     <doc docid="abc" genre="news" origlang="de">
//     <seg id="1">Ein Satz.</seg>
//     </doc>
//     </srcset>
//
// The format is that of the input files of NIST's mteval program.

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "memsizer/base/printable.hpp"
#include "memsizer/base/read_number.hpp"
#include "memsizer/data/sgml_tag.hpp"
#include "memsizer/text/utf8_lines.hpp"

namespace memsizer::data {

namespace detail {

inline bool is_sgml_set(std::string_view name) {
  return name == "srcset" || name == "refset" || name == "tstset";
}

}  // namespace detail

/// Whether a file that begins with `head` is such SGML.
inline bool is_sgml(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
  const std::string lower = detail::lower_case(head.substr(0, 16));
  const std::array<std::string_view, 6> beginnings{"<srcset", "<refset",   "<tstset",
                                                   "<mteval", "<!doctype", "<?xml"};
  return std::ranges::any_of(beginnings, [&](std::string_view one) { return lower.starts_with(one); });
}

/// Reads the segments of one set, one after another, and holds one line in memory. A segment's text is what
/// stands between its tags, unchanged: entities are not decoded, since the published figures on these sets
/// are computed without decoding, and "AT&T" stands there as it is.
class SgmlReader {
 public:
  /// InputError if the file cannot be read as text (text_stream.hpp).
  explicit SgmlReader(const std::filesystem::path& path) : lines_(path) {}

  /// Puts the text of the next segment into `text`. Returns false at the end of the set. InputError, with
  /// file and line, for what is not of the form above: a tag that does not belong there, a segment that does
  /// not end on its line, or whose number is not larger than that of the segment before it.
  bool next(std::string& text) {
    while (next_tag()) {
      if (tag_.name != "seg") {
        take_tag();
        continue;
      }
      take_segment(text);
      return true;
    }
    require_complete();
    return false;
  }

  /// The document and the number of the last segment.
  const std::string& document() const { return document_; }
  Index id() const { return id_; }

  const std::filesystem::path& path() const { return lines_.path(); }
  /// The place of the last segment: "newstest2016-deen-src.de.sgm:12".
  std::string place() const { return lines_.place(); }

 private:
  /// Puts the next tag of the file into tag_. Returns false at the end.
  bool next_tag() {
    rest_ = detail::without_leading_space(rest_);
    while (rest_.empty()) {
      if (!lines_.next(line_)) return false;
      rest_ = line_;
      if (lines_.number() == 1 && rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
      rest_ = detail::without_leading_space(rest_);
    }
    if (rest_[0] != '<') lines_.fail("expected a tag, got \"", printable(rest_, 60), '"');
    const bool is_comment = rest_.starts_with("<!--");
    const auto bytes = is_comment ? comment_bytes() : detail::tag_bytes(rest_);
    if (!bytes)
      lines_.fail("expected ", is_comment ? "-->" : ">", " at the end of \"", printable(rest_, 60), '"');
    read_tag(rest_.substr(0, *bytes), is_comment);
    rest_.remove_prefix(*bytes);
    return true;
  }

  std::optional<std::size_t> comment_bytes() const {
    const std::size_t end = rest_.find("-->");
    return end == rest_.npos ? std::nullopt : std::optional(end + 3);
  }

  /// Reads a tag with its brackets. What begins with <! or <? is for other programs, and has no attributes
  /// for us.
  void read_tag(std::string_view whole, bool is_comment) {
    if (is_comment || whole.starts_with("<!") || whole.starts_with("<?")) {
      tag_ = {"!", {}};
      return;
    }
    auto tag = read_sgml_tag(whole.substr(1, whole.size() - 2));
    if (!tag) lines_.fail("expected a tag such as <seg id=\"1\">, got ", printable(whole, 60));
    tag_ = *std::move(tag);
  }

  /// Any tag but that of a segment.
  void take_tag() {
    const std::string& name = tag_.name;
    if (name == "!" || name == "mteval" || name == "/mteval") return;
    if (detail::is_sgml_set(name)) return begin_set();
    if (name == "doc") return begin_document();
    if (name == "/doc") return end_document();
    if (name == "p" || name == "/p" || name == "hl" || name == "/hl") {
      if (!in_document_) fail_place("inside a <doc>");
      return;
    }
    if (name.starts_with('/') && detail::is_sgml_set(name.substr(1))) return end_set();
    lines_.fail(
        "expected <srcset>, <refset>, <tstset>, <doc>, <p>, <hl>, <seg> or the end of one of them, got <",
        printable(name, 60), '>');
  }

  void begin_set() {
    if (!set_.empty()) fail_place(concatenate("once in a file, but there was a <", set_, "> before"));
    set_ = tag_.name;
    in_set_ = true;
  }
  void end_set() {
    if (!in_set_ || in_document_ || tag_.name.substr(1) != set_)
      fail_place(concatenate("after <", tag_.name.substr(1), "> and the </doc> of its last document"));
    in_set_ = false;
  }
  void begin_document() {
    if (!in_set_ || in_document_)
      fail_place("inside a <srcset>, <refset> or <tstset>, after the </doc> of the document before");
    document_ = tag_.attribute("docid");
    if (document_.empty()) lines_.fail("expected <doc docid=\"...\">, got a <doc> without a docid");
    in_document_ = true;
    id_ = 0;
  }
  void end_document() {
    if (!in_document_) fail_place("after a <doc>");
    in_document_ = false;
  }

  void take_segment(std::string& text) {
    if (!in_document_) fail_place("inside a <doc>");
    const std::string digits = tag_.attribute("id");
    Index id = 0;
    if (read_number(digits, id) != std::errc() || id < 1)
      lines_.fail("expected <seg id=\"N\"> with a number from 1, got \"", printable(digits, 60), '"');
    if (id <= id_) lines_.fail("expected a segment after number ", id_, ", got number ", id);
    id_ = id;
    // Found without regard to case, like the tag before the text.
    const std::string lower = detail::lower_case(rest_);
    const std::size_t end = lower.find("</seg>");
    if (end == lower.npos) lines_.fail("expected </seg> on the line of its <seg id=\"", id, "\">");
    if (lower.substr(0, end).find("<seg ") != lower.npos)
      lines_.fail("expected </seg> before the next <seg>, in segment ", id);
    text.assign(rest_.substr(0, end));
    rest_.remove_prefix(end + 6);
  }

  void require_complete() const {
    const char* open = in_document_ ? "doc" : in_set_ ? set_.c_str() : nullptr;
    if (open) lines_.fail("expected </", open, ">, got the end of the file");
    require(!set_.empty(), path().native(), ": expected a <srcset>, <refset> or <tstset>, got none");
  }

  [[noreturn]] void fail_place(const std::string& expected) const {
    lines_.fail("expected <", tag_.name, "> ", expected);
  }

  text::Utf8Lines lines_;
  std::string line_;
  std::string_view rest_;  // of the line
  SgmlTag tag_;
  std::string set_;  // the name of the set that has begun; empty before it
  bool in_set_ = false, in_document_ = false;
  std::string document_;
  Index id_ = 0;
};

}  // namespace memsizer::data
