// What every task of the table must give. A new task needs no line here.
#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "files/temporary_folder.hpp"
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

BOOST_AUTO_TEST_SUITE_END()
