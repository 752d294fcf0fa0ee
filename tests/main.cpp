// The main function of every test binary. It is Boost.Test's own with two additions for ctest.
// `--list_for_ctest` prints each case with its labels (cmake/list_test_cases.cmake reads this list). And if
// all cases of a run were skipped, the program exits 77, which ctest counts as skipped.
#include <iostream>
#include <string>
#include <string_view>

#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include <boost/test/results_collector.hpp>
#include <boost/test/tree/observer.hpp>
#include <boost/test/tree/traverse.hpp>
#include <boost/test/tree/visitor.hpp>
#include <boost/test/unit_test.hpp>

namespace unit_test = boost::unit_test;

namespace {

constexpr int skipped_exit_code = 77;

/// Prints a line for each case: name, tab, enabled or disabled, tab, labels with commas between. A case also
/// takes the labels of its suites. If it has no default status of its own, it takes that of its suites too.
class CaseLister : public unit_test::test_tree_visitor {
  void visit(const unit_test::test_case& test) override {
    std::string labels;
    auto status = unit_test::test_unit::RS_INHERIT;
    for (const unit_test::test_unit* unit = &test;;
         unit = &unit_test::framework::get(unit->p_parent_id, any_type)) {
      for (const auto& label : unit->p_labels.get()) labels += (labels.empty() ? "" : ",") + label;
      if (status == unit_test::test_unit::RS_INHERIT) status = unit->p_default_status;
      if (unit->p_parent_id == unit_test::INV_TEST_UNIT_ID) break;
    }
    const bool disabled = status == unit_test::test_unit::RS_DISABLED;
    std::cout << test.full_name() << (disabled ? "\tdisabled\t" : "\tenabled\t") << labels << '\n';
  }

  static constexpr auto any_type = unit_test::TUT_ANY;
};

/// Says why a case was skipped, and remembers whether every requested case was. Boost reports a case that the
/// command line did not select as "disabled"; we do not count this as skipped.
class SkipWatcher : public unit_test::test_observer {
 public:
  bool only_skipped() const { return skipped_ && !ran_; }

 private:
  /// Comes after Boost 1.74's own observer of the start (priority 0), which reports failure at random before
  /// its turn.
  int priority() override { return 5; }
  void test_unit_start(const unit_test::test_unit& unit) override {
    ran_ = ran_ || unit.p_type == unit_test::TUT_CASE;
  }
  void test_unit_skipped(const unit_test::test_unit& unit, boost::unit_test::const_string reason) override {
    if (reason == "disabled") return;
    skipped_ = true;
    std::cout << "not run: " << unit.full_name() << ": " << reason << '\n';
  }

  bool skipped_ = false;
  bool ran_ = false;
};

int list_cases(int argc, char** argv) {
  unit_test::framework::init([] { return true; }, argc, argv);
  unit_test::framework::finalize_setup_phase();
  CaseLister lister;
  unit_test::traverse_test_tree(unit_test::framework::master_test_suite().p_id, lister, true);
  unit_test::framework::shutdown();
  return 0;
}

SkipWatcher& skip_watcher() {
  static SkipWatcher observer;
  return observer;
}

bool register_watcher() {
  unit_test::framework::register_observer(skip_watcher());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--list_for_ctest") return list_cases(1, argv);
  const int code = unit_test::unit_test_main(&register_watcher, argc, argv);
  return code == 0 && skip_watcher().only_skipped() ? skipped_exit_code : code;
}
