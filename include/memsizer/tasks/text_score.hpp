#pragma once
// How well a language model predicts a text.

#include "memsizer/data/encoded_text.hpp"
#include "memsizer/data/evaluation_windows.hpp"
#include "memsizer/metrics/perplexity.hpp"
#include "memsizer/models/language_model.hpp"
#include "memsizer/tasks/id_buffer.hpp"

namespace memsizer::tasks {

struct EvaluationOptions {
  Index sequence = 1;  // tokens in a window
  Index stride = 0;    // tokens that each window scores; 0: sequence
  Index limit = 0;     // windows to score, from the first on; 0: all
  Index rows = 16;     // windows in a batch, at most; short texts have 32 batches or more
};

/// The sum of a text's losses in nats, and the number of tokens and windows in this sum.
struct TextScore {
  double nats = 0;
  Index tokens = 0, windows = 0;
  bool finished = false;             // whether all that was wanted is scored
  std::vector<double> batches = {};  // nats and tokens of each batch, to resample: [batches x 2]
};

/// Scores every token of a text once, or those of the first `limit` windows. `progress(windows done, of)` is
/// called after each batch; if it returns false, scoring ends early.
template <class T, class ProgressCallback>
TextScore score_text(const models::LanguageModel<T>& model, const data::TokenIds& ids,
                     data::TokenId end_of_text, const EvaluationOptions& options,
                     const ProgressCallback& progress) {
  const Tape::Pause pause;
  const Index stride = options.stride == 0 ? options.sequence : options.stride;
  const data::EvaluationWindows windows(ids, end_of_text, options.sequence, stride);
  const Index count = options.limit == 0 ? windows.count() : std::min(options.limit, windows.count());
  const Index most_rows = std::clamp<Index>(count / 32, 1, options.rows);
  TextScore score;
  data::Batch batch;
  IdBuffer inputs, targets;
  for (Index first = 0; first < count;) {
    const Index rows = windows.batch_rows(first, std::min(most_rows, count - first)), before = score.tokens;
    windows.read(first, rows, batch);
    for (Index row = 0; row < rows; ++row) {
      const data::Window window = windows.window(first + row);
      std::ranges::fill(batch.target_row(row).first(static_cast<std::size_t>(window.first_scored)), -1);
      score.tokens += window.scored();
    }
    const Shape shape{rows, batch.length};
    const double nats = model
                            .loss(inputs.fill(shape, batch.inputs, model.device()),
                                  targets.fill(shape, batch.targets, model.device()), {})
                            .nats();
    score.nats += nats;
    score.batches.insert(score.batches.end(), {nats, static_cast<double>(score.tokens - before)});
    first += rows;
    score.windows = first;
    score.finished = first == count;
    if (!progress(first, count)) break;
  }
  return score;
}

}  // namespace memsizer::tasks
