// memsizer score bleu | chrf | rouge | squad: scores lines of text from anywhere against references.

#include <array>
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "memsizer/base/text_table.hpp"
#include "memsizer/files/json.hpp"
#include "memsizer/files/output_checks.hpp"
#include "memsizer/metrics.hpp"
#include "memsizer/text/utf8_stream.hpp"

#include "commands.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace score_command {

using nlohmann::ordered_json;

struct Options {
  std::vector<std::filesystem::path> hypotheses, references;
  std::string tokenize = "13a";
  bool lowercase = false, stem = false, paired_bs = false, json = false;
  metrics::BootstrapOptions bootstrap;
};

/// What was read, and what was counted, for the metric that was asked for.
struct Scored {
  metrics::CorpusMetric metric;
  std::vector<metrics::SegmentCounts> systems;                // a row for each file of hypotheses
  std::vector<std::vector<metrics::BootstrapScore>> samples;  // [system][score]; empty without --paired-bs
};

/// A metric that the program knows: its name and help, the options that it alone has, and how it is made.
struct MetricRow {
  const char *name, *summary, *example;
  void (*add_options)(const Command& command, Options& options);
  metrics::CorpusMetric (*make)(const Options& options);
};

void require_usable(const Options& options) {
  const bool several = options.hypotheses.size() > 1;
  require(several || !options.paired_bs,
          "--paired-bs: two files of hypotheses or more expected, the first being the baseline; got one");
  require(options.paired_bs || !several, "--hypotheses: one file expected without --paired-bs, got ",
          options.hypotheses.size());
  std::vector<std::filesystem::path> inputs = options.hypotheses;
  inputs.insert(inputs.end(), options.references.begin(), options.references.end());
  require(std::ranges::count(inputs, "-") <= 1, "- is standard input, which can be read only once");
  files::require_not_an_input("-", inputs);
}

Scored score(const Options& options, const MetricRow& row) {
  require_usable(options);
  Scored scored{.metric = row.make(options), .systems = {}, .samples = {}};
  std::vector<std::filesystem::path> paths = options.references;
  paths.insert(paths.end(), options.hypotheses.begin(), options.hypotheses.end());
  const auto lines = metrics::read_aligned_lines(paths);
  const auto references = std::span(lines).first(options.references.size());
  const auto systems = std::span(lines).subspan(references.size());
  for (std::size_t s = 0; s < systems.size(); ++s) {
    scored.systems.emplace_back(scored.metric, systems[s], references);
    if (s > 0 && systems[s] == systems[0])
      message(concatenate(options.hypotheses[s].string(), " has the same lines as the baseline ",
                          options.hypotheses[0].string(), ": its p_value says nothing"));
  }
  if (options.paired_bs)
    scored.samples = metrics::paired_bootstrap(scored.metric, scored.systems, options.bootstrap);
  return scored;
}

/// A number with this many decimals.
std::string rounded(double number, int decimals = 2) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", decimals, number);
  return text;
}

/// The scores of a system, its signature and what explains them.
ordered_json system_json(const Scored& scored, std::size_t system, const std::string& signature) {
  ordered_json object;
  const std::vector<double> sums = scored.systems[system].sums(), scores = scored.metric.scores(sums);
  for (std::size_t i = 0; i < scores.size(); ++i) object[scored.metric.names[i]] = scores[i];
  if (!signature.empty()) object[scored.metric.names[0] + "_signature"] = signature;
  for (const auto& [name, value] : scored.metric.details(sums))
    if (name.ends_with("_words"))
      object[name] = static_cast<Index>(value);
    else
      object[name] = value;
  return object;
}

ordered_json bootstrap_json(const metrics::BootstrapScore& score) {
  return {{"mean", score.mean},
          {"interval", {score.lower(), score.upper()}},
          {"p_value", files::or_null(score.p_value)}};
}

/// The text of one system, a line a figure. Numbers of words are whole.
void print_system(const ordered_json& system) {
  for (const auto& [name, value] : system.items()) {
    const int decimals = name.ends_with("_words") ? 0 : 2;
    const std::string text =
        value.is_string() ? value.get<std::string>() : rounded(value.get<double>(), decimals);
    print(concatenate(name, ": ", text, '\n'));
  }
}

/// The table of a paired bootstrap for one score, a row for each system.
std::string systems_table(const Options& options, const Scored& scored, std::size_t score) {
  std::vector<std::vector<std::string>> rows = {
      {"system", scored.metric.names[score], "mean", "interval", "p_value"}};
  for (std::size_t s = 0; s < scored.samples.size(); ++s) {
    const metrics::BootstrapScore& row = scored.samples[s][score];
    rows.push_back({options.hypotheses[s].string(), rounded(row.score), rounded(row.mean),
                    rounded(row.lower()) + " to " + rounded(row.upper()),
                    row.p_value ? rounded(*row.p_value, 4) : std::string("baseline")});
  }
  return text_table(rows, "lrrrr");
}

/// A table for each score of the metric, with an empty line between two.
void print_systems(const Options& options, const Scored& scored, const std::string& signature) {
  for (std::size_t i = 0; i < scored.metric.names.size(); ++i)
    print((i > 0 ? "\n" : "") + systems_table(options, scored, i));
  if (!signature.empty()) print(signature + '\n');
}

void run(const Options& options, const MetricRow& row) {
  const Scored scored = score(options, row);
  const std::string resampling = options.paired_bs ? metrics::resampling_text(options.bootstrap) : "";
  const std::string signature =
      scored.metric.settings.empty()
          ? ""
          : metrics::signature(scored.metric, options.references.size(), resampling);
  if (!options.paired_bs) {
    const ordered_json system = system_json(scored, 0, signature);
    return options.json ? print_json(system) : print_system(system);
  }
  if (!options.json) return print_systems(options, scored, signature);
  ordered_json systems = ordered_json::array();
  for (std::size_t s = 0; s < scored.systems.size(); ++s) {
    ordered_json system{{"hypotheses", text::path_text(options.hypotheses[s])}};
    system.update(system_json(scored, s, signature));
    for (std::size_t i = 0; i < scored.metric.names.size(); ++i)
      system["paired_bs"][scored.metric.names[i]] = bootstrap_json(scored.samples[s][i]);
    systems.push_back(std::move(system));
  }
  print_json({{"systems", std::move(systems)}});
}

void add_lowercase(const Command& command, Options& options) {
  command.flag("--lowercase", options.lowercase, "compare lower case with lower case");
}

void add_bleu_options(const Command& command, Options& options) {
  command.option("--tokenize", "NAME", options.tokenize,
                 "how lines are cut into words: 13a, none, char or intl");
  add_lowercase(command, options);
}

void add_rouge_options(const Command& command, Options& options) {
  command.flag("--stem", options.stem, "compare the stems of words, so that 'runs' equals 'running'");
}

void add_no_options(const Command&, Options&) {}

metrics::CorpusMetric make_bleu(const Options& options) {
  return metrics::bleu_metric({.tokenize = options.tokenize, .lowercase = options.lowercase});
}
metrics::CorpusMetric make_chrf(const Options& options) {
  return metrics::chrf_metric({.lowercase = options.lowercase});
}
metrics::CorpusMetric make_rouge(const Options& options) {
  return metrics::rouge_metric({.stem = options.stem, .escaped_newlines = true});
}
metrics::CorpusMetric make_squad(const Options&) {
  return metrics::squad_metric({.escaped_newlines = true});
}

/// The metrics of the program. A further one is a row.
constexpr std::array metric_rows{
    MetricRow{"bleu", "Score translations by BLEU, the n-grams of words that they share with references",
              "build/release/memsizer score bleu --hypotheses samples/data/scored/first.txt "
              "samples/data/scored/second.txt --references samples/data/scored/references.txt --paired-bs",
              add_bleu_options, make_bleu},
    MetricRow{"chrf", "Score translations by chrF, the n-grams of characters that they share with references",
              "build/release/memsizer score chrf --hypotheses samples/data/scored/first.txt "
              "--references samples/data/scored/references.txt --json",
              add_lowercase, make_chrf},
    MetricRow{"rouge", "Score summaries by ROUGE, the words and their order that they share with references",
              "build/release/memsizer score rouge --hypotheses samples/data/scored/summaries.txt "
              "--references samples/data/scored/summary_references.txt --stem",
              add_rouge_options, make_rouge},
    MetricRow{"squad",
              "Score answers as SQuAD does, by exact match and the words that they share with references",
              "build/release/memsizer score squad --hypotheses samples/data/scored/answers.txt "
              "--references samples/data/scored/answer_references.txt "
              "samples/data/scored/answer_references_2.txt",
              add_no_options, make_squad}};

void add_metric(const Command& score, const MetricRow& row) {
  const Command command = score.command(row.name, row.summary, row.example);
  const auto options = std::make_shared<Options>();
  command.option("--hypotheses", "FILE", options->hypotheses,
                 "what is scored, a line a segment, plain or .gz or .zst; - is standard input",
                 Need::required);
  command.option("--references", "FILE", options->references,
                 "what it should be, with as many lines; several files: several references for each line",
                 Need::required);
  row.add_options(command, *options);
  command.flag("--paired-bs", options->paired_bs,
               "say by paired bootstrap whether other files of hypotheses differ from the first");
  command.option("--seed", "N", options->bootstrap.seed, "of the samples of --paired-bs");
  command.flag("--json", options->json, "print one JSON object");
  command.action([options, &row] { run(*options, row); });
}

}  // namespace score_command

void add_score_command(const Command& program) {
  using namespace score_command;
  const Command score = program.command(
      "score", "Score generated text from anywhere against references, and compare systems",
      "build/release/memsizer score bleu --hypotheses samples/data/scored/first.txt --references "
      "samples/data/scored/references.txt");
  for (const MetricRow& row : metric_rows) add_metric(score, row);
}

}  // namespace memsizer::program
