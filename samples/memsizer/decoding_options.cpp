// The options of decoding.

#include "decoding_options.hpp"

#include "memsizer/report/number_text.hpp"
#include "memsizer/tasks/tasks.hpp"

namespace memsizer::program {

namespace {

/// "a, b and c".
std::string listed(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text += (i == 0 ? "" : i + 1 < parts.size() ? ", " : " and ") + parts[i];
  return text;
}

tasks::Decoding default_of(const tasks::Task& task) {
  return task.decoding({});
}

std::string default_beam(const tasks::Task& task) {
  const Index beam = default_of(task).beam;
  return beam == 0 ? "none" : std::to_string(beam);
}

std::string default_length_penalty(const tasks::Task& task) {
  return report::short_number(default_of(task).length_penalty);
}

std::string default_max_tokens(const tasks::Task& task) {
  const auto [per_source_token, more, least, key] = default_of(task).longest;
  const std::string fixed = *key == '\0' ? std::to_string(more) : key;
  return per_source_token == 0 ? fixed
                               : concatenate(report::short_number(per_source_token),
                                             " for each token of the source and ", fixed, " more");
}

}  // namespace

std::string by_task(const std::function<std::string(const tasks::Task&)>& text_of) {
  const std::string most = text_of(*tasks::all_tasks().front());
  std::vector<std::pair<std::string, std::vector<std::string>>> others;  // a text, and the tasks that have it
  for (const tasks::Task* task : tasks::all_tasks()) {
    const std::string text = text_of(*task);
    if (text == most) continue;
    const auto place = std::ranges::find(others, text, &decltype(others)::value_type::first);
    if (place == others.end())
      others.push_back({text, {task->title()}});
    else
      place->second.push_back(task->title());
  }
  std::string all;
  for (const auto& [text, titles] : others) all += text + " in " + listed(titles) + ", ";
  return others.empty() ? most : all + "else " + most;
}

std::string line_breaks_by_task() {
  return by_task([](const tasks::Task& task) -> std::string {
    return task.line_breaks() == tasks::LineBreaks::become_spaces ? "spaces" : "\\n";
  });
}

void add_decoding_options(const Command& command, tasks::DecodingOptions& options) {
  command.option(
      "--beam", "N", options.beam,
      "beam search with this many hypotheses; the default is the task's: " + by_task(default_beam));
  command.option(
      "--length-penalty", "X", options.length_penalty,
      "the beam search divides scores by the length to this power, from -10 to 10; the default is " +
          by_task(default_length_penalty));
  command.option(
      "--temperature", "X", options.temperature,
      "0 takes the most likely token, 1 draws with the model's probabilities, more than 1 draws more "
      "evenly; the default is 0, with --top-k or --top-p 1");
  command.option("--top-k", "N", options.top_k, "draw from the N most likely tokens");
  command.option("--top-p", "X", options.top_p,
                 "draw from the fewest most likely tokens that together have this probability");
  command.option("--max-tokens", "N", options.max_tokens,
                 "the most new tokens; the default is " + by_task(default_max_tokens) +
                     ". With learned positions, no more than the model has room for");
  command.option("--min-tokens", "N", options.min_tokens, "the fewest new tokens");
  command.option("--no-repeat-ngram", "N", options.no_repeat_ngram,
                 "write no sequence of N tokens twice; 0, the default: any may repeat");
  command.option("--batch", "N", options.batch,
                 "inputs that are decoded together; it changes the speed, no text, and a score in its last "
                 "digit at most");
  command.option("--seed", "N", options.seed, "seed of the random numbers");
}

}  // namespace memsizer::program
