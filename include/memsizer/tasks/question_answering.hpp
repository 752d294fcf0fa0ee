#pragma once
// Question answering. The data is questions with their answers, such as OpenOrca. The language model reads a
// prompt (instructions and a question), writes the response, and is measured by SQuAD's exact match and F1.

#include "memsizer/data/question_answers.hpp"
#include "memsizer/metrics/rouge.hpp"
#include "memsizer/metrics/squad.hpp"
#include "memsizer/tasks/constant_text.hpp"
#include "memsizer/tasks/pair_task.hpp"
#include "memsizer/tasks/prompt_response.hpp"

namespace memsizer::tasks {

namespace question_answering {

/// Exact match and F1 as the official script of SQuAD computes them, and ROUGE-L: all times 100, of lines
/// whose line breaks are \n.
inline std::vector<TextMetric> metrics_of_texts(bool stem) {
  return {{.metric = metrics::squad_metric({.escaped_newlines = true})},
          {.metric = metrics::rouge_metric({.stem = stem, .escaped_newlines = true}), .figures = {"rougeL"}}};
}

}  // namespace question_answering

class QuestionAnswering : public PairTask<data::QuestionAnswers, PromptResponse> {
 public:
  std::string name() const override { return "question-answering"; }
  std::string title() const override { return "question answering"; }

  /// q_init_scale and kv_init_scale have the values of MemSizer's authors for language modelling.
  std::vector<std::string> defaults() const override {
    return {"slots=32",        "warmup=100",           "clip=1", "weight_decay=0.01", "q_init_scale=32",
            "kv_init_scale=1", "validate_examples=250"};
  }
  std::vector<Preset> presets() const override {
    return {{"micro",
             {"layers=1", "dim=32", "heads=2", "slots=4", "ffn=64", "vocab=320", "sequence=64",
              "batch_tokens=256", "learning_rate=3e-3"}},
            {"tiny",
             {"layers=2", "dim=128", "heads=4", "slots=16", "ffn=512", "vocab=1024", "sequence=128",
              "batch_tokens=1024", "learning_rate=3e-3"}},
            {"small",
             {"layers=3", "dim=192", "heads=4", "ffn=768", "vocab=8192", "sequence=512", "batch_tokens=2048",
              "dropout=0.1", "learning_rate=2e-3", "warmup=200"}},
            {"base",
             {"layers=8", "dim=512", "heads=8", "ffn=2048", "vocab=32768", "sequence=1024",
              "batch_tokens=8192", "dropout=0.1", "learning_rate=1e-3", "warmup=1000"}}};
  }
  std::vector<Column> columns() const override {
    return {{"perplexity", "perplexity"},
            {"exact_match", "exact match", true},
            {"f1", "F1", true, true},
            {"rougeL", "ROUGE-L", true}};
  }

  std::vector<Baseline> baselines(const DataSet& data, data::Split split, const text::Tokenizer&,
                                  const data::EncodeCache&) const override {
    const PairWriting writing = this->writing({});
    const std::string constant = constant_text(pairs_of(data), writing);
    return {{"always the same answer",
             measure_baseline(data, split, writing, [&](const data::TextPair&) { return constant; })}};
  }

 protected:
  data::QuestionAnswers open(const std::filesystem::path& path, const Config&) const override {
    return data::QuestionAnswers(path);
  }
  PairWriting writing(const Config&) const override {
    return {.examples = "questions",
            .decoding = {.longest = {.per_source_token = 0, .more = 256}, .batch = 32},
            .line_breaks = LineBreaks::become_backslash_n,
            .metrics = question_answering::metrics_of_texts,
            .can_stem = true,
            .long_pairs = data::LongPairs::are_cut,
            .text_of_record =
                [](const files::JsonView& record) {
                  return data::prompt_text(record.get_or<std::string>("system_prompt", ""),
                                           record.get<std::string>("question"));
                },
            .record_members = "\"question\" and \"system_prompt\""};
  }
};

}  // namespace memsizer::tasks
