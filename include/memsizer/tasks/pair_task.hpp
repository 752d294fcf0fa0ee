#pragma once
// What the tasks of pairs have in common. A task derives from PairTask, and says what its data is, how it is
// measured, and its presets.

#include "memsizer/tasks/pair_training.hpp"

namespace memsizer::tasks {

/// Tells which files training reads: "the train split is train.en, train.de".
inline void tell_of_files(const DataSet& data, const MessageCallback& tell) {
  constexpr std::size_t most = 4;  // an archive may have a file for each example
  for (const data::Split split : {data::Split::train, data::Split::validation}) {
    if (!data.has(split)) continue;
    std::vector<std::filesystem::path> files = data.files(split);
    tell_of_missing_shards(files, split, tell);
    const std::size_t count = files.size();
    files.resize(std::min(count, most));
    const auto name = [](const std::filesystem::path& file) { return file.filename().string(); };
    tell(concatenate("the ", data::split_name(split), " split is ", join(files, ", ", name),
                     count > most ? concatenate(" and ", count - most, " files more") : ""));
  }
}

/// A task whose pairs are the class `Data`, a data::PairData, in the form SourceTarget or PromptResponse.
template <class Data, template <class> class Form>
class PairTask : public Task {
 public:
  bool has_source() const override { return Form<float>::has_source; }
  Decoding decoding(const Config& config) const override { return writing(config).decoding; }
  LineBreaks line_breaks() const override { return writing({}).line_breaks; }
  std::string record_members() const override { return writing({}).record_members; }

  std::unique_ptr<DataSet> open_data(const std::filesystem::path& path, const Config& config) const override {
    return std::make_unique<PairsOf<Data>>(open(path, config));
  }
  std::unique_ptr<ModelOutline> outline(const Config& config) const override {
    return std::make_unique<typename Form<float>::Outline>(config);
  }
  std::unique_ptr<nn::Module<float>> make_model(const Config& config,
                                                const text::Tokenizer& tokenizer) const override {
    using Own = Form<float>;
    return std::make_unique<typename Own::Model>(Own::model_config(config, padding_of(tokenizer)));
  }
  Training make_training(const Config& config, const text::Tokenizer& tokenizer, const DataSet& data,
                         const data::EncodeCache& cache, const Device& device) const override {
    const auto& own = dynamic_cast<const PairsOf<Data>&>(data);
    TrainingPairs training{.path = data.path().string(),
                           .train = own.encode(data::Split::train, tokenizer, cache)};
    const PairWriting writing = this->writing(config);
    if (own.has(data::Split::validation)) {
      training.validation = own.encode(data::Split::validation, tokenizer, cache);
      Index count = training.validation->size();
      if (const Index wanted = config.watching.validate_examples; wanted > 0) count = std::min(count, wanted);
      training.references = as_lines(own.references(data::Split::validation, count), writing.line_breaks);
    }
    if (cache.tell) {
      tell_of_files(data, cache.tell);
      for (const data::Split split : {data::Split::train, data::Split::validation})
        tell_of_missing(own, split, writing.examples, cache.tell);
      tell_of_data(own.data(), cache.tell);
    }
    return with_element_type(config, device, [&]<class T>(std::type_identity<T>) -> Training {
      return std::make_unique<PairTraining<Form<T>>>(config, tokenizer, std::move(training), writing,
                                                     cache.tell);
    });
  }
  std::unique_ptr<TrainedModel> load(const RunDirectory& run, Device& device,
                                     const std::string& checkpoint) const override {
    return with_element_type(
        run.config(), device, [&]<class T>(std::type_identity<T>) -> std::unique_ptr<TrainedModel> {
          return std::make_unique<PairRun<Form<T>>>(run, device, checkpoint,
                                                    [this](const Config& config) { return writing(config); });
        });
  }
  void dry_run(DryRun what, const Config& config, Device& device) const override {
    with_element_type(config, device, [&]<class T>(std::type_identity<T>) {
      typename Form<T>::SmallModel(config, device, what == DryRun::training).run(what, config);
    });
  }

 protected:
  /// Finds the data at a path. InputError if there is none of this task.
  virtual Data open(const std::filesystem::path& path, const Config& config) const = 0;
  virtual PairWriting writing(const Config& config) const = 0;
  /// Tells the user what was found, and what is unusual in it.
  virtual void tell_of_data(const Data&, const MessageCallback&) const {}
};

/// The figures of a baseline that writes `text_of(pair)` for each pair of a split.
inline train::Figures measure_baseline(const DataSet& data, data::Split split, const PairWriting& writing,
                                       const std::function<std::string(const data::TextPair&)>& text_of) {
  std::vector<std::string> texts, references;
  pairs_of(data).for_each(split, [&](const data::TextPair& pair) {
    texts.push_back(on_one_line(text_of(pair), writing.line_breaks));
    references.push_back(on_one_line(pair.target, writing.line_breaks));
    return true;
  });
  return measure_texts(writing.metrics(false), texts, references, Intervals::no).figures;
}

}  // namespace memsizer::tasks
