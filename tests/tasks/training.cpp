// Whole runs: the files that they leave, how they resume (bit for bit) and what they refuse.
#include <csignal>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(training)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
using test::check_same_run;
using test::lines_of;
using test::resumed;
using test::small_request;
using test::write_text;
namespace test_data = boost::unit_test::data;

BOOST_DATA_TEST_CASE(a_resumed_run_equals_one_that_was_not_stopped, test_data::make(test::architectures()),
                     architecture) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "whole", architecture, 12), {});
  train_model(small_request(folder, "parts", architecture, 5), {});
  train_model(resumed(small_request(folder, "parts", architecture, 5), 9), {});
  train_model(resumed(small_request(folder, "parts", architecture, 5), 12), {});
  check_same_run(folder / "whole", folder / "parts", "step-12");
}

BOOST_AUTO_TEST_CASE(two_runs_with_one_seed_are_equal_and_with_another_are_not) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "a", "memsizer", 4), {});
  train_model(small_request(folder, "b", "memsizer", 4), {});
  Request other = small_request(folder, "c", "memsizer", 4);
  other.seed = 2;
  train_model(other, {});
  check_same_run(folder / "a", folder / "b", "step-4");
  BOOST_TEST((lines_of(folder / "a") != lines_of(folder / "c")));
}

BOOST_AUTO_TEST_CASE(a_run_leaves_what_the_interface_names) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "run", "memsizer", 9), {});
  const RunDirectory run = RunDirectory::open(folder / "run");
  BOOST_TEST(run.named("latest") == "step-9");
  BOOST_TEST(!run.named("best").empty());
  BOOST_TEST(run.config().schedule.steps == 12);
  BOOST_TEST(run.config().model.vocab == run.tokenizer(run.config()).vocab_size());
  BOOST_TEST(!std::filesystem::exists(folder / "run/.lock"));
  for (const char* file : {"state.json", "model.safetensors", "training.safetensors"})
    BOOST_TEST(std::filesystem::exists(folder / "run/checkpoints/step-9" / std::string(file)));
  const auto line = nlohmann::json::parse(
      contents(folder / "run/metrics.jsonl").substr(0, contents(folder / "run/metrics.jsonl").find('\n')));
  for (const char* key :
       {"step", "tokens", "seconds", "loss", "learning_rate", "gradient_norm", "tokens_per_second"})
    BOOST_TEST(line.contains(key), key);
  BOOST_TEST(line["tokens"] == 2 * 3 * 16);
}

BOOST_AUTO_TEST_CASE(old_checkpoints_go_and_the_best_stays) {
  const TemporaryFolder folder;
  write_text(folder);
  Request request = small_request(folder, "run", "memsizer", 12);
  for (const char* setting : {"save_every=1", "keep=2", "learning_rate=3"})
    request.settings.push_back(setting);  // the loss gets worse
  train_model(request, {});
  std::set<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "run/checkpoints"))
    left.insert(entry.path().filename());
  std::set<std::string> expected = {"step-11", "step-12"};
  expected.insert(RunDirectory(folder / "run").named("best"));
  BOOST_TEST(left == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_interrupt_saves_and_the_run_goes_on) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "whole", "memsizer", 12), {});
  Observer observer;
  observer.stepped = [](Index step, double, const StepReport*) {
    if (step == 3) std::raise(SIGINT);
  };
  const bool interrupted =
      train_model(small_request(folder, "run", "memsizer", 12), observer) == Outcome::interrupted;
  BOOST_TEST(interrupted);
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-3");
  train_model(resumed(small_request(folder, "run", "memsizer", 12), 12), {});
  check_same_run(folder / "whole", folder / "run", "step-12");
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_stops_the_run_and_names_a_tensor) {
  const TemporaryFolder folder;
  write_text(folder);
  Request request = small_request(folder, "run", "memsizer", 12);
  for (const char* setting :
       {"learning_rate=1000", "optimizer=nesterov", "clip=0", "warmup=0", "save_every=1"})
    request.settings.push_back(setting);
  std::string text;
  try {
    train_model(request, {});
  } catch (const Error& error) {
    text = error.what();
  }
  BOOST_TEST(text.find("not finite") != text.npos, text);
  // The checkpoints saved before are finite and can be evaluated.
  const RunDirectory run = RunDirectory::open(folder / "run");
  const auto model = test::load(run);
  BOOST_TEST(model->store().first_not_finite(model->store().weights()) == "");
  const Index last = std::stoi(run.named("latest").substr(5));
  BOOST_TEST(text.starts_with(concatenate("step ", last + 1, ": ")), text);
  const bool names_a_tensor = std::ranges::any_of(
      model->store().entries(), [&](const auto& entry) { return text.find(entry.name) != text.npos; });
  BOOST_TEST(names_a_tensor, text);
}

BOOST_AUTO_TEST_CASE(another_run_lends_its_model) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "first", "memsizer", 12), {});
  Request request;
  request.data = folder / "data";
  request.output = folder / "second";
  request.from = folder / "first";
  request.settings = {"learning_rate=1e-9", "batch=3", "warmup=0"};
  request.budget.steps = 1;
  train_model(request, {});
  const auto loss = [&](const char* name) {
    const RunDirectory run = RunDirectory::open(folder / name);
    return test::evaluate(*test::load(run), run, {.data = folder / "data"})["loss"].get<double>();
  };
  BOOST_TEST(loss("first") == loss("second"), boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(folders_are_refused_with_the_reason) {
  const TemporaryFolder folder;
  write_text(folder);
  folder.write("full/file", "text");
  CHECK_THROWS_SAYING(train_model(small_request(folder, "full", "memsizer", 1), {}), InputError, "not empty");
  CHECK_THROWS_SAYING(train_model(resumed(small_request(folder, "none", "memsizer", 1), 2), {}), InputError,
                      "no run");
  Request request = small_request(folder, "run", "memsizer", 2);
  train_model(request, {});
  CHECK_THROWS_SAYING(train_model(request, {}), InputError, "--resume");
  Request changed = resumed(request, 4);
  changed.settings = {"dim=16"};
  CHECK_THROWS_SAYING(train_model(changed, {}), InputError, "dim = 8");
  {
    const files::FolderLock lock(folder / "run");
    CHECK_THROWS_SAYING(train_model(resumed(request, 4), {}), InputError, "in use by process");
  }
}

BOOST_AUTO_TEST_CASE(until_a_validation_tells_the_latest_is_the_best) {
  const TemporaryFolder folder;
  write_text(folder);
  Observer observer;
  observer.stepped = [](Index step, double, const StepReport*) {
    if (step == 2) std::raise(SIGINT);
  };
  train_model(small_request(folder, "run", "memsizer", 12), observer);
  const RunDirectory run(folder / "run");
  BOOST_TEST(run.named("latest") == "step-2");
  BOOST_TEST(run.named("best") == "step-2");
}

BOOST_AUTO_TEST_CASE(a_validation_may_score_the_first_windows_alone) {
  const TemporaryFolder folder;
  test::write_text(folder);
  Request request = test::small_request(folder, "run", "memsizer", 4);
  request.settings.push_back("validate_examples=2");
  train_model(request, {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const auto report =
      test::evaluate(*test::load(run), run, {.data = folder / "data", .split = "validation", .limit = 2});
  const double loss = train::read_curves(run.metrics_file()).validation_losses.back();
  BOOST_TEST(report["loss"].get<double>() == loss, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(report["examples"] == 2);
}

BOOST_AUTO_TEST_CASE(nothing_is_created_for_a_request_that_makes_no_sense) {
  const TemporaryFolder folder;
  write_text(folder);
  const auto refused = [&](const auto& change, const char* part) {
    Request request = small_request(folder, "run", "memsizer", 1);
    change(request);
    CHECK_THROWS_SAYING(train_model(request, {}), InputError, part);
    BOOST_TEST(!std::filesystem::exists(folder / "run"));
  };
  refused([](Request& r) { r.budget = {}; }, "how long");
  refused([](Request& r) { r.budget.minutes = 1; }, "how long");
  refused([](Request& r) { r.settings.push_back("layer=1"); }, "layers");
  refused([](Request& r) { r.architecture = "lstm"; }, "lstm");
  refused([](Request& r) { r.architecture = "memsizer-hybrid"; },
          "architecture memsizer-hybrid has an encoder, and language modelling has no source text for one");
  refused([](Request& r) { r.settings.push_back("dim=129"); }, "129");  // two heads do not fit
  refused([](Request& r) { r.data /= "absent"; }, "absent");
  refused([](Request& r) { r.data /= "wiki.test.tokens"; }, "train");
}

BOOST_AUTO_TEST_CASE(a_damaged_run_says_what_is_wrong) {
  const TemporaryFolder folder;
  write_text(folder);
  const Request request = small_request(folder, "run", "memsizer", 2);
  train_model(request, {});
  const std::filesystem::path step = folder / "run/checkpoints/step-2";
  std::filesystem::remove_all(folder / "run/checkpoints/step-0");  // there is nothing to fall back on
  const auto damaged = [&](const std::filesystem::path& file, const std::string& bytes, const char* part) {
    const std::string before = contents(file);
    std::ofstream(file, std::ios::binary) << bytes;
    BOOST_TEST_CONTEXT(file << ": " << bytes.substr(0, 40)) {
      CHECK_THROWS_SAYING(train_model(resumed(request, 4), {}), InputError, part);
    }
    std::ofstream(file, std::ios::binary) << before;
  };
  const std::string model = contents(step / "model.safetensors");
  damaged(step / "model.safetensors", model.substr(0, model.size() - 5), "model.safetensors");
  damaged(step / "model.safetensors", "", "model.safetensors");
  damaged(step / "training.safetensors", model, "training.safetensors");
  damaged(step / "state.json", "{", "state.json");
  damaged(step / "state.json", R"({"step": -1})", "state.json");
  damaged(folder / "run/config.json", R"({"dim": "wide"})", "config.json");
  damaged(folder / "run/tokenizer.json", "{}", "tokenizer.json");
  train_model(resumed(request, 4), {});  // the run is whole again
}

BOOST_AUTO_TEST_CASE(without_a_validation_split_the_latest_is_the_best) {
  const TemporaryFolder folder;
  write_text(folder);
  std::filesystem::remove(folder / "data/wiki.valid.tokens");
  std::string told;
  Observer observer;
  observer.tell = [&](const std::string& text) { told += text + '\n'; };
  train_model(small_request(folder, "run", "memsizer", 5), observer);
  BOOST_TEST(told.find("no validation split: best is latest\n") != told.npos, told);
  const RunDirectory run = RunDirectory::open(folder / "run");
  BOOST_TEST(run.named("latest") == "step-5");
  BOOST_TEST(run.named("best") == "step-5");
}

BOOST_AUTO_TEST_SUITE_END()
