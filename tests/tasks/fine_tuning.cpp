// Runs that begin with the weights of other runs: of another task, with another kind of attention, with more
// positions or tokens.
#include "memsizer/tasks/fine_tuning.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(fine_tuning)

using namespace memsizer;
using namespace memsizer::tasks;

namespace {

/// A place with a run of language modelling, and questions in words of the same text.
struct Place {
  explicit Place(const std::string& architecture, std::vector<std::string> settings = {}) {
    test::write_text(folder);
    Request request = test::small_request(folder, "base", architecture, 2);
    request.settings.insert(request.settings.end(), settings.begin(), settings.end());
    train_model(request, {});
    std::string lines;
    for (int i = 0; i < 60; ++i)
      lines += nlohmann::ordered_json{{"id", concatenate("t0.", i)},
                                      {"question", "where does the river run ?"},
                                      {"response", "to the lake"}}
                   .dump() +
               '\n';
    folder.write("questions.jsonl", lines);
  }

  Request request(const std::string& output, std::vector<std::string> settings = {}) const {
    settings.push_back("batch_tokens=64");
    return {.task = "question-answering",
            .preset = "micro",
            .data = folder / "questions.jsonl",
            .output = folder / output,
            .from = folder / "base",
            .settings = std::move(settings),
            .budget = {.steps = 1}};
  }

  /// Trains, and returns what was told.
  std::vector<std::string> train(const Request& request) const {
    std::vector<std::string> told;
    train_model(request, {.tell = [&](const std::string& line) { told.push_back(line); }});
    return told;
  }

  files::SafetensorsReader weights(const std::string& run, const std::string& checkpoint) const {
    return files::SafetensorsReader(folder / run / "checkpoints" / checkpoint / "model.safetensors");
  }
  std::string best() const { return train::RunDirectory(folder / "base").best_checkpoint(); }

  TemporaryFolder folder;
};

bool is_told(const std::vector<std::string>& told, const std::string& part) {
  return std::ranges::any_of(told, [&](const std::string& line) { return line.find(part) != line.npos; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(another_task_begins_with_all_weights_and_the_tokenizer) {
  const Place place("memsizer");
  const std::vector<std::string> told = place.train(place.request("answers"));
  const auto base = place.weights("base", place.best()), begun = place.weights("answers", "step-0");
  BOOST_TEST(is_told(told, concatenate("begins with ", base.tensors().size(), " tensors of ")));
  BOOST_TEST_REQUIRE(begun.tensors().size() == base.tensors().size());
  for (const auto& [name, info] : base.tensors())
    BOOST_TEST((begun.read<float>(name) == base.read<float>(name)), name);
  BOOST_TEST(contents(place.folder / "answers/tokenizer.json") ==
             contents(place.folder / "base/tokenizer.json"));
  const train::Config config = train::RunDirectory(place.folder / "answers").config();
  BOOST_TEST(config.labels.task == "question-answering");
  BOOST_TEST(config.labels.architecture == "memsizer");
  BOOST_TEST(config.model.dim == 8);
}

BOOST_AUTO_TEST_CASE(attention_of_another_kind_begins_afresh_and_the_rest_is_taken) {
  const Place place("transformer");
  Request request = place.request("answers");
  request.architecture = "memsizer";
  const std::vector<std::string> told = place.train(request);
  const auto base = place.weights("base", place.best()), begun = place.weights("answers", "step-0");
  Index fresh = 0, taken = 0, unused = 0;
  for (const auto& [name, info] : begun.tensors())
    if (name.find(".self_attn.") != name.npos) {
      ++fresh;
      BOOST_TEST((!base.contains(name) || base.info(name).shape != info.shape || name.ends_with("bias") ||
                  base.read<float>(name) != begun.read<float>(name)),
                 name);
    } else {
      ++taken;
      BOOST_TEST((base.read<float>(name) == begun.read<float>(name)), name);
    }
  for (const auto& [name, info] : base.tensors()) unused += name.find(".self_attn.") != name.npos;
  BOOST_TEST(is_told(told, concatenate("begins with ", taken, " tensors of ")));
  BOOST_TEST(
      is_told(told, concatenate("; ", fresh, " tensors begin afresh; ", unused, " of the run are not used")));
  BOOST_TEST(train::RunDirectory(place.folder / "answers").config().model.attention[0] == "memsizer");
}

BOOST_AUTO_TEST_CASE(one_layer_may_change_its_kind) {
  const Place place("transformer", {"layers=2"});
  place.train(place.request("answers", {"attention=transformer,memsizer"}));
  const auto base = place.weights("base", place.best()), begun = place.weights("answers", "step-0");
  const std::string kept = "blocks.0.self_attn.q_proj.weight";
  BOOST_TEST((base.read<float>(kept) == begun.read<float>(kept)));
  BOOST_TEST((base.info("blocks.1.self_attn.q_proj.weight").shape !=
                  begun.info("blocks.1.self_attn.q_proj.weight").shape ||
              base.read<float>("blocks.1.self_attn.q_proj.weight") !=
                  begun.read<float>("blocks.1.self_attn.q_proj.weight")));
}

BOOST_AUTO_TEST_CASE(learned_positions_grow_and_shrink) {
  const Place place("gpt2");
  const std::string name = "position_embedding.weight";
  const std::vector<float> base = place.weights("base", place.best()).read<float>(name);
  for (const Index sequence : {24, 16, 9}) {
    const std::string run = concatenate("answers-", sequence);
    const std::vector<std::string> told =
        place.train(place.request(run, {concatenate("sequence=", sequence)}));
    const std::vector<float> begun = place.weights(run, "step-0").read<float>(name);
    BOOST_TEST_REQUIRE(begun.size() == static_cast<std::size_t>(sequence * 8));
    const auto same = static_cast<std::ptrdiff_t>(std::min(begun.size(), base.size()));
    BOOST_TEST(std::equal(begun.begin(), begun.begin() + same, base.begin()));
    BOOST_TEST(is_told(told, "1 has new rows") == (sequence > 16));
  }
}

BOOST_AUTO_TEST_CASE(new_special_tokens_get_rows_at_the_end) {
  const Place place("memsizer");
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(contents(place.folder / "base/tokenizer.json"));
  const Index vocab = train::RunDirectory(place.folder / "base").config().model.vocab;
  nlohmann::ordered_json token = json["added_tokens"][0];
  token["id"] = vocab, token["content"] = "<|user|>";
  json["added_tokens"].push_back(token);
  place.folder.write("longer.json", json.dump());
  Request request = place.request("answers");
  request.tokenizer = place.folder / "longer.json";
  const std::vector<std::string> told = place.train(request);
  BOOST_TEST(is_told(told, "1 has new rows"));
  const std::vector<float> base = place.weights("base", place.best()).read<float>("embedding.weight"),
                           begun = place.weights("answers", "step-0").read<float>("embedding.weight");
  BOOST_TEST_REQUIRE(begun.size() == base.size() + 8);
  BOOST_TEST(std::equal(base.begin(), base.end(), begun.begin()));
  BOOST_TEST(std::any_of(begun.end() - 8, begun.end(), [](float value) { return value != 0; }));
}

BOOST_AUTO_TEST_CASE(another_tokenizer_is_refused_by_its_hash) {
  const Place place("memsizer");
  std::string text = contents(place.folder / "base/tokenizer.json");
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(text);
  json["model"]["merges"].erase(json["model"]["merges"].size() - 1);
  place.folder.write("other.json", json.dump());
  Request request = place.request("answers");
  request.tokenizer = place.folder / "other.json";
  CHECK_THROWS_SAYING(place.train(request), InputError, "(hash ");
  BOOST_TEST(!std::filesystem::exists(place.folder / "answers"));
}

BOOST_AUTO_TEST_CASE(what_is_told_counts_one_thing_as_one_and_leaves_out_none) {
  tasks::Inheritance plan{.taken = {{"a", Shape{1}}}};
  BOOST_TEST(tasks::text_of(plan, "run") == "begins with 1 tensor of run");
  plan.grown = 1, plan.fresh = {"b"}, plan.unused = {"c"};
  BOOST_TEST(tasks::text_of(plan, "run") ==
             "begins with 1 tensor of run, of which 1 has new rows; 1 tensor begins afresh; 1 of the run is "
             "not used");
  BOOST_TEST(tasks::optimiser_text(1, 0) == "the optimiser goes on after its 1 update");
  BOOST_TEST(
      tasks::optimiser_text(2, 1) ==
      "the optimiser goes on after its 2 updates; it knows nothing of the 1 tensor that begins afresh");
  BOOST_TEST(
      tasks::optimiser_text(2, 3) ==
      "the optimiser goes on after its 2 updates; it knows nothing of the 3 tensors that begin afresh");
}

BOOST_AUTO_TEST_CASE(the_optimiser_starts_afresh_or_goes_on) {
  const Place place("memsizer");
  const auto moments = [&](const std::string& run, const std::string& checkpoint) {
    return files::SafetensorsReader(place.folder / run / "checkpoints" / checkpoint / "training.safetensors");
  };
  const auto base = moments("base", place.best());
  const std::string name = base.tensors().begin()->first;
  place.train(place.request("afresh"));
  const std::vector<float> zeros = moments("afresh", "step-0").read<float>(name);
  BOOST_TEST(std::ranges::count(zeros, 0.0F) == std::ssize(zeros));
  Request request = place.request("kept");
  request.keep_optimizer = true;
  place.train(request);
  BOOST_TEST((moments("kept", "step-0").read<float>(name) == base.read<float>(name)));
  const files::Json state = files::read_json(place.folder / "kept/checkpoints/step-1/state.json");
  BOOST_TEST(state["optimizer_steps"].get<Index>() == 1 + train::step_of(place.best()));
  request.budget.steps = 3;
  Request forgotten = test::resumed(request, 3);
  forgotten.keep_optimizer = false;
  CHECK_THROWS_SAYING(train_model(forgotten, {}), InputError, "begun with --keep-optimizer");
  train_model(test::resumed(request, 3), {});  // goes on with the count
  request.output = place.folder / "whole";
  train_model(request, {});
  test::check_same_run(place.folder / "whole", place.folder / "kept", "step-3");
}

BOOST_AUTO_TEST_CASE(what_fits_but_means_something_else_is_told) {
  const Place place("transformer");
  const std::vector<std::string> told = place.train(place.request("answers", {"heads=4"}));
  BOOST_TEST(is_told(told, "the model has heads = 4 and began with one of 2"));
  BOOST_TEST(!is_told(told, "dim = "));
}

BOOST_AUTO_TEST_CASE(an_architecture_keeps_to_its_own_values) {
  const Place place("transformer");
  Request request = place.request("answers");
  request.architecture = "gpt2";
  CHECK_THROWS_SAYING(place.train(request), InputError,
                      "architecture gpt2 has positions = learned, and the run of --from has sinusoidal");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_before_anything_is_written) {
  const Place place("memsizer");
  Request request = place.request("answers", {"dim=16"});
  BOOST_CHECK_THROW(place.train(request), InputError);
  request = place.request("answers");
  request.task = "translation";
  request.data = test::source_folder() / "samples/data/translation-tiny";
  CHECK_THROWS_SAYING(place.train(request), InputError, "whose model has no encoder");
  request = place.request("answers");
  request.from.clear();
  request.keep_optimizer = true;
  CHECK_THROWS_SAYING(place.train(request), InputError, "--keep-optimizer: --from expected");
  BOOST_TEST(!std::filesystem::exists(place.folder / "answers"));
}

BOOST_AUTO_TEST_SUITE_END()
