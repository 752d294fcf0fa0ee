#pragma once
// Shared parts of the kernel tests: odd sizes, random arrays with guarded ends, comparison with naive
// results, and runs with several numbers of threads.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <string_view>
#include <vector>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"
#include "memsizer/cpu/context.hpp"

namespace kernel_test {

using memsizer::Index;
using memsizer::Output;

using Types = boost::mpl::list<float, double>;

inline constexpr Index odd_sizes[] = {0, 1, 31, 33, 1023};

/// Aligns arrays as tensors are aligned, because the order of a vectorised sum depends on the alignment.
template <class T>
struct LineAllocator {
  using value_type = T;
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{64})); }
  void deallocate(T* block, std::size_t) { ::operator delete (block, std::align_val_t{64}); }
  bool operator==(const LineAllocator&) const { return true; }
};

/// An array of n elements with guards on both sides. intact() is false after a write beside the array.
template <class T>
class Guarded {
 public:
  explicit Guarded(Index n, T value = T{0}) : n_(n), elements_(margin, guard) {
    elements_.insert(elements_.end(), static_cast<std::size_t>(n), value);
    elements_.insert(elements_.end(), margin, guard);
  }

  T* data() { return elements_.data() + margin; }
  const T* data() const { return elements_.data() + margin; }
  Index size() const { return n_; }
  T& operator[](Index i) { return data()[i]; }
  const T& operator[](Index i) const { return data()[i]; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + n_; }

  bool intact() const {
    for (Index i = 0; i < margin; ++i)
      if (elements_[i] != guard || elements_[margin + n_ + i] != guard) return false;
    return true;
  }
  bool same_bits(const Guarded& other) const {
    return n_ == other.n_ && std::memcmp(data(), other.data(), n_ * sizeof(T)) == 0;
  }

 private:
  static constexpr Index margin = 16;
  static constexpr T guard = T{1234567};
  Index n_;
  std::vector<T, LineAllocator<T>> elements_;
};

/// Random numbers in [low, high). The name is the seed: the same name gives the same numbers.
template <class T>
Guarded<T> uniform(Index n, std::string_view name, double low = -2, double high = 2) {
  memsizer::RandomStream random(memsizer::name_key(name));
  Guarded<T> array(n);
  for (Index i = 0; i < n; ++i) array[i] = static_cast<T>(low + (high - low) * random.uniform());
  return array;
}

template <class T>
constexpr double tolerance = sizeof(T) == 4 ? 2e-6 : 1e-14;

/// Checks that the largest difference is at most tolerance * factor * the largest expected magnitude (at
/// least 1). NaN must meet NaN, and infinity the same infinity.
template <class T>
void check_close(const Guarded<T>& actual, const std::vector<double>& expected, double factor = 1) {
  BOOST_TEST(actual.intact(), "written beside the array");
  BOOST_TEST_REQUIRE(actual.size() == static_cast<Index>(expected.size()));
  double scale = 1, worst = 0;
  for (double value : expected)
    if (std::isfinite(value)) scale = std::max(scale, std::abs(value));
  for (Index i = 0; i < actual.size(); ++i) {
    const double value = actual[i];
    if (std::isnan(expected[i]) || std::isinf(expected[i])) {
      BOOST_TEST((std::isnan(expected[i]) ? std::isnan(value) : value == expected[i]),
                 "element " << i << " is " << value << ", not " << expected[i]);
    } else if (!(std::abs(value - expected[i]) <= worst)) {
      worst = std::abs(value - expected[i]);
    }
  }
  BOOST_TEST(worst <= tolerance<T> * factor * scale,
             "off by " << worst << " of " << scale << " (" << actual.size() << " elements)");
}

/// Calls body with the CPU device at 1, 2, 3 and 7 threads.
template <class Body>
void with_threads(const Body& body) {
  const int before = memsizer::cpu::context().threads().size();
  for (int threads : {1, 2, 3, 7}) {
    memsizer::cpu::set_threads(threads);
    BOOST_TEST_CONTEXT(threads << " threads") body();
  }
  memsizer::cpu::set_threads(before);
}

/// Checks a gradient output in both modes: kernel(gradient) must write `expected`, and with accumulate add it
/// to the numbers that were there. A second run must give the same bits.
template <class T, class Kernel>
void check_gradient(const std::vector<double>& expected, double factor, const Kernel& kernel) {
  const Index n = static_cast<Index>(expected.size());
  Guarded<T> written(n, std::numeric_limits<T>::quiet_NaN());
  kernel(Output<T>{written.data(), false});
  BOOST_TEST_CONTEXT("written") check_close(written, expected, factor);
  Guarded<T> again(n, T{7});
  kernel(Output<T>{again.data(), false});
  BOOST_TEST(written.same_bits(again), "a second run differs");
  Guarded<T> added(n, T{3});
  kernel(Output<T>{added.data(), true});
  std::vector<double> sum = expected;
  for (double& value : sum) value += 3;
  BOOST_TEST_CONTEXT("accumulated") check_close(added, sum, factor);
}

}  // namespace kernel_test
