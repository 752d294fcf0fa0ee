// The options of decoding.

#include "decoding_options.hpp"

namespace memsizer::program {

void add_decoding_options(const Command& command, tasks::DecodingOptions& options) {
  command.option("--beam", "N", options.beam,
                 "beam search with this many hypotheses; the default is the task's: 4 in translation and "
                 "summarization, else none");
  command.option("--length-penalty", "X", options.length_penalty,
                 "the beam search divides scores by the length to this power, from -10 to 10; the default is "
                 "0.6 in translation and summarization, else 1");
  command.option(
      "--temperature", "X", options.temperature,
      "0 takes the most likely token, 1 draws with the model's probabilities, more than 1 draws more "
      "evenly; the default is 0, with --top-k or --top-p 1");
  command.option("--top-k", "N", options.top_k, "draw from the N most likely tokens");
  command.option("--top-p", "X", options.top_p,
                 "draw from the fewest most likely tokens that together have this probability");
  command.option("--max-tokens", "N", options.max_tokens,
                 "the most new tokens; the default is 100, in translation 1.2 for each token of the source "
                 "and 10 more, in summarization max_target, in question answering 256. With learned "
                 "positions, no more than the model has room for");
  command.option("--min-tokens", "N", options.min_tokens, "the fewest new tokens");
  command.option("--no-repeat-ngram", "N", options.no_repeat_ngram,
                 "write no sequence of N tokens twice; 0, the default: any may repeat");
  command.option("--batch", "N", options.batch,
                 "inputs that are decoded together; it changes the speed, no text, and a score in its last "
                 "digit at most");
  command.option("--seed", "N", options.seed, "seed of the random numbers");
}

}  // namespace memsizer::program
