#pragma once
// Models side by side: the same data, tokenizer, budget and seed, one report.

#include "memsizer/train/evaluate.hpp"
#include "memsizer/train/generation_cost.hpp"
#include "memsizer/train/number_text.hpp"
#include "memsizer/train/run_curves.hpp"
#include "memsizer/train/start.hpp"

namespace memsizer::train {

struct ComparisonRequest {
  Request training = {};  // output is the comparison's folder
  std::vector<std::string> architectures = {"transformer", "memsizer"};
  std::string sweep_key = {};  // --sweep key=a,b,c; empty: none
  std::vector<std::string> sweep_values = {};
};

/// One trained model and what was measured of it.
struct ComparedModel {
  std::string name, architecture, sweep_value;
  Index parameters = 0, steps = 0;
  double training_rate = 0;  // tokens a second, the median over logged intervals
  std::string split = {};    // that was scored
  nlohmann::ordered_json quality = {};
  std::vector<GenerationCost> costs = {};
  RunCurves curves = {};
};

inline const std::vector<Index>& cost_lengths() {
  static const std::vector<Index> lengths = {16, 64, 256, 1024, 4096, 16384};
  return lengths;
}

/// Whether a model changes with a key: a Transformer has no slots and is trained once, as the measure of a
/// sweep.
inline bool depends_on(const std::string& architecture, const std::string& key) {
  static const std::set<std::string_view> of_memory = {"slots", "cross_slots", "q_init_scale",
                                                       "kv_init_scale"};
  return architecture != "transformer" || !of_memory.contains(key);
}

/// A model before it is trained, with what trains it: a folder of its own and the shared tokenizer.
struct PlannedModel {
  std::string name, architecture, sweep_value;
  Request training;
};

inline std::vector<PlannedModel> planned_models(const ComparisonRequest& request) {
  std::vector<PlannedModel> plan;
  const std::vector<std::string> once = {""};
  for (const std::string& architecture : request.architectures) {
    const bool swept = !request.sweep_key.empty() && depends_on(architecture, request.sweep_key);
    for (const std::string& value : swept ? request.sweep_values : once) {
      const std::string name =
          swept ? concatenate(architecture, '-', request.sweep_key, '-', value) : architecture;
      Request own = request.training;
      own.architecture = architecture;
      own.output = request.training.output / name;
      own.tokenizer = request.training.output / "tokenizer.json";
      if (swept) own.settings.push_back(request.sweep_key + '=' + value);
      plan.push_back({name, architecture, value, own});
    }
  }
  return plan;
}

/// Does in small what will be done with a model: errors come before anything is written.
inline void rehearse(const PlannedModel& planned) {
  const Config config = effective_config(planned.training);
  rehearse_training(config, *planned.training.device);
  rehearse_generation(config, *planned.training.device);
}

/// Trains one model and measures it; returns nothing where Ctrl-C stopped the training.
template <class Train>
std::optional<ComparedModel> train_and_measure(const PlannedModel& planned, const Train& train,
                                               const Tell& tell) {
  const auto& [name, architecture, sweep_value, own] = planned;
  if (train(name, own) == Outcome::interrupted) return std::nullopt;

  const RunDirectory run = RunDirectory::open(own.output);
  const LoadedLanguageModel loaded(run, *own.device);
  ComparedModel model{.name = name, .architecture = architecture, .sweep_value = sweep_value};
  model.parameters = loaded.store.parameter_count();
  model.curves = read_curves(run);
  model.steps = model.curves.steps.empty() ? 0 : static_cast<Index>(model.curves.steps.back());
  model.training_rate = median(model.curves.rates);
  const data::WikiText data(own.data);
  model.split = data.has(data::Split::test)         ? "test"
                : data.has(data::Split::validation) ? "validation"
                                                    : "train";
  tell(concatenate(name, ": scoring the ", model.split, " split"));
  model.quality = evaluate_language_model(loaded, run, {.data = own.data, .split = model.split}, tell,
                                          [](Index, Index) { return true; });
  tell(concatenate(name, ": measuring generation"));
  std::vector<Index> lengths = cost_lengths();
  if (loaded.config.positions == "learned")
    std::erase_if(lengths, [&](Index length) { return length + 64 > loaded.config.sequence; });
  model.costs = generation_costs(loaded.model, lengths);
  return model;
}

namespace detail {

inline std::string number(const nlohmann::ordered_json& value) {
  return value.is_number() ? short_number(value.get<double>(), 4) : "-";
}

/// The charts of a comparison, drawn beside the report; returns the names of the pictures.
inline std::vector<std::string> draw_comparison(const ComparisonRequest& request,
                                                const std::vector<ComparedModel>& models) {
  const std::filesystem::path& folder = request.training.output;
  std::vector<std::pair<std::string, RunCurves>> curves;
  Chart time{.title = "Time to generate a token",
             .x = {"tokens before", Scale::log2},
             .y = {"milliseconds", Scale::log10},
             .series = {}};
  Chart state{.title = "State of one sequence",
              .x = {"tokens before", Scale::log2},
              .y = {"size", Scale::log2, TickText::bytes},
              .series = {}};
  for (const ComparedModel& model : models) {
    curves.emplace_back(model.name, model.curves);
    Series times{.title = model.name, .x = {}, .y = {}, .style = SeriesStyle::line_with_points};
    Series bytes = times;
    for (const GenerationCost& cost : model.costs) {
      times.x.push_back(static_cast<double>(cost.length));
      times.y.push_back(1000 / cost.tokens_per_second);
      bytes.x.push_back(static_cast<double>(cost.length));
      bytes.y.push_back(static_cast<double>(cost.state_bytes));
    }
    time.series.push_back(times);
    state.series.push_back(bytes);
  }
  std::vector<std::string> pictures;
  const auto add = [&](const Chart& chart, const char* file) {
    pictures.push_back(draw(chart, folder / file).file.filename().string());
  };
  add(loss_chart(curves), "loss.svg");
  if (!time.series.empty() && !models[0].costs.empty()) {
    add(time, "generation_time.svg");
    add(state, "state_bytes.svg");
  }
  return pictures;
}

/// Quality and cost against the swept key, a series an architecture.
inline std::vector<std::string> draw_sweep(const ComparisonRequest& request,
                                           const std::vector<ComparedModel>& models) {
  Chart quality{.title = "Quality against " + request.sweep_key,
                .x = {request.sweep_key, Scale::log2},
                .y = {"nats a token"},
                .series = {}};
  Chart cost{.title = "Cost against " + request.sweep_key,
             .x = {request.sweep_key, Scale::log2},
             .y = {"state at 16 tokens", Scale::log2, TickText::bytes},
             .series = {}};
  for (const std::string& architecture : request.architectures) {
    Series losses{.title = architecture, .x = {}, .y = {}, .style = SeriesStyle::line_with_points},
        bytes = losses;
    for (const ComparedModel& model : models) {
      double value = 0;
      const std::string& text = model.sweep_value;
      const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
      if (model.architecture != architecture || end != text.data() + text.size() || value <= 0 ||
          model.costs.empty())
        continue;
      losses.x.push_back(value);
      losses.y.push_back(model.quality["loss"]);
      bytes.x.push_back(value);
      bytes.y.push_back(static_cast<double>(model.costs[0].state_bytes));
    }
    if (losses.x.empty()) continue;
    quality.series.push_back(losses);
    cost.series.push_back(bytes);
  }
  if (quality.series.empty()) return {};  // a key whose values are no numbers has a table only
  return {draw(quality, request.training.output / "sweep_quality.svg").file.filename().string(),
          draw(cost, request.training.output / "sweep_cost.svg").file.filename().string()};
}

inline std::string quality_table(const std::vector<ComparedModel>& models) {
  std::string text =
      "| model | parameters | steps | loss | perplexity | word perplexity | bits a byte | training tokens/s "
      "|\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|\n";
  for (const ComparedModel& model : models)
    text += concatenate("| ", model.name, " | ", with_thousands(model.parameters), " | ",
                        with_thousands(model.steps), " | ", number(model.quality["loss"]), " | ",
                        number(model.quality["perplexity"]), " | ", number(model.quality["word_perplexity"]),
                        " | ", number(model.quality["bits_per_byte"]), " | ",
                        short_number(model.training_rate), " |\n");
  return text;
}

inline std::string cost_table(const std::vector<ComparedModel>& models) {
  std::string head = "| tokens before |", rule = "|---:|", text;
  for (const ComparedModel& model : models) {
    head += concatenate(' ', model.name, " tokens/s | ", model.name, " state |");
    rule += "---:|---:|";
  }
  for (std::size_t i = 0; i < cost_lengths().size(); ++i) {
    text += concatenate("| ", with_thousands(cost_lengths()[i]), " |");
    for (const ComparedModel& model : models)
      text += i < model.costs.size() ? concatenate(' ', short_number(model.costs[i].tokens_per_second), " | ",
                                                   bytes_text(model.costs[i].state_bytes), " |")
                                     : " - | - |";
    text += '\n';
  }
  return head + '\n' + rule + '\n' + text;
}

}  // namespace detail

/// The comparison as JSON: a member a model.
inline nlohmann::ordered_json to_json(const std::vector<ComparedModel>& models) {
  nlohmann::ordered_json all;
  for (const ComparedModel& model : models) {
    nlohmann::ordered_json& json = all[model.name];
    json["architecture"] = model.architecture;
    json["parameters"] = model.parameters;
    json["steps"] = model.steps;
    json["training_tokens_per_second"] = std::isfinite(model.training_rate)
                                             ? nlohmann::ordered_json(model.training_rate)
                                             : nlohmann::ordered_json(nullptr);
    json["quality"] = model.quality;
    for (const GenerationCost& cost : model.costs)
      json["generation"].push_back({{"length", cost.length},
                                    {"tokens_per_second", cost.tokens_per_second},
                                    {"state_bytes", cost.state_bytes}});
  }
  return all;
}

/// Writes report.md, report.json and the pictures to the comparison's folder; returns the report's text.
inline std::string write_report(const ComparisonRequest& request, const std::vector<ComparedModel>& models) {
  std::vector<std::string> pictures = detail::draw_comparison(request, models);
  if (!request.sweep_key.empty())
    for (std::string& picture : detail::draw_sweep(request, models)) pictures.push_back(std::move(picture));
  std::string text = concatenate(
      "# Comparison\n\nThe same data, tokenizer, budget and seed for every model. Quality on the ",
      models[0].split, " split.\n\n", detail::quality_table(models),
      "\nGeneration: one sequence, one token at a time, greedy; the state is that of one sequence.\n\n",
      detail::cost_table(models));
  for (const std::string& picture : pictures)
    text += picture.ends_with(".svg") ? concatenate("\n![", picture, "](", picture, ")\n")
                                      : concatenate("\nThe data of a picture is in ", picture, ".\n");
  files::write_file_atomically(request.training.output / "report.json", files::dump_json(to_json(models)));
  files::write_file_atomically(request.training.output / "report.md", text);
  return text;
}

/// Trains all models of a request, each in its folder, and writes the report. `train(name, request)` trains
/// one. Nothing where Ctrl-C stopped it.
template <class Train>
std::optional<std::vector<ComparedModel>> compare(const ComparisonRequest& request, const Train& train,
                                                  const Tell& tell) {
  require(!request.architectures.empty(), "compare: at least one architecture expected");
  require(request.sweep_key.empty() == request.sweep_values.empty(), "--sweep: key=a,b,c expected");
  Request shared = request.training;
  shared.architecture = request.architectures[0];
  Config config = effective_config(shared);
  const std::vector<PlannedModel> plan = planned_models(request);
  for (const PlannedModel& planned : plan) rehearse(planned);
  const data::WikiText data(shared.data);
  data.files(data::Split::train);
  {
    RunDirectory folder = RunDirectory::create(shared.output);
    start_tokenizer(shared, config, data, folder, tell);
    folder.keep();
  }
  std::vector<ComparedModel> models;
  for (const PlannedModel& planned : plan) {
    std::optional<ComparedModel> model = train_and_measure(planned, train, tell);
    if (!model) return std::nullopt;
    models.push_back(std::move(*model));
  }
  write_report(request, models);
  return models;
}

}  // namespace memsizer::train
