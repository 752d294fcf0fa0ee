#include "memsizer/cpu/scratch.hpp"

#include <cstdint>
#include <thread>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(scratch)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(a_block_is_aligned_and_reused) {
  struct Here;
  float* const block = cpu::scratch<float, Here>(100);
  BOOST_TEST(reinterpret_cast<std::uintptr_t>(block) % EIGEN_MAX_ALIGN_BYTES == 0u);
  block[0] = 7;
  BOOST_TEST((cpu::scratch<float, Here>(100)) == block);
  BOOST_TEST(block[0] == 7);
  float* const larger = cpu::scratch<float, Here>(100000);
  larger[99999] = 1;
  BOOST_TEST(reinterpret_cast<std::uintptr_t>(larger) % EIGEN_MAX_ALIGN_BYTES == 0u);
}

BOOST_AUTO_TEST_CASE(purposes_types_and_threads_have_blocks_of_their_own) {
  struct One;
  struct Other;
  float* const one = cpu::scratch<float, One>(8);
  BOOST_TEST((cpu::scratch<float, Other>(8)) != one);
  BOOST_TEST(static_cast<void*>(cpu::scratch<double, One>(8)) != one);
  float* of_a_thread = nullptr;
  std::thread([&] { of_a_thread = cpu::scratch<float, One>(8); }).join();
  BOOST_TEST(of_a_thread != one);
  BOOST_TEST((cpu::scratch<float, One>(0)) != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
