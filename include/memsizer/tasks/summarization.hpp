#pragma once
// Summarization. The data is articles with their summaries, such as XSum. The model reads the article, writes
// the summary, and is measured by ROUGE.

#include "memsizer/data/articles.hpp"
#include "memsizer/metrics/rouge.hpp"
#include "memsizer/tasks/constant_text.hpp"
#include "memsizer/tasks/lead_sentence.hpp"
#include "memsizer/tasks/pair_task.hpp"
#include "memsizer/tasks/source_target.hpp"

namespace memsizer::tasks {

namespace summarization {

/// ROUGE as rouge_score computes it: F1 times 100, of lines whose line breaks are \n.
inline std::vector<TextMetric> metrics_of_texts(bool stem) {
  return {{.metric = metrics::rouge_metric({.stem = stem, .escaped_newlines = true})}};
}

}  // namespace summarization

class Summarization : public PairTask<data::Articles, SourceTarget> {
 public:
  std::string name() const override { return "summarization"; }
  std::string title() const override { return "summarization"; }

  /// q_init_scale and kv_init_scale have the values of MemSizer's authors for translation, whose models have
  /// a source too.
  std::vector<std::string> defaults() const override {
    return {"pre_norm=true",  "optimizer=adam",      "betas=0.9,0.98",           "slots=4",
            "cross_slots=32", "q_init_scale=8",      "kv_init_scale=8",          "max_source=512",
            "max_target=128", "label_smoothing=0.1", "label_smoothing_over=all", "validate_examples=250"};
  }
  std::vector<Preset> presets() const override {
    return {{"micro",
             {"layers=1", "dim=32", "heads=2", "cross_slots=4", "ffn=64", "vocab=320", "batch_tokens=512",
              "learning_rate=3e-3", "warmup=50"}},
            {"tiny",
             {"layers=2", "dim=64", "heads=4", "cross_slots=16", "ffn=128", "vocab=1024", "batch_tokens=2048",
              "dropout=0.1", "learning_rate=5e-3", "warmup=100"}},
            {"small",
             {"layers=3", "dim=192", "heads=4", "ffn=768", "vocab=8192", "batch_tokens=4096", "dropout=0.1",
              "learning_rate=2e-3", "warmup=200"}},
            {"base",
             {"layers=6", "dim=512", "heads=8", "ffn=2048", "vocab=32768", "batch_tokens=8192",
              "accumulate=4", "dropout=0.1", "learning_rate=7e-4", "warmup=4000"}}};
  }
  std::vector<Column> columns() const override {
    return {{"perplexity", "perplexity"},
            {"rouge1", "ROUGE-1", true},
            {"rouge2", "ROUGE-2", true, true},
            {"rougeL", "ROUGE-L", true}};
  }

  std::vector<Baseline> baselines(const DataSet& data, data::Split split, const text::Tokenizer&,
                                  const data::EncodeCache&) const override {
    const PairWriting writing = this->writing({});
    const std::string constant = constant_text(pairs_of(data), writing);
    return {{"the first sentence",
             measure_baseline(data, split, writing,
                              [](const data::TextPair& pair) { return lead_sentence(pair.source); })},
            {"always the same summary",
             measure_baseline(data, split, writing, [&](const data::TextPair&) { return constant; })}};
  }

 protected:
  data::Articles open(const std::filesystem::path& path, const Config&) const override {
    return data::Articles(path);
  }
  PairWriting writing(const Config& config) const override {
    const Index longest = config.target.max_target;
    return {
        .examples = "articles",
        .decoding = {.beam = 4,
                     .length_penalty = 0.6,
                     .longest = {.per_source_token = 0,
                                 .more = longest == 0 ? 256 : longest,
                                 .key = "max_target"},
                     .batch = 16},
        .line_breaks = LineBreaks::become_backslash_n,
        .metrics = summarization::metrics_of_texts,
        .can_stem = true,
        .long_pairs = data::LongPairs::are_cut,
        .text_of_record = [](const files::JsonView& record) { return record.get<std::string>("document"); },
        .record_members = "\"document\""};
  }
};

}  // namespace memsizer::tasks
