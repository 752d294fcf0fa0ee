// memsizer summary: shows the parts of a model and its cost.

#include <memory>

#include <nlohmann/json.hpp>

#include "memsizer/base/lists.hpp"
#include "memsizer/base/text_table.hpp"
#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/number_text.hpp"
#include "memsizer/tasks/key_effects.hpp"
#include "memsizer/tasks/start.hpp"

#include "commands.hpp"
#include "matmul_backends.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace summary_command {

using nlohmann::ordered_json;

struct Options {
  std::filesystem::path run;
  tasks::Request request;
  std::string matmul = default_matmul;
  bool keys = false, json = false;
};

/// A parameter with its shape and its number of values.
struct Row {
  std::string name, shape;
  Index count;
};

/// The parameters of a part of the model: all those outside the blocks, or those of `times` equal blocks.
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

/// "blocks.3.fc1.weight" -> {"blocks.3", "fc1.weight"}, and so with "encoder.3" and "decoder.3"; a name
/// outside the blocks -> {"", name}.
std::pair<std::string, std::string> split_name(const std::string& name) {
  const std::size_t dot = name.find('.');
  const bool is_block =
      dot != name.npos && dot + 1 < name.size() && name[dot + 1] >= '0' && name[dot + 1] <= '9';
  if (!is_block) return {"", name};
  const std::size_t end = name.find('.', dot + 1);
  return {name.substr(0, end), name.substr(end + 1)};
}

/// The words for `times` equal blocks, of which the first is "encoder.0": "encoder blocks 0 to 3, each".
std::string title_of(const std::string& first, Index times) {
  const std::size_t dot = first.find('.');
  const std::string stack = first.substr(0, dot) == "blocks" ? "" : first.substr(0, dot) + ' ',
                    number = first.substr(dot + 1);
  if (times == 1) return concatenate(stack, "block ", number);
  return concatenate(stack, "blocks ", number, " to ", std::stoll(number) + times - 1, ", each");
}

/// The parameters in order. Neighbouring blocks that are equal are merged.
std::vector<Part> parts_of(tasks::ModelOutline& outline) {
  std::vector<Part> parts;
  outline.model().for_each_parameter(
      [&](const std::string& full_name, const nn::Parameter<float>& parameter) {
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

/// The configuration of the run, or the one that the options describe.
train::Config config_of(const Options& options) {
  tasks::Request request = options.request;
  const bool described = !request.architecture.empty() || !request.preset.empty() || !request.task.empty() ||
                         !request.config_file.empty() || !request.settings.empty();
  require(
      options.run.empty() || !described,
      "summary: a RUN has its own configuration; --task, --architecture, --preset, --config and --set do not "
      "go with it");
  tasks::read_config_file(request);
  return options.run.empty() ? tasks::effective_config(request).config
                             : tasks::config_of(train::RunDirectory::open(options.run));
}

/// The model of a configuration without weights. If a run's configuration is no valid model, the InputError
/// names its file.
std::unique_ptr<tasks::ModelOutline> outline_of(const Options& options, const train::Config& config) {
  const tasks::Task& task = tasks::find_task(config.labels.task);
  if (options.run.empty()) return task.outline(config);
  return train::at_file(train::RunDirectory(options.run).config_file(), [&] { return task.outline(config); });
}

/// The kind of attention in a block, by the block's name.
std::string kind_of(tasks::ModelOutline& outline, const std::string& block) {
  for (const auto& [name, kind] : outline.attention_kinds())
    if (name == block) return kind;
  return {};
}

ordered_json to_json(const train::Config& config, tasks::ModelOutline& outline) {
  ordered_json layers = ordered_json::array(), parameters = ordered_json::array(),
               costs = ordered_json::array();
  for (const auto& [block, kind] : outline.attention_kinds()) layers.push_back(kind);
  outline.model().for_each_parameter([&](const std::string& name, const nn::Parameter<float>& parameter) {
    const auto extents = parameter.shape.extents();
    parameters.push_back({{"name", name},
                          {"shape", std::vector<Index>(extents.begin(), extents.end())},
                          {"parameters", parameter.shape.size()}});
  });
  for (const Index length : decode::cost_lengths())
    costs.push_back({{"length", length},
                     {"flops_per_token", outline.step_flops(length)},
                     {"state_bytes", outline.state_bytes(length)}});
  const Index count = nn::parameter_count(outline.model());
  return {{"task", config.labels.task},
          {"architecture", config.labels.architecture},
          {"preset", config.labels.preset},
          {"dtype", config.labels.dtype},
          {"attention", layers},
          {"parameters", count},
          {"bytes", count * Index{sizeof(float)}},
          {"matmul", matmul_backend()},
          {"costs", costs},
          {"tensors", parameters}};
}

std::string parameter_table(tasks::ModelOutline& outline) {
  std::vector<std::vector<std::string>> rows = {{"parameter", "shape", "numbers"}};
  for (const Part& part : parts_of(outline)) {
    const bool block = !part.name.empty();
    if (block)
      rows.push_back({title_of(part.name, part.times), kind_of(outline, part.name),
                      report::with_thousands(part.count())});
    for (const Row& row : part.rows)
      rows.push_back({(block ? "  " : "") + row.name, row.shape, report::with_thousands(row.count)});
  }
  const Index count = nn::parameter_count(outline.model());
  rows.push_back({"all", report::bytes_text(count * Index{sizeof(float)}), report::with_thousands(count)});
  return text_table(rows, "llr");
}

std::string cost_table(tasks::ModelOutline& outline) {
  std::vector<std::vector<std::string>> rows = {{outline.costs_are_after(), "MFLOP a token", "state"}};
  for (const Index length : decode::cost_lengths())
    rows.push_back({report::with_thousands(length), report::short_number(outline.step_flops(length) / 1e6),
                    report::bytes_text(outline.state_bytes(length))});
  return text_table(rows, "rrr");
}

/// The values that a configuration key accepts: a list of words, a type or a range.
std::string values_of(const train::Key& key) {
  switch (key.type) {
    case SettingType::truth:
      return "true, false";
    case SettingType::text:
      return key.choices.empty() ? "text" : join(key.choices);
    default:
      return concatenate(report::short_number(key.range.least), " to ", report::short_number(key.range.most));
  }
}

/// Prints every configuration key with its value in `config`.
void print_keys(const train::Config& config, bool json) {
  std::vector<std::vector<std::string>> rows = {{"key", "value", "meaning", "may be"}};
  ordered_json keys = ordered_json::array();
  for (const train::Key& key : train::keys()) {
    rows.push_back({key.name, key.text(config), key.meaning, values_of(key)});
    keys.push_back(
        {{"key", key.name}, {"value", rows.back()[1]}, {"meaning", key.meaning}, {"may_be", rows.back()[3]}});
  }
  if (json) return print_json({{"keys", keys}});
  print(text_table(rows, "llll"));
}

/// The main sizes of a model: "4 + 4 layers, dim 128, 4 heads, ffn 256, 8,192 tokens".
std::string sizes_of(const train::Config& config) {
  const bool has_source = tasks::find_task(config.labels.task).has_source();
  std::string text = has_source
                         ? concatenate(config.source.encoder_layers, " + ", config.target.decoder_layers)
                         : std::to_string(config.model.layers);
  text += concatenate(" layers, dim ", config.model.dim, ", ", config.model.attention_settings.heads,
                      " heads, ffn ", config.model.block.ffn, ", ");
  for (const train::Key& key : train::keys())
    if (!key.effect.noun.empty() && tasks::why_without_effect(config, key.name).empty())
      text += concatenate(key.text(config), ' ', key.effect.noun, ", ");
  return text + report::with_thousands(config.model.vocab) + " tokens";
}

void summarise(const Options& options) {
  std::vector<std::filesystem::path> inputs = {options.request.config_file};
  if (!options.run.empty()) inputs = train::RunDirectory(options.run).files();
  files::require_not_an_input("-", inputs);
  use_matmul_backend(options.matmul);
  const train::Config config = config_of(options);
  if (options.keys) return print_keys(config, options.json);
  const auto outline = outline_of(options, config);
  if (options.json) return print_json(to_json(config, *outline));
  print(concatenate(config.labels.task, ", ", config.labels.architecture, ", preset ", config.labels.preset,
                    ", in ", config.labels.dtype, ": ", sizes_of(config), "\nmatrix products by ",
                    matmul_backend(), "\n\n"));
  print(parameter_table(*outline) + '\n' + cost_table(*outline));
}

}  // namespace summary_command

void add_summary_command(const Command& program) {
  using namespace summary_command;
  const Command command =
      program.command("summary", "Show a model's layers, shapes, parameters, operations and state",
                      "build/release/memsizer summary --architecture memsizer --preset small --set slots=64");
  const auto options = std::make_shared<Options>();
  command.option("run", "RUN", options->run,
                 "show the model of this run; without a run, describe a model by:");
  command.option("--task", "TASK", options->request.task,
                 join(tasks::all_tasks(), ", ", &tasks::Task::name) + "; the first is the default");
  command.option("--architecture", "NAME", options->request.architecture, join(tasks::architecture_names()));
  command.option("--preset", "NAME", options->request.preset,
                 join(tasks::preset_names()) + "; the default is small");
  command.option("--config", "FILE", options->request.config_file, "JSON object of configuration keys");
  command.repeated("--set", "KEY=VALUE", options->request.settings,
                   "set one configuration key; may be repeated");
  command.flag("--keys", options->keys, "list the configuration keys with their values instead");
  command.option("--matmul", "NAME", options->matmul,
                 "the backend for matrix products on the cpu: eigen or openblas");
  command.flag("--json", options->json, "print one JSON object");
  command.action([options] { summarise(*options); });
}

}  // namespace memsizer::program
