// Ways to continue a run: the first command line with --resume added, job schedulers that repeat one line,
// and runs that are finished, damaged or of an older version.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "files/saving.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(resuming)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
using test::check_same_run;
using test::resumed;
using test::small_request;
using test::write_text;
namespace fs = std::filesystem;
namespace test_data = boost::unit_test::data;

namespace {

/// The same command line with --resume added.
Request again(Request request, Index steps, Resume resume = Resume::yes) {
  request.resume = resume;
  request.budget.steps = steps;
  return request;
}

/// Every file of a folder with its bytes.
std::map<std::string, std::string> bytes_of(const fs::path& folder) {
  std::map<std::string, std::string> bytes;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) bytes[fs::relative(entry.path(), folder)] = contents(entry.path());
  return bytes;
}

/// What the user is told while a request is trained.
std::string told_by(const Request& request) {
  std::string told;
  Observer observer;
  observer.tell = [&](const std::string& text) { told += text + '\n'; };
  train_model(request, observer);
  return told;
}

void flip_a_bit(const fs::path& file) {
  std::string bytes = contents(file);
  bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 4);
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_command_line_that_began_a_run_continues_it) {
  const TemporaryFolder folder;
  write_text(folder);
  folder.write("run.json", R"({"dim": 8, "log_every": 2})");
  Request whole = small_request(folder, "whole", "memsizer", 12),
          parts = small_request(folder, "parts", "memsizer", 5);
  for (Request* request : {&whole, &parts}) {
    request->config_file = folder / "run.json";
    request->task = "language-modeling";
    request->seed = 3;
    request->settings.push_back("vocab=5000");  // the text is too small for so many
    request->settings.push_back("dropout=0.10");
  }
  train_model(whole, {});
  train_model(parts, {});
  train_model(again(parts, 9), {});
  train_model(again(parts, 12), {});
  check_same_run(folder / "whole", folder / "parts", "step-12");
}

BOOST_AUTO_TEST_CASE(resume_auto_begins_or_continues) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "whole", "transformer", 8), {});
  for (const Index steps : {3, 3, 8})
    train_model(again(small_request(folder, "parts", "transformer", 0), steps, Resume::any), {});
  check_same_run(folder / "whole", folder / "parts", "step-8");
}

BOOST_AUTO_TEST_CASE(what_differs_is_refused_with_both_values) {
  const TemporaryFolder folder;
  write_text(folder);
  const Request begun = small_request(folder, "run", "memsizer", 2);
  train_model(begun, {});
  const auto refused = [&](const auto& change, const std::string& part) {
    Request request = again(begun, 4);
    change(request);
    CHECK_THROWS_SAYING(train_model(request, {}), InputError, part);
  };
  refused([](Request& r) { r.settings.push_back("dim=16"); },
          "the run has dim = 8, which cannot become 16 (of --set)");
  refused([](Request& r) { r.settings.push_back("vocab=280"); }, "vocab = 270, which cannot become 280");
  refused([](Request& r) { r.seed = 5; }, "seed = 1, which cannot become 5 (of --seed)");
  refused([](Request& r) { r.preset = "small"; }, "preset = tiny, which cannot become small (of --preset)");
  refused([](Request& r) { r.architecture = "transformer"; },
          "architecture = memsizer, which cannot become transformer");
  folder.write("other.json", R"({"ffn": 16})");
  refused([&](Request& r) { std::erase(r.settings, "ffn=8"), r.config_file = folder / "other.json"; },
          "ffn = 8, which cannot become 16 (of " + (folder / "other.json").string());
  refused([&](Request& r) { r.from = folder / "run"; }, "not begun with --from");
  text::TokenizerTrainer trainer;
  trainer.add_text("other words than those of the river and its lake");
  text::write_tokenizer_json(trainer.train(270), folder / "other_tokenizer.json");
  refused([&](Request& r) { r.tokenizer = folder / "other_tokenizer.json"; }, "a tokenizer of hash");
  // The request may name the run's own tokenizer, and change settings that concern only logging and saving.
  Request same = again(begun, 4);
  same.tokenizer = folder / "run/tokenizer.json";
  same.settings.push_back("log_every=3"), same.settings.push_back("keep=5");
  train_model(same, {});
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-4");
}

BOOST_AUTO_TEST_CASE(from_agrees_where_its_weights_do) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "first", "memsizer", 2), {});
  train_model(small_request(folder, "second", "memsizer", 3), {});
  Request request = small_request(folder, "run", "memsizer", 2);
  request.from = folder / "first";
  train_model(request, {});
  train_model(again(request, 4), {});
  Request other = again(request, 6);
  other.from = folder / "second";
  CHECK_THROWS_SAYING(train_model(other, {}), InputError, "begun with weights of hash");
}

BOOST_AUTO_TEST_CASE(with_nothing_left_to_do_no_byte_changes) {
  for (const bool validated : {true, false}) {
    const TemporaryFolder folder;
    write_text(folder);
    if (!validated) fs::remove(folder / "data/wiki.valid.tokens");
    const Request request = small_request(folder, "run", "memsizer", 9);
    report::train_and_draw(request, {});
    const auto before = bytes_of(folder / "run");
    for (const Index steps : {9, 5}) {
      report::train_and_draw(again(request, steps), {});
      BOOST_TEST((bytes_of(folder / "run") == before), "to step " << steps);
    }
    report::train_and_draw(again(request, 9, Resume::any), {});
    BOOST_TEST((bytes_of(folder / "run") == before));
    // Nor does a file of ids come back that was removed.
    for (const fs::path& file : train::detail::entries_of(folder / "run"))
      if (train::detail::is_id_cache(file)) fs::remove(file);
    const auto without_ids = bytes_of(folder / "run");
    report::train_and_draw(again(request, 9), {});
    BOOST_TEST((bytes_of(folder / "run") == without_ids));
  }
}

BOOST_DATA_TEST_CASE(a_damaged_latest_falls_back_to_the_newest_that_is_whole,
                     test_data::make({"model.safetensors", "training.safetensors", "state.json"}), file) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "whole", "memsizer", 12), {});
  const Request request = small_request(folder, "run", "memsizer", 8);
  train_model(request, {});
  const fs::path damaged = folder / "run/checkpoints/step-8" / file;
  if (damaged.filename() == "state.json")
    folder.write("run/checkpoints/step-8/state.json", "{");
  else
    flip_a_bit(damaged);
  const std::string told = told_by(again(request, 12));
  BOOST_TEST(told.find(damaged.string()) != told.npos, told);
  BOOST_TEST(told.find("going on from step-4, the newest checkpoint that is whole") != told.npos, told);
  check_same_run(folder / "whole", folder / "run", "step-12");
}

BOOST_AUTO_TEST_CASE(other_uses_refuse_damage_and_name_the_newest_whole_step) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "run", "memsizer", 8), {});
  const RunDirectory run = RunDirectory::open(folder / "run");
  const std::string best = run.named("best"), other = best == "step-8" ? "step-4" : "step-8";
  const fs::path damaged = run.checkpoint(best) / "model.safetensors";
  flip_a_bit(damaged);
  CHECK_THROWS_SAYING(test::load(run), InputError, damaged.string() + ": damaged");
  CHECK_THROWS_SAYING(test::load(run), InputError, "--checkpoint " + other);
  Request request = small_request(folder, "second", "memsizer", 1);
  request.from = folder / "run";
  CHECK_THROWS_SAYING(train_model(request, {}), InputError, damaged.string() + ": damaged");
  CHECK_THROWS_SAYING(train_model(request, {}), InputError, "the newest that is whole is " + other);
  BOOST_TEST(!fs::exists(folder / "second"));
  const language_modeling::TrainedOnText<float> picked(run, cpu::device(), other);
  CHECK_THROWS_SAYING(language_modeling::TrainedOnText<float>(run, cpu::device(), "step-77"), InputError,
                      "--checkpoint");
}

/// A run that train_model has trained, and gnuplot out of sight.
struct TrainedRun {
  explicit TrainedRun(Index steps) {
    write_text(folder);
    begun = small_request(folder, "run", "memsizer", steps);
    train_model(begun, {});
  }

  test::HiddenGnuplot hidden;
  TemporaryFolder folder;
  Request begun;
};

/// A refused request leaves every byte of a run as it was.
void check_refused(const Request& request, const std::string& part) {
  const auto before = bytes_of(request.output);
  CHECK_THROWS_SAYING(report::train_and_draw(request, {}), InputError, part);
  BOOST_TEST((bytes_of(request.output) == before), part);
}

BOOST_AUTO_TEST_CASE(a_refused_resume_changes_nothing) {
  const TrainedRun trained(8);
  const auto& [hidden, folder, begun] = trained;
  folder.write("other/wiki.train.tokens", contents(folder / "data/wiki.train.tokens") + " more of it . \n");
  folder.write("other/wiki.valid.tokens", contents(folder / "data/wiki.test.tokens"));
  Request other = again(begun, 12);
  other.data = folder / "other";
  check_refused(other, "the run was begun with other data: the train split");
  // The damage to the latest checkpoint is told, but the names stay as they are until the run goes on.
  flip_a_bit(folder / "run/checkpoints/step-8/model.safetensors");
  check_refused(other, "the run was begun with other data");
  Request wider = again(begun, 12);
  wider.settings.push_back("dim=16");
  check_refused(wider, "which cannot become 16");
}

// A run whose log was edited is refused, and the error says how it goes on.
BOOST_AUTO_TEST_CASE(a_changed_log_is_refused_with_a_way_out) {
  const test::HiddenGnuplot hidden;
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "whole", "memsizer", 12), {});
  const Request begun = small_request(folder, "run", "memsizer", 8);
  train_model(begun, {});
  const std::string good = contents(folder / "run/metrics.jsonl");
  std::string with_returns;
  for (const char c : good) with_returns += c == '\n' ? std::string("\r\n") : std::string(1, c);
  for (const std::string& bad : {"\n\n" + good, with_returns, '[' + good.substr(1)}) {
    folder.write("run/metrics.jsonl", bad);
    check_refused(again(begun, 12), "Move it away, and --resume goes on without its lines");
  }
  check_refused(again(begun, 8), "Move it away");  // even with nothing left to do
  fs::remove(folder / "run/metrics.jsonl");
  train_model(again(begun, 12), {});
  for (const char* file : {"model.safetensors", "training.safetensors"})
    BOOST_TEST((contents(folder / "whole/checkpoints/step-12" / file) ==
                contents(folder / "run/checkpoints/step-12" / file)),
               file);
}

BOOST_AUTO_TEST_CASE(a_folder_in_the_place_of_the_curves_is_refused_before_the_first_step) {
  const TrainedRun trained(8);
  const auto& [hidden, folder, begun] = trained;
  for (const char* name : {"curves.svg", "curves.dat"}) {
    fs::create_directory(folder / "run" / name);
    check_refused(again(begun, 12),
                  (folder / "run" / name).string() + ": a file for the run's curves expected");
    fs::remove(folder / "run" / name);
  }
  report::train_and_draw(again(begun, 12), {});
  BOOST_TEST(fs::exists(folder / "run/curves.dat"));
}

// A kill may come between the last checkpoint and the curves.
BOOST_AUTO_TEST_CASE(a_run_with_nothing_left_to_do_gets_the_curves_that_it_lacks) {
  const TrainedRun trained(4);
  const auto& [hidden, folder, begun] = trained;
  BOOST_TEST(!fs::exists(folder / "run/curves.dat"));
  report::train_and_draw(again(begun, 4), {});
  BOOST_TEST(contents(folder / "run/curves.dat") != "");
  for (const char* name : {"curves.dat", "curves.svg"}) {
    fs::remove(folder / "run/curves.dat");
    folder.write(std::string("run/") + name, "own");
    report::train_and_draw(again(begun, 4), {});
    BOOST_TEST(contents(folder / "run" / name) == "own", "curves that are there stay");
  }
  BOOST_TEST(!fs::exists(folder / "run/curves.dat"));
  fs::remove(folder / "run/curves.svg");
  fs::remove(folder / "run/metrics.jsonl");
  report::train_and_draw(again(begun, 4), {});
}

// A tokenizer with two ids exchanged has the same size, and moments of another run have the same shapes.
BOOST_AUTO_TEST_CASE(files_of_another_run_are_refused_whatever_their_sizes) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "run", "memsizer", 2), {});
  Request request = small_request(folder, "other", "memsizer", 2);
  request.seed = 9;
  train_model(request, {});
  const fs::path moments = "checkpoints/step-2/training.safetensors";
  for (const auto& entry : fs::directory_iterator(folder / "run/checkpoints"))
    if (entry.path().filename() != "step-2") fs::remove_all(entry.path());
  const std::string own = contents(folder / "run" / moments);
  fs::copy_file(folder / "other" / moments, folder / "run" / moments, fs::copy_options::overwrite_existing);
  const Request again_run = resumed(small_request(folder, "run", "memsizer", 2), 4);
  CHECK_THROWS_SAYING(train_model(again_run, {}), InputError,
                      "not the file that was saved with this checkpoint");
  std::ofstream(folder / "run" / moments, std::ios::binary) << own;
  const std::string tokenizer = contents(folder / "run/tokenizer.json");
  auto json = nlohmann::ordered_json::parse(tokenizer);
  std::swap(json["model"]["vocab"]["a"], json["model"]["vocab"]["b"]);
  folder.write("run/tokenizer.json", json.dump());
  CHECK_THROWS_SAYING(train_model(again_run, {}), InputError, "run/tokenizer.json: damaged, or not the file");
  CHECK_THROWS_SAYING(test::load(RunDirectory::open(folder / "run")), InputError, "tokenizer.json: damaged");
  folder.write("run/tokenizer.json", tokenizer);
  train_model(again_run, {});
}

// The weights of --from belong to its own tokenizer.
BOOST_AUTO_TEST_CASE(from_with_another_tokenizer_of_the_same_size_is_refused) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(small_request(folder, "first", "memsizer", 1), {});
  auto json = nlohmann::ordered_json::parse(contents(folder / "first/tokenizer.json"));
  std::swap(json["model"]["vocab"]["a"], json["model"]["vocab"]["b"]);
  folder.write("swapped.json", json.dump());
  Request request = small_request(folder, "second", "memsizer", 1);
  request.from = folder / "first";
  request.tokenizer = folder / "swapped.json";
  CHECK_THROWS_SAYING(train_model(request, {}), InputError, "is neither the tokenizer of --from");
  request.tokenizer = folder / "first/tokenizer.json";
  train_model(request, {});
}

BOOST_AUTO_TEST_SUITE_END()
