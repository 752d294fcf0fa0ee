// Every task trains on the emulated device, whose kernels are those of a GPU, as it does on the CPU.
#include <boost/test/data/test_case.hpp>

#include "memsizer/tasks/start.hpp"
#include "memsizer/tasks/tasks.hpp"

#include "kernels/emulated/device.hpp"
#include "source_folder.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(emulated_device)

using namespace memsizer;
using namespace memsizer::tasks;
namespace test_data = boost::unit_test::data;

namespace {

/// A sample's files of its training split, so that no time goes into validation.
std::filesystem::path training_data(const TemporaryFolder& folder, const std::string& sample) {
  std::filesystem::create_directories(folder / "data");
  for (const auto& file :
       std::filesystem::directory_iterator(test::source_folder() / "samples/data" / sample)) {
    const std::string name = file.path().filename();
    if (name.find("train") != name.npos || sample == "questions-tiny")
      std::filesystem::copy_file(file.path(), folder / "data" / name);
  }
  return folder / "data";
}

struct Sample {
  const char *task, *folder;

  friend std::ostream& operator<<(std::ostream& out, const Sample& sample) { return out << sample.task; }
};

constexpr Sample samples[] = {{"language-modeling", "wikitext-tiny"},
                              {"translation", "translation-tiny"},
                              {"summarization", "articles-tiny"},
                              {"question-answering", "questions-tiny"}};

Request request_of(const TemporaryFolder& folder, const Sample& sample, const std::string& architecture,
                   const std::string& output, Device& device) {
  Request request;
  request.task = sample.task;
  request.architecture = architecture;
  request.preset = "micro";
  request.data = folder / "data";
  request.output = folder / output;
  request.settings = {"vocab=270", "warmup=2",         "dropout=0.1",        "log_every=1",
                      "batch=2",   "batch_tokens=128", "schedule_steps=9",   "validate_every=0",
                      "dim=16",    "ffn=16",           "validate_examples=1"};
  if (request.task == "language-modeling") request.settings[5] = "sequence=16";
  if (request.task == "summarization")
    request.settings.insert(request.settings.end(), {"max_source=40", "max_target=20"});
  request.budget.steps = 5;
  request.device = &device;
  return request;
}

std::vector<double> losses_of(const std::filesystem::path& run) {
  return train::read_curves(run / "metrics.jsonl").losses;
}

void check_near(const std::filesystem::path& run, const std::filesystem::path& expected, double tolerance) {
  const std::vector<double> losses = losses_of(run), right = losses_of(expected);
  BOOST_TEST_REQUIRE(losses.size() == 5);
  BOOST_TEST_REQUIRE(right.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    BOOST_TEST(std::abs(losses[i] - right[i]) <= tolerance * right[i],
               "step " << i + 1 << ": " << losses[i] << " and " << right[i]);
}

}  // namespace

BOOST_DATA_TEST_CASE(five_steps_equal_the_cpus,
                     test_data::make(samples) * test_data::make({"transformer", "memsizer"}), sample,
                     architecture) {
  const TemporaryFolder folder;
  training_data(folder, sample.folder);
  train_model(request_of(folder, sample, architecture, "cpu", cpu::device()), {});
  Request request = request_of(folder, sample, architecture, "emulated", emulated::device());
  request.tokenizer = folder / "cpu/tokenizer.json";
  train_model(request, {});
  check_near(folder / "emulated", folder / "cpu", 1e-5);
}

BOOST_AUTO_TEST_CASE(a_run_goes_on_on_another_device_and_back) {
  const TemporaryFolder folder;
  training_data(folder, samples[0].folder);
  train_model(request_of(folder, samples[0], "memsizer", "cpu", cpu::device()), {});
  Request request = request_of(folder, samples[0], "memsizer", "mixed", cpu::device());
  request.budget.steps = 2;
  train_model(request, {});
  request = test::resumed(request, 4);
  request.device = &emulated::device();
  train_model(request, {});
  request = test::resumed(request, 5);
  request.device = &cpu::device();
  train_model(request, {});
  check_near(folder / "mixed", folder / "cpu", 1e-5);
}

BOOST_DATA_TEST_CASE(a_run_that_was_stopped_equals_one_that_was_not, test_data::make({"float", "bfloat16"}),
                     dtype) {
  const TemporaryFolder folder;
  training_data(folder, samples[0].folder);
  Request whole = request_of(folder, samples[0], "memsizer", "whole", emulated::device());
  whole.settings.push_back(concatenate("dtype=", dtype));
  whole.budget.steps = 3;
  train_model(whole, {});
  Request stopped = whole;
  stopped.output = folder / "stopped";
  stopped.budget.steps = 1;
  train_model(stopped, {});
  train_model(test::resumed(stopped, 3), {});
  test::check_same_run(folder / "whole", folder / "stopped", "step-3");
}

// bfloat16 changes a loss by less than a third of what another seed changes.
BOOST_DATA_TEST_CASE(bfloat16_differs_by_less_than_seeds_do,
                     test_data::make(samples) * test_data::make({"transformer", "memsizer"}), sample,
                     architecture) {
  const TemporaryFolder folder;
  training_data(folder, sample.folder);
  const auto train = [&](const std::string& output, int seed, const char* dtype, Device& device) {
    Request request = request_of(folder, sample, architecture, output, device);
    request.settings.push_back(concatenate("seed=", seed));
    request.settings.push_back(concatenate("dtype=", dtype));
    if (output != "float-1") request.tokenizer = folder / "float-1/tokenizer.json";
    train_model(request, {});
    return losses_of(folder / output).back();
  };
  std::vector<double> losses;
  for (const int seed : {1, 2, 3})
    losses.push_back(train(concatenate("float-", seed), seed, "float", cpu::device()));
  const double narrow = train("narrow", 1, "bfloat16", emulated::device());
  const auto [least, most] = std::ranges::minmax(losses);
  BOOST_TEST(std::abs(narrow - losses[0]) <= (most - least) / 3);
  check_near(folder / "narrow", folder / "float-1", 2e-3);
}

BOOST_DATA_TEST_CASE(bfloat16_follows_float, test_data::make({"transformer", "memsizer"}), architecture) {
  const TemporaryFolder folder;
  training_data(folder, samples[0].folder);
  train_model(request_of(folder, samples[0], architecture, "float", cpu::device()), {});
  Request request = request_of(folder, samples[0], architecture, "narrow", emulated::device());
  request.settings.push_back("dtype=bfloat16");
  train_model(request, {});
  check_near(folder / "narrow", folder / "float", 2e-3);

  // On the cpu the run computes in float, from the masters that its checkpoint holds.
  const RunDirectory run = RunDirectory::open(folder / "narrow");
  const auto here = load_model(run, cpu::device()), there = load_model(run, emulated::device());
  const EvaluationRequest scoring{.data = test::source_folder() / "samples/data/wikitext-tiny", .limit = 2};
  const double exact = test::evaluate(*here, run, scoring)["loss"].get<double>(),
               narrow = test::evaluate(*there, run, scoring)["loss"].get<double>();
  BOOST_TEST(std::abs(narrow - exact) <= 2e-3 * exact);
  BOOST_TEST(narrow != exact);
  // Long texts would take minutes there.
  BOOST_TEST(there->generation_costs([] { return true; }).size() == 1u);
}

BOOST_AUTO_TEST_CASE(bfloat16_is_not_trained_on_the_cpu) {
  const TemporaryFolder folder;
  training_data(folder, samples[0].folder);
  Request request = request_of(folder, samples[0], "memsizer", "run", cpu::device());
  request.settings.push_back("dtype=bfloat16");
  CHECK_THROWS_SAYING(train_model(request, {}), InputError, "dtype=bfloat16: --device emulated");
  BOOST_TEST(!std::filesystem::exists(folder / "run"));
}

BOOST_AUTO_TEST_SUITE_END()
