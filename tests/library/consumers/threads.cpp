// An outside program that needs Eigen and threads and compiles no kernel: a sum on the thread pool.
#include <atomic>

#include <memsizer/cpu/parallel.hpp>

int main() {
  std::atomic<long> sum{0};
  memsizer::ThreadPool pool(2);
  pool.parallel_for(1000, 1, [&](memsizer::Index begin, memsizer::Index end) {
    for (memsizer::Index i = begin; i < end; ++i) sum += i;
  });
  return sum == Eigen::ArrayXi::LinSpaced(1000, 0, 999).sum() ? 0 : 1;
}
