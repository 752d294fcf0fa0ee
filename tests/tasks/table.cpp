// What every task of the table must give. A new task needs no line here.
#include <map>
#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "files/temporary_folder.hpp"
#include "source_folder.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(table)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(names_and_titles_are_told_apart) {
  std::set<std::string> names, titles;
  for (const tasks::Task* task : tasks::all_tasks()) {
    BOOST_TEST(!task->name().empty());
    BOOST_TEST(!task->title().empty());
    BOOST_TEST(names.insert(task->name()).second, task->name() << " names two tasks");
    BOOST_TEST(titles.insert(task->title()).second, task->title() << " is the title of two tasks");
  }
}

// --help calls the first task and the first architecture the defaults; a config.json without them has these.
BOOST_AUTO_TEST_CASE(the_first_of_a_table_is_the_default) {
  BOOST_TEST(train::Labels().task == tasks::all_tasks().front()->name());
  BOOST_TEST(train::Labels().architecture == tasks::architectures()[0].name);
}

BOOST_AUTO_TEST_CASE(every_task_has_the_preset_small_and_each_preset_is_a_model) {
  for (const tasks::Task* task : tasks::all_tasks()) {
    std::set<std::string> names;
    for (const tasks::Preset& preset : task->presets()) {
      BOOST_TEST_CONTEXT(task->name() << ", " << preset.name) {
        BOOST_TEST(names.insert(preset.name).second, "two presets have one name");
        BOOST_TEST(std::ranges::count(tasks::preset_names(), preset.name) == 1);
        if (!preset.lacks.empty()) continue;
        const train::Config config =
            tasks::effective_config(
                {.task = task->name(), .architecture = "transformer", .preset = preset.name})
                .config;
        BOOST_TEST(nn::parameter_count(task->outline(config)->model()) > 0);
      }
    }
    BOOST_TEST(names.contains("small"), task->name() << " has no preset small, which is the default");
  }
}

namespace {

/// The sample data that a task can read; empty if there are none.
std::filesystem::path sample_data(const tasks::Task& task) {
  for (const auto& entry : std::filesystem::directory_iterator(test::source_folder() / "samples/data")) {
    if (!entry.is_directory()) continue;
    try {
      text::TokenizerTrainer trainer;
      const auto data = task.open_data(entry.path(), {});
      data->add_text(trainer);
      if (data->has(data::Split::test)) return entry.path();
    } catch (const InputError&) {
    }
  }
  return {};
}

/// The CPU's kernels with a memory that the host may not read directly. While it takes notes, it counts how
/// often the host reads it, and how often the host writes to each address.
struct NotingDevice {
  NotingDevice()
      : memory{.allocate = cpu::memory().allocate,
               .release = cpu::memory().release,
               .from_host =
                   [](Context& context, void* to, const void* from, Index bytes) {
                     if (takes_notes) ++writes[to];
                     cpu::memory().from_host(context, to, from, bytes);
                   },
               .to_host =
                   [](Context& context, void* to, const void* from, Index bytes) {
                     reads += takes_notes;
                     cpu::memory().to_host(context, to, from, bytes);
                   },
               .copy = cpu::memory().copy,
               .host_readable = false},
        device("noting", cpu::context(), memory, cpu::table<float>(), cpu::table<double>()) {
    takes_notes = false, reads = 0, writes.clear();
  }

  static inline bool takes_notes;
  static inline Index reads;
  static inline std::map<const void*, Index> writes;
  DeviceMemory memory;
  Device device;
};

}  // namespace

// Batches of pairs differ in their shapes. Once a large one was there, the later ones lie where it lay, so
// that a step can become one graph of kernels.
BOOST_AUTO_TEST_CASE(the_batches_of_every_task_use_the_same_memory_and_are_not_read_back) {
  for (const tasks::Task* task : tasks::all_tasks()) {
    BOOST_TEST_CONTEXT(task->name()) {
      const TemporaryFolder folder;
      NotingDevice noting;
      tasks::Request request = test::small_request(folder, "run", "transformer", 0);
      request.task = task->name();
      request.data = sample_data(*task);
      request.device = &noting.device;
      request.budget = {.epochs = 2};
      for (const char* setting : {"batch=16", "sequence=64", "accumulate=1", "log_every=100000",
                                  "validate_every=100000", "schedule_steps=1000", "validate_examples=1"})
        request.settings.emplace_back(setting);
      Index steps = -1;  // those that were noted; the first one ended before notes were taken
      train::Observer observer;
      observer.stepped = [&](Index, double part, const train::StepReport*) {
        steps += NotingDevice::takes_notes || (part >= 0.5 && part < 1);
        NotingDevice::takes_notes = part >= 0.5 && part < 1;
      };
      tasks::train_model(request, observer);
      NotingDevice::takes_notes = false;
      BOOST_TEST_REQUIRE(steps > 2);
      BOOST_TEST(NotingDevice::reads == 0);
      BOOST_TEST(NotingDevice::writes.size() > 2u);
      Index writes = 0;
      for (const auto& [address, count] : NotingDevice::writes) writes += count;
      // On the average an address serves half of the steps at least, so that a larger batch may still come.
      const auto addresses = static_cast<Index>(NotingDevice::writes.size());
      BOOST_TEST(addresses * steps <= 2 * writes, addresses << " addresses in " << steps << " steps");
    }
  }
}

BOOST_AUTO_TEST_CASE(every_column_of_a_comparison_is_a_figure_of_the_tasks_evaluation) {
  const test::HiddenGnuplot hidden;
  for (const tasks::Task* task : tasks::all_tasks()) {
    BOOST_TEST_CONTEXT(task->name()) {
      const TemporaryFolder folder;
      tasks::Request request = test::small_request(folder, "run", "transformer", 1);
      request.task = task->name();
      request.data = sample_data(*task);
      BOOST_TEST_REQUIRE(!request.data.empty(), "no folder of samples/data has data of this task");
      report::train_and_draw(request, {});
      const train::RunDirectory run = train::RunDirectory::open(request.output);
      const train::EvaluationReport evaluation = tasks::evaluate(
          *tasks::load_model(run, cpu::device()), run, {.data = request.data, .limit = 1},
          [](const std::string&) {}, [](Index, Index) { return true; });
      for (const std::string& figure : tasks::missing_figures(task->columns(), evaluation))
        BOOST_ERROR("a column has the figure " << figure << ", which the evaluation has not");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_misspelled_figure_is_found_and_an_unknown_value_is_not) {
  const train::EvaluationReport report{.more = {{"perplexity", 3.0}, {"word_perplexity", {}}}};
  const std::vector<tasks::Column> columns = {
      {"loss", "loss"}, {"perplexty", "perplexity"}, {"word_perplexity", "word perplexity"}};
  BOOST_TEST(tasks::missing_figures(columns, report) == std::vector<std::string>{"perplexty"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
