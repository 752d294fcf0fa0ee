#pragma once
// Translation. The data is pairs of a sentence and its translation, such as WMT16 or Multi30k. The model
// reads the sentence, writes the translation, and is measured by BLEU and chrF.

#include "memsizer/data/sentence_pairs.hpp"
#include "memsizer/metrics/bleu.hpp"
#include "memsizer/metrics/chrf.hpp"
#include "memsizer/tasks/pair_task.hpp"
#include "memsizer/tasks/source_target.hpp"

namespace memsizer::tasks {

namespace translation {

/// Tells if lines end in carriage returns: these stay in the text, since a line ends at \n alone, and a model
/// learns to write them.
inline void tell_of_carriage_returns(const data::SentencePairs& pairs, const MessageCallback& tell) {
  for (const data::Split split : {data::Split::train, data::Split::validation}) {
    if (!pairs.has(split)) continue;
    data::SentencePair first;
    data::PairStream stream = pairs.open(split);
    if (stream.next(first) && (first.source.ends_with('\r') || first.target.ends_with('\r')))
      tell(concatenate(
          "the lines of the ", data::split_name(split),
          " split end in a carriage return before the line break, which is kept as a character of "
          "the text; dos2unix removes it"));
  }
}

/// BLEU as sacreBLEU computes it by default, its signature, and chrF.
inline std::vector<TextMetric> metrics_of_texts() {
  return {{.metric = metrics::bleu_metric(), .has_signature = true}, {.metric = metrics::chrf_metric()}};
}

}  // namespace translation

class Translation : public PairTask<data::SentencePairs, SourceTarget> {
 public:
  std::string name() const override { return "translation"; }
  std::string title() const override { return "translation"; }

  /// q_init_scale and kv_init_scale have the values of MemSizer's authors for translation.
  std::vector<std::string> defaults() const override {
    return {"pre_norm=false",
            "optimizer=adam",
            "betas=0.9,0.98",
            "schedule=inverse_sqrt",
            "slots=4",
            "cross_slots=32",
            "q_init_scale=8",
            "kv_init_scale=8",
            "max_source=256",
            "label_smoothing_over=all",
            "max_target=256",
            "label_smoothing=0.1",
            "warmup_init_learning_rate=1e-7"};
  }
  std::vector<Preset> presets() const override {
    return {{"micro",
             {"layers=1", "dim=32", "heads=2", "cross_slots=4", "ffn=64", "vocab=320", "batch_tokens=256",
              "learning_rate=3e-3", "warmup=50"}},
            {"tiny",
             {"layers=2", "dim=64", "heads=4", "cross_slots=8", "ffn=128", "vocab=1024", "batch_tokens=1024",
              "dropout=0.1", "learning_rate=5e-3", "warmup=100"}},
            // The size that publications on Multi30k call Transformer-tiny. The pre-norm and the cosine are
            // for half an hour of training: after 5 epochs a Transformer has a BLEU of 28 with them, and of
            // 22 with the best learning rate without the pre-norm.
            {"small",
             {"layers=4", "dim=128", "heads=4", "ffn=256", "vocab=8192", "batch_tokens=2048", "dropout=0.3",
              "learning_rate=4e-3", "warmup=400", "schedule=cosine", "pre_norm=true"}},
            // Vaswani et al. 2017, base.
            {"base",
             {"layers=6", "dim=512", "heads=8", "ffn=2048", "vocab=32768", "batch_tokens=4096",
              "accumulate=8", "dropout=0.1", "learning_rate=7e-4", "warmup=4000"}},
            // Zhang and Cai 2022, WMT En-De.
            {"paper",
             {"layers=6", "dim=1024", "heads=16", "ffn=4096", "vocab=32768", "batch_tokens=3584",
              "accumulate=16", "dropout=0.3", "learning_rate=5e-4", "warmup=4000"}}};
  }
  std::vector<Column> columns() const override {
    return {{"perplexity", "perplexity"}, {"bleu", "BLEU", true, true}, {"chrf", "chrF", true}};
  }

  /// The source, copied: names and full stops are right then.
  std::vector<Baseline> baselines(const DataSet& data, data::Split split, const text::Tokenizer&,
                                  const data::EncodeCache&) const override {
    return {{"the source, copied", measure_baseline(data, split, writing({}), &data::TextPair::source)}};
  }

 protected:
  data::SentencePairs open(const std::filesystem::path& path, const Config& config) const override {
    return data::SentencePairs(path, config.languages);
  }
  /// The way to decode of MemSizer's authors, which is fairseq's for WMT En-De.
  PairWriting writing(const Config&) const override {
    return {.examples = "sentences",
            .decoding = {.beam = 4,
                         .length_penalty = 0.6,
                         .longest = {.per_source_token = 1.2, .more = 10},
                         .batch = 32},
            .metrics = [](bool) { return translation::metrics_of_texts(); }};
  }
  void tell_of_data(const data::SentencePairs& pairs, const MessageCallback& tell) const override {
    translation::tell_of_carriage_returns(pairs, tell);
  }
};

}  // namespace memsizer::tasks
