#include "memsizer/device/device.hpp"

#include <cstdlib>
#include <map>
#include <thread>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"
#include "memsizer/base/sanitizer.hpp"
#include "memsizer/cpu/context.hpp"

#ifdef MEMSIZER_ASAN
#include <sanitizer/asan_interface.h>
#endif

BOOST_AUTO_TEST_SUITE(device)

using namespace memsizer;

namespace {

/// A device whose memory remembers the blocks that it gave away, and can be full.
struct CountingContext : Context {
  std::mutex mutex;
  std::map<void*, Index> alive;  // with their sizes
  int allocations = 0;
  std::size_t room = 1000;  // how many blocks fit
};

const DeviceMemory counting_memory{
    .allocate = [](Context& base, Index bytes) -> void* {
      auto& context = static_cast<CountingContext&>(base);
      std::lock_guard lock(context.mutex);
      if (context.alive.size() >= context.room) throw SystemError("full");
      ++context.allocations;
      return context.alive.emplace(std::malloc(static_cast<std::size_t>(bytes)), bytes).first->first;
    },
    .release =
        [](Context& base, void* block) {
          auto& context = static_cast<CountingContext&>(base);
          std::lock_guard lock(context.mutex);
          BOOST_TEST(context.alive.erase(block) == 1u);
          std::free(block);
        },
    .from_host = copy_on_host,
    .to_host = copy_on_host,
    .copy = copy_on_host,
    .host_readable = true};

}  // namespace

BOOST_AUTO_TEST_CASE(a_freed_block_serves_the_next_request_of_its_class) {
  CountingContext context;
  MemoryPool pool(context, counting_memory);
  pool.set_caching(true);
  void* first = pool.allocate(1000);
  pool.release(first, 1000);
  BOOST_TEST(pool.allocate(1000) == first);
  pool.release(first, 1000);
  BOOST_TEST(pool.allocate(990) == first);
  void* second = pool.allocate(990);
  BOOST_TEST(second != first);
  BOOST_TEST(context.allocations == 2);
  pool.release(first, 990);
  pool.release(second, 990);
}

BOOST_AUTO_TEST_CASE(blocks_are_large_enough_and_little_is_wasted) {
  CountingContext context;
  MemoryPool pool(context, counting_memory);
  for (Index bytes : {0, 1, 63, 64, 65, 1000, 1024, 1025, 4097, 1000003}) {
    void* block = pool.allocate(bytes);
    std::memset(block, 1, static_cast<std::size_t>(bytes));  // AddressSanitizer watches this
    BOOST_TEST(pool.bytes_in_use() >= bytes);
    BOOST_TEST(pool.bytes_in_use() <= std::max<Index>(64, bytes + bytes / 8 + 64));
    pool.release(block, bytes);
    BOOST_TEST(pool.bytes_in_use() == 0);
  }
}

BOOST_AUTO_TEST_CASE(use_and_peak_are_counted) {
  CountingContext context;
  MemoryPool pool(context, counting_memory);
  void* a = pool.allocate(1024);
  void* b = pool.allocate(2048);
  BOOST_TEST(pool.bytes_in_use() == 3072);
  pool.release(a, 1024);
  BOOST_TEST(pool.bytes_in_use() == 2048);
  BOOST_TEST(pool.peak_bytes() == 3072);
  pool.reset_peak();
  BOOST_TEST(pool.peak_bytes() == 2048);
  pool.release(b, 2048);
}

BOOST_AUTO_TEST_CASE(trimming_and_destruction_give_everything_back) {
  CountingContext context;
  {
    MemoryPool pool(context, counting_memory);
    pool.set_caching(true);
    for (Index bytes : {100, 200, 100}) pool.release(pool.allocate(bytes), bytes);
    BOOST_TEST(!context.alive.empty());
    pool.trim();
    BOOST_TEST(context.alive.empty());
    pool.release(pool.allocate(300), 300);
  }
  BOOST_TEST(context.alive.empty());
}

// The sizes rise, as those of the states in decoding, so that no block serves twice.
BOOST_AUTO_TEST_CASE(what_was_not_asked_for_longest_is_given_back) {
  CountingContext context;
  MemoryPool pool(context, counting_memory);
  pool.set_caching(true);
  const Index first = 1 << 10, last = 1 << 20;
  for (Index bytes = first; bytes <= last; bytes += bytes / 8) {
    pool.release(pool.allocate(bytes), bytes);
    Index held = 0;
    for (const auto& [block, size] : context.alive) held += size;
    BOOST_TEST(held <= 2 * pool.peak_bytes());
  }
  const int before = context.allocations;
  pool.release(pool.allocate(last - last / 16), last - last / 16);
  BOOST_TEST(context.allocations == before);
  pool.release(pool.allocate(first), first);
  BOOST_TEST(context.allocations == before + 1);
}

BOOST_AUTO_TEST_CASE(without_caching_every_block_goes_back_at_once) {
  CountingContext context;
  MemoryPool pool(context, counting_memory);
  pool.set_caching(true);
  pool.release(pool.allocate(100), 100);
  pool.set_caching(false);
  BOOST_TEST(context.alive.empty());
  pool.release(pool.allocate(100), 100);
  BOOST_TEST(context.alive.empty());
  BOOST_TEST(context.allocations == 2);
}

BOOST_AUTO_TEST_CASE(a_full_device_is_an_error_and_counts_nothing) {
  CountingContext context;
  MemoryPool pool(context, counting_memory);
  context.room = 0;
  BOOST_CHECK_THROW(pool.allocate(100), SystemError);
  BOOST_TEST(pool.bytes_in_use() == 0);
  context.room = 1;
  pool.release(pool.allocate(100), 100);
}

BOOST_AUTO_TEST_CASE(kept_blocks_make_room_for_one_of_another_class) {
  CountingContext context;
  MemoryPool pool(context, counting_memory);
  pool.set_caching(true);
  context.room = 1;
  pool.release(pool.allocate(1000), 1000);
  void* block = pool.allocate(5000);
  BOOST_TEST(context.alive.size() == 1u);
  BOOST_CHECK_THROW(pool.allocate(1000), SystemError);
  pool.release(block, 5000);
  BOOST_TEST(pool.bytes_in_use() == 0);
}

BOOST_AUTO_TEST_CASE(a_size_beyond_all_memory_is_an_error) {
  MemoryPool& pool = cpu::device().pool();
  const Index before = pool.bytes_in_use();
  for (Index bytes : {std::numeric_limits<Index>::max(), Index{1} << 62})
    BOOST_CHECK_THROW(pool.allocate(bytes), SystemError);
  BOOST_TEST(pool.bytes_in_use() == before);
}

BOOST_AUTO_TEST_CASE(many_threads_share_a_pool) {
  CountingContext context;
  MemoryPool pool(context, counting_memory);
  pool.set_caching(true);
  std::vector<std::thread> threads;
  for (std::uint64_t key = 0; key < 4; ++key)
    threads.emplace_back([&pool, key] {
      RandomStream random(key);
      for (int i = 0; i < 500; ++i) {
        const Index bytes = static_cast<Index>(random.below(4000));
        void* block = pool.allocate(bytes);
        std::memset(block, static_cast<int>(key), static_cast<std::size_t>(bytes));
        if (pool.bytes_in_use() < bytes) throw Error("a block in use is not counted");
        pool.release(block, bytes);
      }
    });
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(pool.bytes_in_use() == 0);
}

BOOST_AUTO_TEST_CASE(host_memory_is_aligned_to_cache_lines) {
  Device& device = cpu::device();
  BOOST_TEST(device.name() == "cpu");
  BOOST_TEST(device.memory().host_readable);
  for (Index bytes : {0, 1, 100, 4096, 5000}) {
    void* block = device.pool().allocate(bytes);
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(block) % 64 == 0u);
    device.pool().release(block, bytes);
  }
}

#ifdef MEMSIZER_ASAN
BOOST_AUTO_TEST_CASE(the_address_sanitizer_sees_a_block_end_and_go) {
  MemoryPool& pool = cpu::device().pool();
  for (Index bytes : {1, 100, 4096, 5000}) {
    auto* block = static_cast<char*>(pool.allocate(bytes));
    BOOST_TEST(__asan_region_is_poisoned(block, static_cast<std::size_t>(bytes)) == nullptr);
    BOOST_TEST(__asan_address_is_poisoned(block + bytes));
    pool.release(block, bytes);
    BOOST_TEST(__asan_address_is_poisoned(block));
  }
}
#endif

BOOST_AUTO_TEST_CASE(copies_reach_the_device_and_come_back) {
  Device& device = cpu::device();
  const double values[] = {1, 2, 3};
  double back[3] = {};
  void* block = device.pool().allocate(sizeof(values));
  device.memory().from_host(device.context(), block, values, sizeof(values));
  device.memory().to_host(device.context(), back, block, sizeof(values));
  device.pool().release(block, sizeof(values));
  BOOST_TEST(std::equal(values, values + 3, back));
}

BOOST_AUTO_TEST_CASE(another_filling_of_the_tables_can_take_over) {
  CountingContext context;
  KernelTable<float> float_table = cpu::table<float>();
  Device device("twin", context, counting_memory, cpu::table<float>(), cpu::table<double>());
  BOOST_TEST(&device.kernels<float>() == &cpu::table<float>());
  BOOST_TEST(&device.kernels<double>() == &cpu::table<double>());
  device.use(float_table, cpu::table<double>());
  BOOST_TEST(&device.kernels<float>() == &float_table);
}

BOOST_AUTO_TEST_CASE(kernels_of_a_type_come_with_what_needs_them) {
  CountingContext context;
  Device device("bare", context, counting_memory);
  BOOST_CHECK_EXCEPTION(device.kernels<float>(), Error, [](const Error& error) {
    return std::string(error.what()).find("device bare: no kernels of this type") == 0;
  });
  device.provide(cpu::table<float>());
  BOOST_TEST(&device.kernels<float>() == &cpu::table<float>());
  const KernelTable<float> other = cpu::table<float>();
  device.provide(other);
  BOOST_TEST(&device.kernels<float>() == &cpu::table<float>());  // the first table stays
  BOOST_CHECK_THROW(device.kernels<double>(), Error);
}

BOOST_AUTO_TEST_CASE(a_device_says_for_which_types_it_has_a_table) {
  CountingContext context;
  const KernelTable<float> floats;
  const Device device("counting", context, counting_memory, floats);
  BOOST_TEST(device.provides<float>());
  BOOST_TEST(!device.provides<bfloat16>());
}

BOOST_AUTO_TEST_SUITE_END()
