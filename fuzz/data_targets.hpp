#pragma once
// The readers of data: SGML, pairs in JSON lines, aligned lines, WikiText, articles and their
// summaries, XSum's split file, questions and answers.

#include <string>
#include <string_view>
#include <vector>

#include "memsizer/data/article_reader.hpp"
#include "memsizer/data/article_splits.hpp"
#include "memsizer/data/pair_reader.hpp"
#include "memsizer/data/question_reader.hpp"
#include "memsizer/data/sgml.hpp"
#include "memsizer/data/wikitext.hpp"

#include "fuzz/memory_file.hpp"
#include "fuzz/target.hpp"

namespace fuzz {

inline void expect_line(const std::string& text) {
  expect(!memsizer::text::find_invalid_utf8(text), "text in UTF-8");
  expect(text.find('\n') == text.npos, "text on one line");
}

inline void read_sgml(std::string_view bytes) {
  const MemoryFile file(bytes);
  memsizer::data::SgmlReader segments(file.path());
  for (std::string text; segments.next(text);) {
    expect_line(text);
    expect(text.find("</seg>") == text.npos, "text without its end tag");
    expect(segments.id() > 0 && !segments.document().empty(), "a number and a document");
  }
}

inline void read_json_pairs(std::string_view bytes) {
  const MemoryFile file(bytes);
  const memsizer::data::PairFiles files{file.path()};
  const auto pairs = memsizer::data::open_pairs(files, {});
  for (memsizer::data::SentencePair pair; pairs->next(pair);) {
    const memsizer::files::Json json = {{"translation", {{"en", pair.source}, {"de", pair.target}}}};
    const MemoryFile again(memsizer::files::dump_json(json, -1));
    memsizer::data::SentencePair same;
    expect(memsizer::data::open_pairs({again.path()}, {})->next(same) && same == pair, "the same pair again");
  }
}

/// The two files stand one after another, with a zero byte between them.
inline void read_aligned_pairs(std::string_view bytes) {
  const std::size_t middle = std::min(bytes.find('\0'), bytes.size());
  const MemoryFile source(bytes.substr(0, middle)), target(bytes.substr(std::min(middle + 1, bytes.size())));
  const auto pairs = memsizer::data::open_pairs({source.path(), target.path()}, {});
  for (memsizer::data::SentencePair pair; pairs->next(pair);)
    expect_line(pair.source), expect_line(pair.target);
}

inline void read_wikitext(std::string_view bytes) {
  const MemoryFile file(bytes);
  const memsizer::data::WikiText data(file.path());
  std::string text;
  const auto counts =
      data.for_each_block(memsizer::data::Split::train, [&](std::string_view block) { text += block; });
  expect(!memsizer::text::find_invalid_utf8(text), "text in UTF-8");
  expect(counts.bytes == static_cast<memsizer::Index>(text.size()), "all bytes to be counted");
  expect(counts.lines > 0 && counts.words >= counts.lines && counts.words <= 2 * counts.bytes,
         "counts that fit the text");
}

/// Lines of JSON or a .summary file: the first bytes show which.
inline void read_articles(std::string_view bytes) {
  const MemoryFile file(bytes);
  const auto articles = memsizer::data::open_articles(file.path());
  for (memsizer::data::Article article; articles->next(article);) {
    memsizer::files::Json json = {{"document", article.text.source}, {"summary", article.text.target}};
    if (!article.id.empty()) json["id"] = article.id;
    const MemoryFile again(memsizer::files::dump_json(json, -1));
    memsizer::data::Article same;
    expect(memsizer::data::open_articles(again.path())->next(same) && same == article,
           "the same article again");
  }
}

inline void read_summary(std::string_view bytes) {
  const MemoryFile file(bytes);
  const auto pair = memsizer::data::read_summary_file(file.path());
  for (const std::string& text : {pair.source, pair.target}) {
    expect(!memsizer::text::find_invalid_utf8(text), "text in UTF-8");
    expect(memsizer::data::detail::stripped(text) == text, "no white space at the ends");
    expect(text.find("\n\n") == text.npos, "no blank line");
  }
}

inline void read_article_splits(std::string_view bytes) {
  const MemoryFile file(bytes);
  memsizer::files::Json json;
  for (const auto& [split, ids] : memsizer::data::read_article_splits(file.path())) {
    for (const std::string& id : ids) expect(!id.empty(), "an id");
    json[std::string(memsizer::data::split_name(split))] = ids;
  }
  const MemoryFile again(memsizer::files::dump_json(json, -1));
  expect(
      memsizer::data::read_article_splits(again.path()) == memsizer::data::read_article_splits(file.path()),
      "the same splits again");
}

inline void read_question_records(std::string_view bytes) {
  const MemoryFile file(bytes);
  const auto records = memsizer::data::open_questions(file.path());
  for (memsizer::data::QuestionRecord record; records->next(record);) {
    expect(!record.id.empty(), "an id");
    const memsizer::files::Json json = {{"id", record.id},
                                        {"system_prompt", record.system},
                                        {"question", record.question},
                                        {"response", record.response}};
    const MemoryFile again(memsizer::files::dump_json(json, -1));
    memsizer::data::QuestionRecord same;
    expect(memsizer::data::open_questions(again.path())->next(same) && same == record,
           "the same record again");
  }
}

inline const std::vector<NamedTarget>& data_targets() {
  static const std::vector<NamedTarget> targets{{"sgml", read_sgml},
                                                {"json_pairs", read_json_pairs},
                                                {"aligned_pairs", read_aligned_pairs},
                                                {"wikitext", read_wikitext},
                                                {"articles", read_articles},
                                                {"summary", read_summary},
                                                {"article_splits", read_article_splits},
                                                {"question_records", read_question_records}};
  return targets;
}

}  // namespace fuzz
