// memsizer summary: what a model is made of and what it costs.

#include <memory>

#include <nlohmann/json.hpp>

#include "memsizer/base/lists.hpp"
#include "memsizer/models/cost.hpp"
#include "memsizer/train/generation_cost.hpp"
#include "memsizer/train/key_effects.hpp"
#include "memsizer/train/number_text.hpp"
#include "memsizer/train/start.hpp"

#include "commands.hpp"
#include "fillings.hpp"
#include "output.hpp"
#include "text_table.hpp"

namespace memsizer::program {

namespace {

using nlohmann::ordered_json;

struct Options {
  std::filesystem::path run;
  train::Request request;
  std::string matmul = default_matmul;
  bool keys = false, json = false;
};

/// A parameter, or all parameters of blocks that are alike.
struct Row {
  std::string name, shape;
  Index count;
};

/// The parameters of a part of the model: of everything outside the blocks, or of `times` equal blocks.
struct Part {
  std::string name;
  Index times = 1;
  std::vector<Row> rows;

  Index count() const {
    Index sum = 0;
    for (const Row& row : rows) sum += row.count;
    return sum;
  }
  bool same_rows(const Part& other) const {
    return std::ranges::equal(
        rows, other.rows, [](const Row& a, const Row& b) { return a.name == b.name && a.shape == b.shape; });
  }
};

/// "blocks.3.fc1.weight" -> {"blocks.3", "fc1.weight"}; a name outside the blocks -> {"", name}.
std::pair<std::string, std::string> split_name(const std::string& name) {
  constexpr std::string_view blocks = "blocks.";
  if (!name.starts_with(blocks)) return {"", name};
  const std::size_t end = name.find('.', blocks.size());
  return {name.substr(0, end), name.substr(end + 1)};
}

/// The parameters in order, with equal neighbouring blocks told once.
std::vector<Part> parts_of(const models::LanguageModel<float>& model) {
  std::vector<Part> parts;
  model.for_each_parameter([&](const std::string& full_name, const nn::Parameter<float>& parameter) {
    const auto [block, name] = split_name(full_name);
    if (parts.empty() || parts.back().name != block) parts.push_back({.name = block, .rows = {}});
    parts.back().rows.push_back({name, concatenate(parameter.shape), parameter.shape.size()});
  });
  std::vector<Part> merged;
  for (Part& part : parts) {
    const bool again = !merged.empty() && !part.name.empty() && merged.back().same_rows(part);
    if (again)
      ++merged.back().times;
    else
      merged.push_back(std::move(part));
  }
  return merged;
}

/// Configuration of the run, or of the options.
train::Config config_of(const Options& options) {
  const train::Request& request = options.request;
  const bool described = !request.architecture.empty() || !request.preset.empty() || !request.task.empty() ||
                         !request.config_file.empty() || !request.settings.empty();
  require(
      options.run.empty() || !described,
      "summary: a RUN has its own configuration; --task, --architecture, --preset, --config and --set do not "
      "go with it");
  return options.run.empty() ? train::effective_config(request)
                             : train::RunDirectory::open(options.run).config();
}

const std::string& kind_of(const models::LanguageModel<float>& model, Index layer) {
  const auto& kinds = model.config().attention;
  return kinds.size() == 1 ? kinds[0] : kinds[static_cast<std::size_t>(layer)];
}

ordered_json to_json(const train::Config& config, const models::LanguageModel<float>& model) {
  ordered_json layers = ordered_json::array(), parameters = ordered_json::array(),
               costs = ordered_json::array();
  for (Index layer = 0; layer < model.config().layers; ++layer) layers.push_back(kind_of(model, layer));
  model.for_each_parameter([&](const std::string& name, const nn::Parameter<float>& parameter) {
    const auto extents = parameter.shape.extents();
    parameters.push_back({{"name", name},
                          {"shape", std::vector<Index>(extents.begin(), extents.end())},
                          {"parameters", parameter.shape.size()}});
  });
  for (const Index length : train::cost_lengths())
    costs.push_back({{"length", length},
                     {"flops_per_token", models::step_flops(model, length)},
                     {"state_bytes", models::state_bytes(model, length)}});
  const Index count = nn::parameter_count(model);
  return {{"task", config.task},        {"architecture", config.architecture},
          {"preset", config.preset},    {"attention", layers},
          {"parameters", count},        {"bytes", count * Index{sizeof(float)}},
          {"matmul", matmul_filling()}, {"costs", costs},
          {"tensors", parameters}};
}

std::string parameter_table(const models::LanguageModel<float>& model) {
  std::vector<std::vector<std::string>> rows = {{"parameter", "shape", "numbers"}};
  Index layer = 0;
  for (const Part& part : parts_of(model)) {
    const bool block = !part.name.empty();
    if (block) {
      const std::string name = part.times == 1
                                   ? concatenate("block ", layer)
                                   : concatenate("blocks ", layer, " to ", layer + part.times - 1, ", each");
      rows.push_back({name, kind_of(model, layer), train::with_thousands(part.count())});
      layer += part.times;
    }
    for (const Row& row : part.rows)
      rows.push_back({(block ? "  " : "") + row.name, row.shape, train::with_thousands(row.count)});
  }
  const Index count = nn::parameter_count(model);
  rows.push_back({"all", train::bytes_text(count * Index{sizeof(float)}), train::with_thousands(count)});
  return text_table(rows, "llr");
}

std::string cost_table(const models::LanguageModel<float>& model) {
  std::vector<std::vector<std::string>> rows = {{"tokens before", "MFLOP a token", "state"}};
  for (const Index length : train::cost_lengths())
    rows.push_back({train::with_thousands(length),
                    train::short_number(models::step_flops(model, length) / 1e6),
                    train::bytes_text(models::state_bytes(model, length))});
  return text_table(rows, "rrr");
}

/// What a configuration key takes: its words, its kind, or its range.
std::string values_of(const train::ConfigKey& key) {
  if (std::holds_alternative<bool train::Config::*>(key.member)) return "true, false";
  if (!key.is_text())
    return concatenate(train::short_number(key.least), " to ", train::short_number(key.most));
  return key.choices.empty() ? "text" : join(key.choices);
}

/// Every configuration key with its value in `config`.
void print_keys(const train::Config& config, bool json) {
  std::vector<std::vector<std::string>> rows = {{"key", "value", "meaning", "may be"}};
  ordered_json keys = ordered_json::array();
  for (const train::ConfigKey& key : train::config_keys()) {
    rows.push_back({key.name, train::text_of(config, key), key.meaning, values_of(key)});
    keys.push_back(
        {{"key", key.name}, {"value", rows.back()[1]}, {"meaning", key.meaning}, {"may_be", rows.back()[3]}});
  }
  if (json) return print_json({{"keys", keys}});
  print(text_table(rows, "llll"));
}

void summarise(const Options& options) {
  use_matmul_filling(options.matmul);
  const train::Config config = config_of(options);
  if (options.keys) return print_keys(config, options.json);
  models::LanguageModel<float> model(train::language_model_config(config, config.vocab, -1));
  if (options.json) return print_json(to_json(config, model));
  const bool has_slots = train::why_without_effect(config, "slots").empty();
  print(concatenate(config.task, ", ", config.architecture, ", preset ", config.preset, ": ", config.layers,
                    " layers, dim ", config.dim, ", ", config.heads, " heads, ffn ", config.ffn, ", ",
                    has_slots ? concatenate(config.slots, " slots, ") : "",
                    train::with_thousands(config.vocab), " tokens\nmatrix products by ", matmul_filling(),
                    "\n\n"));
  print(parameter_table(model) + '\n' + cost_table(model));
}

}  // namespace

void add_summary_command(const Command& program) {
  const Command command =
      program.command("summary", "Show a model's layers, shapes, parameters, operations and state",
                      "build/release/memsizer summary --architecture memsizer --preset small --set slots=64");
  const auto options = std::make_shared<Options>();
  command.option("run", "RUN", options->run, "the run whose model is shown; or describe one:");
  command.option("--task", "TASK", options->request.task, "language-modeling");
  command.option("--architecture", "NAME", options->request.architecture,
                 join(train::find_key("architecture").choices, " or "));
  command.option("--preset", "NAME", options->request.preset, "tiny, small or base");
  command.option("--config", "FILE", options->request.config_file, "JSON object of configuration keys");
  command.repeated("--set", "KEY=VALUE", options->request.settings,
                   "sets one configuration key; may be repeated");
  command.flag("--keys", options->keys, "list the configuration keys with their values instead");
  command.option("--matmul", "NAME", options->matmul,
                 "what is to multiply matrices on the cpu: eigen or openblas");
  command.flag("--json", options->json, "print one JSON object");
  command.action([options] { summarise(*options); });
}

}  // namespace memsizer::program
