// Runs that an older version wrote, before state.json had hashes and config.json had today's keys. Everything
// that works on a run works on them.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/decode.hpp"
#include "memsizer/report/training.hpp"

#include "house/repository.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(old_runs)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
namespace fs = std::filesystem;
namespace test_data = boost::unit_test::data;

namespace {

const fs::path source = house::root(), old_runs = source / "tests/tasks/old_run",
               data = source / "samples/data/wikitext-tiny";

/// A copy of an old run, so that a test can continue it.
RunDirectory copied(const TemporaryFolder& folder, const std::string& architecture) {
  fs::copy(old_runs / architecture, folder / "run", fs::copy_options::recursive);
  return RunDirectory::open(folder / "run");
}

Request resumed(const TemporaryFolder& folder, Index steps) {
  Request request;
  request.data = data, request.output = folder / "run";
  request.resume = Resume::yes;
  request.budget.steps = steps;
  return request;
}

double expected(const std::string& architecture, const std::string& figure) {
  const auto json = nlohmann::json::parse(contents(old_runs / "expected.json"));
  return json[architecture][nlohmann::json::json_pointer(figure)].get<double>();
}

/// The lines of metrics.jsonl for one step.
std::vector<nlohmann::json> lines_of_step(const fs::path& run, Index step) {
  std::vector<nlohmann::json> lines;
  std::ifstream stream(run / "metrics.jsonl");
  for (std::string line; std::getline(stream, line);)
    if (auto json = nlohmann::json::parse(line); json["step"] == step) lines.push_back(json);
  return lines;
}

const std::vector<std::string> kinds = {"transformer", "memsizer"};

}  // namespace

BOOST_DATA_TEST_CASE(they_are_evaluated_as_then, test_data::make(kinds), architecture) {
  const TemporaryFolder folder;
  const RunDirectory run = copied(folder, architecture);
  const auto figures = test::evaluate(*test::load(run), run, {.data = data});
  BOOST_TEST(figures["loss"].get<double>() == expected(architecture, "/test_loss"),
             boost::test_tools::tolerance(1e-5));
}

BOOST_DATA_TEST_CASE(they_generate_are_summarised_and_drawn, test_data::make(kinds), architecture) {
  const TemporaryFolder folder;
  const RunDirectory run = copied(folder, architecture);
  const auto model = test::load(run);
  const auto result =
      decode::generate<float>(*model->make_stepper(), {model->prompt("The river", {.more = 5}, 0)}, {});
  BOOST_TEST(result[0].tokens.size() <= 5u);
  const auto outline = find_task(run.config().labels.task).outline(run.config());
  BOOST_TEST(nn::parameter_count(outline->model()) == model->parameter_count());
  BOOST_TEST(report::loss_chart({{"old", report::read_curves(run)}}).series.size() > 0u);
}

BOOST_DATA_TEST_CASE(they_go_on_as_then_and_get_hashes, test_data::make(kinds), architecture) {
  const TemporaryFolder folder;
  copied(folder, architecture);
  int said = 0;
  Observer observer;
  observer.tell = [&](const std::string& text) { said += text.find("without hashes") != text.npos; };
  train_model(resumed(folder, 30), observer);
  BOOST_TEST(said == 1);
  for (const nlohmann::json& line : lines_of_step(folder / "run", 30)) {
    const bool validation = line.contains("validation_loss");
    const std::string figure = validation ? "validation_loss" : "loss";
    BOOST_TEST(line[figure].get<double>() == expected(architecture, "/step_30/" + figure),
               boost::test_tools::tolerance(2e-4));
  }
  const auto state = nlohmann::json::parse(contents(folder / "run/checkpoints/step-30/state.json"));
  BOOST_TEST(state["hashes"].size() == 4u);
  train_model(resumed(folder, 31), observer);
  BOOST_TEST(said == 1);
}

BOOST_DATA_TEST_CASE(they_lend_their_models, test_data::make(kinds), architecture) {
  const TemporaryFolder folder;
  copied(folder, architecture);
  Request request;
  request.data = data, request.output = folder / "second", request.from = folder / "run";
  request.settings = {"batch=2"};
  request.budget.steps = 1;
  train_model(request, {});
  BOOST_TEST(RunDirectory::open(folder / "second").config().labels.architecture == architecture);
}

BOOST_AUTO_TEST_SUITE_END()
