// All checks of all operations, from the one list of cases.
#include "memsizer/check/operation_cases.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <utility>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/check/case_checks.hpp"
#include "memsizer/cpu/context.hpp"

#include "kernel_names.hpp"
#include "source_folder.hpp"

BOOST_AUTO_TEST_SUITE(operation_cases)

using namespace memsizer;

namespace {

using Types = boost::mpl::list<float, double>;

/// Calls body(case, size) for every case and size.
template <class T, class Body>
void for_each_case(const Body& body) {
  for (const check::OperationCase<T>& one : check::operation_cases<T>())
    for (Index size : check::case_sizes)
      if (size >= one.smallest) body(one, size);
}

/// The names of all function templates in ops/, and of all functions that return a tensor.
std::set<std::string> functions() {
  static const std::regex function(
      R"((?:\ntemplate <[^\n]*(?:\n *requires[^\n]*)?|\n(?=(?:inline|MEMSIZER_CORE_FUNCTION) (?:Tensor|std::vector<Tensor)))"
      R"()\n?[^\n(]* (operator[^\s(]+|\w+)\()");
  std::set<std::string> names;
  for (const auto& file :
       std::filesystem::directory_iterator(test::source_folder() / "include/memsizer/ops")) {
    std::ifstream stream(file.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (std::sregex_iterator match(text.begin(), text.end(), function), end; match != end; ++match)
      names.insert((*match)[1].str());
  }
  return names;
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_and_gradients_equal_the_twins) {
  for_each_case<double>([](const auto& one, Index size) {
    const double error = check::twin_error(one, size, cpu::device());
    BOOST_TEST(error <= 1e-10, one.name << " at " << size << ": " << error);
  });
}

BOOST_AUTO_TEST_CASE(gradients_equal_differences) {
  for_each_case<double>([](const auto& one, Index size) {
    const check::GradientReport report = check::gradient_error(one, size, cpu::device());
    BOOST_TEST(report.passed(), one.name << " at " << size << ": " << report);
  });
}

BOOST_AUTO_TEST_CASE(float_equals_double) {
  const auto singles = check::operation_cases<float>();
  const auto doubles = check::operation_cases<double>();
  for (std::size_t i = 0; i < singles.size(); ++i)
    for (Index size : check::case_sizes)
      if (size >= singles[i].smallest) {
        const double error =
            check::case_difference(singles[i], cpu::device(), doubles[i], cpu::device(), size, 0.05);
        BOOST_TEST(error <= 2e-4, singles[i].name << " at " << size << ": " << error);
      }
}

BOOST_AUTO_TEST_CASE(two_runs_are_equal_bit_for_bit) {
  for_each_case<float>([](const auto& one, Index size) {
    const auto run = [&] {
      return check::value_and_gradients<float>(one, size, cpu::device(), one.operation);
    };
    BOOST_TEST((run() == run()), one.name << " at " << size);
  });
}

// Grain 1: all threads share every loop, however small it is.
BOOST_AUTO_TEST_CASE_TEMPLATE(any_number_of_threads_gives_the_same_bits, T, Types) {
  const auto results_with = [](int threads) {
    cpu::set_threads(threads);
    std::vector<check::Results> results;
    for_each_case<T>([&](const auto& one, Index size) {
      results.push_back(check::value_and_gradients<T>(one, size, cpu::device(), one.operation));
    });
    return results;
  };
  const Index grain = std::exchange(cpu::context().grain, 1);
  const auto expected = results_with(1);
  for (int threads : {2, 3, 7}) {
    const auto results = results_with(threads);
    std::size_t i = 0;
    for_each_case<T>([&](const auto& one, Index size) {
      BOOST_TEST((results[i] == expected[i]),
                 one.name << " at " << size << " with " << threads << " threads");
      ++i;
    });
  }
  cpu::context().grain = grain;
  cpu::set_threads(0);
}

BOOST_AUTO_TEST_CASE(every_operation_has_a_row) {
  std::set<std::string> rows;
  for (const auto& one : check::operation_cases<double>())
    rows.insert(one.name.substr(0, one.name.find(' ')));
  const std::map<std::string, std::string> infix = {
      {"operator+", "add"}, {"operator-", "subtract"}, {"operator*", "multiply"}, {"operator/", "divide"}};
  // General functions, which the rows reach through the named operations, and functions that return no
  // tensor.
  std::set<std::string> without = {
      "unary", "binary", "reduce", "reduce_all", "attention_shape", "copy_strided", "matmul_into",
      "require_same_device",
      // helpers of the scan
      "data_or_null", "scan_shape", "causal_shape", "require_memory", "normalisers_of", "scan_inputs",
      // what pow computes, which has rows
      "power",
      // functions that pass no gradient (tests/ops/compare.cpp) and functions that make tensors
      // (tests/ops/create.cpp)
      "pairwise_on_host", "compared", "scalar_like", "all", "any", "argmax", "argmin", "elements_at",
      "rows_at", "of_each_line", "first_id", "require_one_shape", "mean_of_pairs", "converted_on_host",
      "randn", "uniform", "arange_of", "arange", "zeros", "ones", "full", "eye", "matrix_of", "matrix",
      "manual_seed", "room_for", "copy_part", "comparable", "id_arithmetic", "operator<<",
      "operator%=", "element_name", "var" /* another name of variance */};
  for (const std::string& name : functions()) {
    if (without.erase(name) > 0) continue;
    const auto word = infix.find(name);
    BOOST_TEST(rows.contains(word == infix.end() ? name : word->second), name << " has no row");
  }
  BOOST_TEST(without.empty(), "no function is named " << (without.empty() ? "" : *without.begin()));
}

BOOST_AUTO_TEST_CASE(every_kernel_is_reached_by_a_row) {
  // Takes one kernel away at a time: at least one row must miss it. The optimisers' kernels have their own
  // tests, and so have kernels that no operation of one element type reaches.
  const std::set<std::string> apart = {"memory.gather_rows", "elementwise.widen", "elementwise.narrow"};
  using Table = KernelTable<double>;
  const Table complete = cpu::table<double>();
  constexpr std::size_t optimisers = offsetof(Table, optimiser) / sizeof(void (*)()),
                        after = optimisers + test::kernel_count<OptimiserKernels<double>>;
  Device device("one kernel missing", cpu::context(), cpu::memory(), cpu::table<float>(), complete);
  const auto cases = check::operation_cases<double>();
  const std::vector<std::string> names = test::kernel_names();
  for (std::size_t missing = 0; missing < names.size(); ++missing) {
    if ((missing >= optimisers && missing < after) || apart.contains(names[missing])) continue;
    Table table = complete;
    reinterpret_cast<void**>(&table)[missing] = nullptr;
    device.use(cpu::table<float>(), table);
    const bool missed = std::ranges::any_of(cases, [&](const auto& one) {
      try {
        check::value_and_gradients<double>(one, 3, device, one.operation);
        return false;
      } catch (const MissingKernel&) {
        return true;
      }
    });
    BOOST_TEST(missed, "no row reaches the kernel " << names[missing]);
  }
}

BOOST_AUTO_TEST_SUITE_END()
