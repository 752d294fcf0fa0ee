#pragma once
// A run, scored on a split of some data.

#include "memsizer/train/loaded_language_model.hpp"
#include "memsizer/train/rehearsal.hpp"

namespace memsizer::train {

struct EvaluationRequest {
  std::filesystem::path data = {};
  std::string split = "test";
  Index stride = 0, limit = 0;
};

/// The figures of `memsizer evaluate --json`. With a limit the words and bytes of the part are not known, and
/// what needs them is null. `advanced` as of score_text.
template <class Advanced>
nlohmann::ordered_json evaluate_language_model(const LoadedLanguageModel& loaded, const RunDirectory& run,
                                               const EvaluationRequest& request, const Tell& tell,
                                               const Advanced& advanced) {
  const data::WikiText data(request.data);
  rehearse_scoring(loaded.config, loaded.model.device());
  const data::Split split = data::parse_split(request.split);
  const data::EncodedText text =
      data::encode_split(data, split, loaded.tokenizer, {data::cache_folder(run.path()), tell});
  const TextScore score = score_text(
      loaded.model, *text.ids, end_of_text(loaded.tokenizer),
      {.sequence = loaded.config.sequence, .stride = request.stride, .limit = request.limit}, advanced);
  const bool whole = score.tokens == text.ids->size();
  metrics::Perplexity figures =
      metrics::perplexity({score.nats, score.tokens, text.counts.words, text.counts.bytes},
                          loaded.tokenizer.normalizer().loses_text() || !whole);
  if (!whole) figures.reason = "only a part of the split was scored";
  nlohmann::ordered_json json;
  json["split"] = data::split_name(split);
  json["examples"] = score.windows;
  json["tokens"] = score.tokens;
  json["loss"] = figures.loss;
  json["perplexity"] = files::or_null(figures.perplexity);
  json["words"] = files::or_null(whole ? std::optional(text.counts.words) : std::nullopt);
  json["word_perplexity"] = files::or_null(figures.word_perplexity);
  json["bits_per_byte"] = files::or_null(figures.bits_per_byte);
  json["stride"] = request.stride == 0 ? loaded.config.sequence : request.stride;
  if (!figures.reason.empty()) json["reason"] = figures.reason;
  return json;
}

}  // namespace memsizer::train
