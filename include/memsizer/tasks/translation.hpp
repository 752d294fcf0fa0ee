#pragma once
// Translation. The data is pairs of a sentence and its translation, such as WMT16 or Multi30k. The model
// reads the sentence, writes the translation, and is measured by BLEU and chrF.

#include "memsizer/data/sentence_pairs.hpp"
#include "memsizer/metrics/bleu.hpp"
#include "memsizer/metrics/chrf.hpp"
#include "memsizer/tasks/pair_run.hpp"
#include "memsizer/tasks/pair_training.hpp"

namespace memsizer::tasks {

namespace translation {

class Data : public DataSet {
 public:
  Data(const std::filesystem::path& path, const Config& config)
      : pairs_(path, {config.source.source, config.source.target}) {}

  const data::SentencePairs& pairs() const { return pairs_; }

  const std::filesystem::path& path() const override { return pairs_.path(); }
  bool has(data::Split split) const override { return pairs_.has(split); }
  std::vector<std::filesystem::path> files(data::Split split) const override { return pairs_.files(split); }
  /// One tokenizer serves both languages.
  void add_text(text::TokenizerTrainer& trainer) const override {
    data::PairStream stream = pairs_.open(data::Split::train);
    for (data::SentencePair pair; stream.next(pair);) {
      trainer.add_text(pair.source);
      trainer.add_text(pair.target);
    }
  }

 private:
  data::SentencePairs pairs_;
};

/// The pairs of a data set that this task has opened.
inline const data::SentencePairs& pairs_of(const DataSet& data) {
  return dynamic_cast<const Data&>(data).pairs();
}

/// The translations of a split's first `count` pairs as the files have them.
inline std::vector<std::string> references(const data::SentencePairs& pairs, data::Split split, Index count) {
  std::vector<std::string> texts;
  data::PairStream stream = pairs.open(split);
  for (data::SentencePair pair; static_cast<Index>(texts.size()) < count && stream.next(pair);)
    texts.push_back(std::move(pair.target));
  return texts;
}

/// Tells which files are read, and if their lines end in carriage returns: these stay in the text, since a
/// line ends at \n alone, and a model learns to write them.
inline void tell_of_files(const data::SentencePairs& pairs, const MessageCallback& tell) {
  for (const data::Split split : {data::Split::train, data::Split::validation}) {
    if (!pairs.has(split)) continue;
    const auto name = [](const std::filesystem::path& file) { return file.filename().string(); };
    tell(concatenate("the ", data::split_name(split), " split is ", join(pairs.files(split), ", ", name)));
    data::SentencePair first;
    data::PairStream stream = pairs.open(split);
    if (stream.next(first) && (first.source.ends_with('\r') || first.target.ends_with('\r')))
      tell(
          "its lines end in a carriage return before the line break, which is kept as a character of the "
          "text; "
          "dos2unix removes it");
  }
}

/// BLEU as sacreBLEU computes it by default, its signature, and chrF.
inline train::Figures measure(const std::vector<std::string>& texts,
                              const std::vector<std::string>& references) {
  const auto score = [&](const metrics::CorpusMetric& metric) {
    return metric.scores(metrics::SegmentCounts(metric, texts, std::span(&references, 1)).sums())[0];
  };
  const metrics::CorpusMetric bleu = metrics::bleu_metric();
  return {{"bleu", score(bleu)},
          {"bleu_signature", metrics::signature(bleu, 1)},
          {"chrf", score(metrics::chrf_metric())}};
}

/// The way to decode of MemSizer's authors, which is fairseq's for WMT En-De.
inline Decoding decoding() {
  return {.beam = 4, .length_penalty = 0.6, .longest = {.per_source_token = 1.2, .more = 10}, .batch = 32};
}

class Trained : public PairRun {
 public:
  Trained(const RunDirectory& run, Device& device, const std::string& checkpoint)
      : PairRun(run, device, checkpoint, translation::decoding(), measure) {}

  std::string examples_title() const override { return "sentences"; }
  data::EncodedPairs encode(const DataSet& data, data::Split split,
                            const data::EncodeCache& cache) const override {
    return data::encode_pairs(pairs_of(data), split, tokenizer(), cache);
  }
  std::vector<std::string> references(const DataSet& data, data::Split split, Index count) const override {
    return translation::references(pairs_of(data), split, count);
  }
};

}  // namespace translation

class Translation : public Task {
 public:
  std::string name() const override { return "translation"; }
  std::string title() const override { return "translation"; }
  bool has_source() const override { return true; }

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
    return {{"perplexity", "perplexity"}, {"bleu", "BLEU", true}, {"chrf", "chrF", true}};
  }

  std::unique_ptr<DataSet> open_data(const std::filesystem::path& path, const Config& config) const override {
    return std::make_unique<translation::Data>(path, config);
  }
  /// The source, copied: names and full stops are right then.
  Baseline baseline(const DataSet& data, data::Split split, const text::Tokenizer&,
                    const data::EncodeCache&) const override {
    std::vector<std::string> sources, references;
    data::PairStream stream = translation::pairs_of(data).open(split);
    for (data::SentencePair pair; stream.next(pair);) {
      sources.push_back(std::move(pair.source));
      references.push_back(std::move(pair.target));
    }
    return {"the source, copied", translation::measure(sources, references)};
  }
  std::unique_ptr<ModelOutline> outline(const Config& config) const override {
    return std::make_unique<EncoderDecoderOutline>(config);
  }
  std::unique_ptr<nn::Module<float>> make_model(const Config& config,
                                                const text::Tokenizer& tokenizer) const override {
    return std::make_unique<models::EncoderDecoder<float>>(
        encoder_decoder_config(config, padding_of(tokenizer)));
  }
  std::unique_ptr<train::TrainingTask> make_training(const Config& config, const text::Tokenizer& tokenizer,
                                                     const DataSet& data,
                                                     const data::EncodeCache& cache) const override {
    const data::SentencePairs& pairs = translation::pairs_of(data);
    TrainingPairs training{.path = data.path().string(),
                           .train = data::encode_pairs(pairs, data::Split::train, tokenizer, cache)};
    if (pairs.has(data::Split::validation)) {
      training.validation = data::encode_pairs(pairs, data::Split::validation, tokenizer, cache);
      training.references =
          translation::references(pairs, data::Split::validation, training.validation->size());
    }
    if (cache.tell) translation::tell_of_files(pairs, cache.tell);
    Decoding greedy = translation::decoding();
    greedy.beam = 0, greedy.batch = 128;
    return std::make_unique<PairTraining>(config, tokenizer, std::move(training), translation::measure,
                                          greedy, cache.tell);
  }
  std::unique_ptr<TrainedModel> load(const RunDirectory& run, Device& device,
                                     const std::string& checkpoint) const override {
    return std::make_unique<translation::Trained>(run, device, checkpoint);
  }

  void dry_run(DryRun what, const Config& config, Device& device) const override {
    SmallEncoderDecoder(config, device, what == DryRun::training).run(what, config);
  }
};

}  // namespace memsizer::tasks
