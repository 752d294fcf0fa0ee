#include "memsizer/cpu/scan.hpp"

#include "cpu/scan_case.hpp"

BOOST_AUTO_TEST_SUITE(scan_kernels)

using namespace memsizer;
using namespace kernel_test;

namespace {

template <class T>
ScanCotangents<T> cotangents(const ScanCase& c, const ScanArrays<T>& in, const ScanResults<T>& results) {
  ScanCotangents<T> cotangents;
  if (c.reads()) cotangents.dy = in.dy.data();
  if (c.normaliser) cotangents.y = results.y.data();
  if (c.normaliser) cotangents.normalisers = results.normalisers.data();
  if (c.adds()) cotangents.dmemory = in.dmemory.data();
  if (c.adds() && c.sums()) cotangents.dsums = in.dsums.data();
  return cotangents;
}

/// Asks for each gradient alone, then for all at once.
template <class T>
void check_gradients(const ScanCase& c, const ScanArrays<T>& in, const NaiveScan& naive) {
  const ScanResults<T> results(c, in);
  const auto backward = [&](const ScanGradients<T>& gradients) {
    cpu::table<T>().scan.causal_scan_backward(cpu::context(), gradients, cotangents(c, in, results),
                                              in.inputs(c), c.shape());
  };
  const auto check = [&](const char* name, const std::vector<double>& expected,
                         Output<T> ScanGradients<T>::*member) {
    BOOST_TEST_CONTEXT(name)
    check_gradient<T>(expected, 40, [&](Output<T> gradient) {
      ScanGradients<T> gradients;
      gradients.*member = gradient;
      backward(gradients);
    });
  };
  if (c.reads()) check("dquery", naive.dq, &ScanGradients<T>::dquery);
  if (c.adds()) check("dkey", naive.dk, &ScanGradients<T>::dkey);
  if (c.adds()) check("dvalue", naive.dv, &ScanGradients<T>::dvalue);
  if (c.decay) check("ddecay", naive.ddecay, &ScanGradients<T>::ddecay);
  check("dmemory", naive.dmemory, &ScanGradients<T>::dmemory);
  if (c.sums()) check("dsums", naive.dsums, &ScanGradients<T>::dsums);
  Guarded<T> dq(in.q.size()), dk(in.k.size()), dv(in.v.size()), ddecay(in.decay.size()),
      dmemory(in.memory.size());
  ScanGradients<T> all{.dmemory = {dmemory.data()}};
  if (c.reads()) all.dquery = {dq.data()};
  if (c.adds()) all.dkey = {dk.data()};
  if (c.adds()) all.dvalue = {dv.data()};
  if (c.decay) all.ddecay = {ddecay.data()};
  backward(all);
  if (c.reads()) check_close(dq, naive.dq, 40);
  if (c.adds()) check_close(dk, naive.dk, 40);
  if (c.adds()) check_close(dv, naive.dv, 40);
  if (c.decay) check_close(ddecay, naive.ddecay, 40);
  check_close(dmemory, naive.dmemory, 40);
}

template <class T>
void check_scan(const ScanCase& c) {
  BOOST_TEST_CONTEXT(c) {
    const ScanArrays<T> in(c);
    const NaiveScan naive(c, in);
    with_threads([&] {
      const ScanResults<T> results(c, in);
      if (c.reads()) check_close(results.y, naive.y, 20);
      if (c.adds()) check_close(results.memory, naive.memory, 20);
      if (c.adds() && c.sums()) check_close(results.sums, naive.sums, 20);
      if (c.normaliser) check_close(results.normalisers, naive.normalisers, 20);
      check_gradients(c, in, naive);
    });
  }
}

/// Cuts the scan of `whole` into segments that advance one state in place, and checks that nothing changes.
template <class T>
void check_segments(const ScanCase& whole, Index segment) {
  const ScanArrays<T> in(whole);
  const NaiveScan naive(whole, in);
  Guarded<T> y(in.v.size()), memory = in.memory, sums = in.sums;
  for (Index t = 0; t < whole.time; t += segment) {
    ScanCase part = whole;
    part.time = std::min(segment, whole.time - t);
    part.counts.assign(static_cast<std::size_t>(whole.batch), static_cast<Id>(t));
    const auto cut = [&](const Guarded<T>& all, Index rows, Index width) {
      Guarded<T> piece(rows * part.time * width);
      for (Index row = 0; row < rows; ++row)
        std::copy_n(all.data() + (row * whole.time + t) * width, part.time * width,
                    piece.data() + row * part.time * width);
      return piece;
    };
    const Index batch = whole.batch, heads = whole.heads;
    const Guarded<T> q = cut(in.q, batch, heads * whole.features),
                     k = cut(in.k, batch, heads * whole.features), v = cut(in.v, batch, heads * whole.dim),
                     decay = cut(in.decay, batch * heads, 1);
    Guarded<T> out(v.size()), normalisers(batch * part.time * heads);
    cpu::table<T>().scan.causal_scan(
        cpu::context(), {out.data(), normalisers.data(), memory.data(), sums.data()},
        {q.data(), k.data(), v.data(), whole.decay ? decay.data() : nullptr, memory.data(), sums.data()},
        part.shape());
    for (Index b = 0; b < batch; ++b)
      std::copy_n(out.data() + b * part.time * heads * whole.dim, part.time * heads * whole.dim,
                  y.data() + (b * whole.time + t) * heads * whole.dim);
  }
  check_close(y, naive.y, 20);
  check_close(memory, naive.memory, 20);
  check_close(sums, naive.sums, 20);
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(every_option_and_form, T, Types) {
  for (const ScanCase& c : with_options({.batch = 2,
                           .time = 70,
                           .heads = 3,
                           .features = 5,
                           .dim = 7,
                           .lengths = {70, 33},
                           .counts = {4, 1000}}))
    check_scan<T>(c);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(odd_sizes_of_time, T, Types) {
  for (Index time : {0, 1, 2, 31, 33, 65})
    for (bool with_state : {false, true})
      for (bool options : {false, true})
        check_scan<T>(
            {.time = time,
             .normaliser = {options ? ScanNormaliser::Guard::plus : ScanNormaliser::Guard::none, 0.1},
             .inverse_root_count = !options,
             .decay = options,
             .with_state = with_state});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(odd_sizes_of_all_else, T, Types) {
  for (const ScanCase& sizes :
       {ScanCase{.batch = 0}, ScanCase{.features = 0}, ScanCase{.dim = 0}, ScanCase{.heads = 0},
        ScanCase{.batch = 3, .time = 64, .features = 1, .dim = 1},
        ScanCase{.batch = 1, .time = 70, .features = 32, .dim = 300},
        ScanCase{.batch = 1, .time = 300, .heads = 2, .features = 33, .dim = 65}})
    for (const ScanCase& c : with_options(sizes))
      if (c.with_state) check_scan<T>(c);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(ragged_and_counted_scans, T, Types) {
  for (bool decay : {false, true})
    check_scan<T>({.batch = 4,
                   .time = 100,
                   .inverse_root_count = true,
                   .decay = decay,
                   .lengths = {100, 0, 33, 1},
                   .counts = {0, 7, 1000, 16384}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_state_is_updated_in_place_step_by_step, T, Types) {
  for (Index segment : {1, 2, 3, 32, 69})
    for (bool decay : {false, true})
      check_segments<T>({.time = 70,
                         .heads = 2,
                         .features = 5,
                         .dim = 20,
                         .normaliser = {ScanNormaliser::Guard::plus, 0.1},
                         .inverse_root_count = true,
                         .decay = decay},
                        segment);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(results_do_not_depend_on_threads, T, Types) {
  for (const ScanCase& sizes : {ScanCase{.batch = 3, .time = 100, .heads = 2, .features = 32, .dim = 100},
                                ScanCase{.batch = 1, .time = 40, .features = 32, .dim = 700}})
    for (const ScanCase& c : with_options(sizes)) BOOST_TEST_CONTEXT(c) {
        const ScanArrays<T> in(c);
        std::vector<Guarded<T>> results;
        with_threads([&] {
          const ScanResults<T> forward(c, in);
          Guarded<T> gradients(in.q.size() + in.k.size() + in.v.size() + in.decay.size());
          T* place = gradients.data();
          ScanGradients<T> wanted;
          if (c.reads()) wanted.dquery = {place};
          if (c.adds()) wanted.dkey = {place += in.q.size()};
          if (c.adds()) wanted.dvalue = {place += in.k.size()};
          if (c.decay) wanted.ddecay = {gradients.data() + gradients.size() - in.decay.size()};
          cpu::table<T>().scan.causal_scan_backward(cpu::context(), wanted, cotangents(c, in, forward),
                                                    in.inputs(c), c.shape());
          for (const Guarded<T>& one : {forward.y, forward.memory, forward.sums, gradients})
            results.push_back(one);
        });
        for (std::size_t i = 4; i < results.size(); ++i) BOOST_TEST(results[i].same_bits(results[i % 4]));
      }
}

BOOST_AUTO_TEST_SUITE_END()
