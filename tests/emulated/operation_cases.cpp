// Every operation on the emulated device, from the one list of operation cases.
#include "device_cases.hpp"
#include "emulated/comparison.hpp"
#include "kernels/emulated/device.hpp"

BOOST_AUTO_TEST_SUITE(operation_cases)

using namespace memsizer;

namespace {

/// 1,023 queries make about a million pairs, and a lane computes each pair, so at this size only the case of
/// attention runs that has few keys a query.
bool takes_long(const std::string& name, Index size) {
  return size > 33 && name.starts_with("attention ") && name != "attention window 31";
}

device_cases::Trial emulated_trial() {
  return {.device = emulated::device(), .takes_long = takes_long, .before_size = [](std::size_t number) {
            emulated::context().schedule = {.seed = number, .threads_per_block = number % 2 == 0 ? 0u : 96u};
          }};
}

/// Puts the default schedule back at the end of a test.
struct DefaultSchedule {
  ~DefaultSchedule() { emulated::context().schedule = {}; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(values_and_gradients_equal_the_cpu) {
  const DefaultSchedule at_the_end;
  device_cases::check_double(emulated_trial());
}

BOOST_AUTO_TEST_CASE(float_equals_the_cpus_double) {
  const DefaultSchedule at_the_end;
  device_cases::check_narrow<float>(emulated_trial());
}

BOOST_AUTO_TEST_CASE(gradients_equal_differences) {
  const DefaultSchedule at_the_end;
  device_cases::check_gradients(emulated_trial());
}

BOOST_AUTO_TEST_CASE(bfloat16_rounds_what_double_gives) {
  const DefaultSchedule at_the_end;
  device_cases::check_narrow<bfloat16>(emulated_trial());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(two_runs_are_equal_bit_for_bit_whatever_the_order, T, comparison::AllTypes) {
  const DefaultSchedule at_the_end;
  device_cases::check_determinism<T>(emulated::device(), 33, [](int run) {
    emulated::context().schedule = {.seed = run == 0 ? 0 : 7 + sizeof(T)};
  });
}

BOOST_AUTO_TEST_SUITE_END()
