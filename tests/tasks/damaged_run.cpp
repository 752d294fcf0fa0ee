// Runs with damaged files. Any damage is either harmless or an error that names the file. It never causes any
// other exception, an allocation that the files do not need, or weights of another shape.
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "tasks/damage.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(damaged_run)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
using damage::Damaged;
namespace fs = std::filesystem;

namespace {

/// A run of two steps that the tests damage and use again and again.
struct DamagedRun {
  DamagedRun() {
    cpu::set_threads(1);
    test::write_text(folder);
    Request request = test::small_request(folder, "good", "memsizer", 2);
    request.settings.push_back("validate_every=1");
    request.settings.push_back("keep=1");  // there is no other checkpoint to fall back on
    train_model(request, {});
    BOOST_TEST_REQUIRE(RunDirectory(folder / "good").checkpoints().size() == 1u);
    restore();
  }

  fs::path file(const std::string& name) const {
    return folder / (name.ends_with("safetensors") || name == "state.json" ? "run/checkpoints/step-2/" + name
                                                                           : "run/" + name);
  }

  void restore() const {
    fs::remove_all(folder / "run");
    fs::copy(folder / "good", folder / "run", fs::copy_options::recursive);
  }

  /// Whether `use` works on the run. If not, the error must be one of ours: either an InputError that names a
  /// file of the run, or an error about a number that is not finite.
  bool works(const std::string& how, const std::function<void()>& use) {
    const std::string run = (folder / "run").string();
    std::string problem;
    bool worked = false;
    try {
      const damage::MemoryLimit limit(rlim_t{256} << 20);
      use();
      worked = true;
    } catch (const InputError& error) {
      if (std::string(error.what()).find(run) == std::string::npos) problem = error.what();
    } catch (const Error& error) {
      if (std::string(error.what()).find("finite") == std::string::npos) problem = error.what();
    } catch (const std::exception& error) {
      problem = concatenate("not one of our errors: ", error.what());
    }
    BOOST_TEST(problem.empty(), how << ": " << problem);
    (worked ? worked_ : refused_)++;
    if (fs::exists(run + "/checkpoints/step-3")) restore();
    return worked;
  }

  void resume() const {
    train_model(test::resumed(test::small_request(folder, "run", "memsizer", 3), 3), {});
  }
  void load() const { test::load(RunDirectory::open(folder / "run")); }

  /// Damages a file, uses the run, and puts the file back.
  bool works_with(const std::string& name, const Damaged& damaged, const std::function<void()>& use) {
    const fs::path path = file(name);
    std::ofstream(path, std::ios::binary) << damaged.bytes;
    const bool worked = works(name + ", " + damaged.how, use);
    fs::copy_file(folder / "good" / fs::relative(path, folder / "run"), path,
                  fs::copy_options::overwrite_existing);
    return worked;
  }

  void edit(const std::string& name, int rounds, const std::function<void()>& use,
            std::size_t within = 1 << 30) {
    const std::string good = contents(file(name));
    std::mt19937 random(17);
    for (int round = 0; round < rounds; ++round)
      works_with(name, {concatenate("round ", round), damage::edited(good, random, within)}, use);
  }

  void cut(const std::string& name, std::size_t places, const std::function<void()>& use) {
    std::string whole = contents(file(name));
    if (whole.ends_with('\n')) whole.pop_back();  // a log without its last newline is no damage
    for (const std::string& part : damage::beginnings(whole, places))
      works_with(name, {concatenate("cut to ", part.size()), part}, use);
  }

  /// Uses the run without a file, then with a folder in its place.
  void replace(const std::string& name, const std::function<void()>& use) {
    const fs::path path = file(name);
    fs::remove(path);
    BOOST_TEST(!works(name + ", absent", use));
    fs::create_directory(path);
    BOOST_TEST(!works(name + ", a folder", use));
    restore();
  }

  const std::function<void()> to_resume = [this] { resume(); }, to_load = [this] { load(); };
  test::HiddenGnuplot hidden;
  TemporaryFolder folder;
  int worked_ = 0, refused_ = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(weights_of_any_other_form_are_refused, DamagedRun) {
  const std::string good = contents(file("model.safetensors"));
  for (const Damaged& damaged : damage::SafetensorsDamages(good).all()) {
    BOOST_TEST(!works_with("model.safetensors", damaged, to_load), damaged.how);
    BOOST_TEST(!works_with("model.safetensors", damaged, to_resume), damaged.how);
  }
  cut("model.safetensors", 30, to_load);
  replace("model.safetensors", to_load);
  BOOST_TEST(worked_ == 0);
  edit("model.safetensors", 300, to_load, 8 + damage::Safetensors(good).header.dump().size());
  edit("model.safetensors", 20, to_load);
  BOOST_TEST(worked_ == 0);
}

BOOST_FIXTURE_TEST_CASE(moments_of_any_other_form_are_refused, DamagedRun) {
  const std::string good = contents(file("training.safetensors"));
  for (const Damaged& damaged : damage::SafetensorsDamages(good).all())
    BOOST_TEST(!works_with("training.safetensors", damaged, to_resume), damaged.how);
  cut("training.safetensors", 10, to_resume);
  replace("training.safetensors", to_resume);
  BOOST_TEST(worked_ == 0);
  edit("training.safetensors", 60, to_resume, 8 + damage::Safetensors(good).header.dump().size());
}

BOOST_FIXTURE_TEST_CASE(a_state_of_another_step_or_form_is_refused, DamagedRun) {
  const auto good = nlohmann::ordered_json::parse(contents(file("state.json")));
  const auto refused = [&](const char* key, const nlohmann::ordered_json& value) {
    auto state = good;
    state[nlohmann::ordered_json::json_pointer(key)] = value;
    BOOST_TEST(!works_with("state.json", {concatenate(key, " ", value.dump()), state.dump()}, to_resume));
  };
  for (const char* key : {"/step", "/optimizer_steps"})
    for (const nlohmann::ordered_json& value :
         std::vector<nlohmann::ordered_json>{1, 3, -2, 2.5, INT64_MAX, "2", nullptr})
      refused(key, value);
  for (const char* key : {"/tokens", "/log_bytes", "/position/epoch", "/position/segment"})
    for (const nlohmann::ordered_json& value :
         std::vector<nlohmann::ordered_json>{-1, 0.5, INT64_MAX, 1e300, "0", nullptr})
      refused(key, value);
  for (const nlohmann::ordered_json& value : std::vector<nlohmann::ordered_json>{-1, 1e300, "1", nullptr})
    refused("/seconds", value);
  refused("/best_loss", "low");
  // What could be another state is not this one.
  for (const char* key : {"/tokens", "/log_bytes", "/position/epoch", "/position/segment"})
    refused(key, good[nlohmann::ordered_json::json_pointer(key)].get<int>() + 1);
  refused("/seconds", good["seconds"].get<double>() / 2);
  refused("/best_loss", good["best_loss"].get<double>() / 2);
  refused("/position", nlohmann::ordered_json::array());
  std::string text = good.dump();
  BOOST_TEST(!works_with("state.json", {"a key twice", text.substr(0, text.size() - 1) + ",\"step\":2}"},
                         to_resume));
  BOOST_TEST(!works_with("state.json", {"deep", std::string(100000, '[')}, to_resume));
  cut("state.json", 10, to_resume);
  replace("state.json", to_resume);
  edit("state.json", 60, to_resume);
  BOOST_TEST(refused_ > 100);
}

BOOST_FIXTURE_TEST_CASE(a_configuration_of_another_model_is_refused, DamagedRun) {
  const auto good = nlohmann::ordered_json::parse(contents(file("config.json")));
  const auto with = [&](const char* key, const nlohmann::ordered_json& value) {
    auto config = good;
    config[key] = value;
    return Damaged{concatenate(key, " ", value.dump()), config.dump()};
  };
  for (const char* key : {"dim", "layers", "ffn", "vocab", "slots"})
    for (const nlohmann::ordered_json& value : std::vector<nlohmann::ordered_json>{
             16, 1000, 65536, 1 << 24, -1, INT64_MAX, 1e99, "8", nullptr, true}) {
      BOOST_TEST(!works_with("config.json", with(key, value), to_load));
      BOOST_TEST(!works_with("config.json", with(key, value), to_resume));
    }
  for (const auto& [key, value] :
       std::vector<std::pair<const char*, nlohmann::ordered_json>>{{"heads", 3},
                                                                   {"attention", "lstm"},
                                                                   {"attention", "memsizer,memsizer"},
                                                                   {"positions", "learned"},
                                                                   {"tie", false},
                                                                   {"pre_norm", false},
                                                                   {"architecture", "lstm"},
                                                                   {"betas", {1, 2, 3}},
                                                                   {"betas", {2, 2}},
                                                                   {"unknown", 1},
                                                                   {"dropout", 1},
                                                                   {"task", "translation"}})
    BOOST_TEST((!works_with("config.json", with(key, value), to_resume)), key);
  std::ofstream(file("config.json")) << with("task", "no-task").bytes;
  CHECK_THROWS_SAYING(tasks::load_model(RunDirectory::open(folder / "run"), cpu::device()), InputError,
                      file("config.json").string() + ": task: one of language-modeling");
  restore();
  cut("config.json", 20, to_load);
  replace("config.json", to_load);
  edit("config.json", 150, to_load);
  edit("config.json", 40, to_resume);
}

BOOST_FIXTURE_TEST_CASE(a_tokenizer_of_another_size_is_refused, DamagedRun) {
  text::TokenizerTrainer trainer;
  trainer.add_text("another text of other words");
  const std::string other = text::dump_tokenizer_json(trainer.train(265));
  BOOST_TEST(!works_with("tokenizer.json", {"another", other}, to_load));
  BOOST_TEST(!works_with("tokenizer.json", {"another", other}, to_resume));
  folder.write("run/tokenizer.json", other);
  CHECK_THROWS_SAYING(load(), InputError, "tokens expected by config.json, got 265");
  restore();
  cut("tokenizer.json", 20, to_load);
  replace("tokenizer.json", to_load);
  replace("tokenizer.json", to_resume);
  BOOST_TEST(worked_ == 0);
  edit("tokenizer.json", 150, to_load);
  edit("tokenizer.json", 30, to_resume);
}

// --resume needs no name, because it finds the newest checkpoint that is whole.
BOOST_FIXTURE_TEST_CASE(names_of_checkpoints_that_are_none_are_refused, DamagedRun) {
  for (const char* name : {"", "\n", "step-", "step-02", "step--2", "step-2 ", "step-2/../step-2", "../run",
                           "step-99999999999999999999", "step-2\nstep-1", "STEP-2", "\xFF\xFE"})
    for (const std::string& end :
         {std::string(), std::string("\n"), std::string(1, '\0'), std::string(300, 'x')}) {
      if (std::string_view(name).find_first_not_of('\n') == std::string_view::npos &&
          end.find_first_not_of('\n') == end.npos)
        continue;  // empty names come below
      BOOST_TEST(works_with("latest", {name + end, name + end}, to_resume), name + end);
      BOOST_TEST(!works_with("best", {name + end, name + end}, to_load), name + end);
    }
  for (const char* name : {"", "\n"}) {
    BOOST_TEST(works_with("latest", {"empty", name}, to_resume));
    BOOST_TEST(!works_with("best", {"empty", name}, to_load));
  }
}

// The run works without its log, because weights and state are complete. A file that is not a log is refused.
BOOST_FIXTURE_TEST_CASE(a_log_that_lacks_what_was_logged_costs_no_run, DamagedRun) {
  const std::string good = contents(file("metrics.jsonl"));
  fs::remove(file("metrics.jsonl"));
  BOOST_TEST(works("metrics.jsonl, absent", to_resume));
  restore();
  fs::remove(file("metrics.jsonl"));
  fs::create_directory(file("metrics.jsonl"));
  BOOST_TEST(!works("metrics.jsonl, a folder", to_resume));
  restore();
  const auto state = nlohmann::json::parse(contents(file("state.json")));
  const auto logged = state["log_bytes"].get<std::size_t>();
  for (const std::string& part : damage::beginnings(good.substr(0, logged), 20))
    BOOST_TEST(works_with("metrics.jsonl", {concatenate("cut to ", part.size()), part}, to_resume));
  for (const std::string& more :
       {std::string("{\"step\": 3, \"los"), std::string("\xFF\0\n\n", 4), std::string(100000, '[')})
    BOOST_TEST(works_with("metrics.jsonl", {"more at the end", good.substr(0, logged) + more}, to_resume));
  BOOST_TEST(!works_with("metrics.jsonl", {"a bad line", "[" + good.substr(1)}, to_resume));
  edit("metrics.jsonl", 60, to_resume);
  edit("metrics.jsonl", 60, [this] { read_curves(folder / "run/metrics.jsonl"); });
}

BOOST_AUTO_TEST_SUITE_END()
