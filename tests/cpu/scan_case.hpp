#pragma once
// Cases of the scan kernels with their inputs, and the results by the definition, token by token in double.

#include <optional>

#include "cpu/kernel_test.hpp"

namespace kernel_test {

using memsizer::Id;
using memsizer::ScanNormaliser;
using memsizer::ScanShape;

/// What a scan computes. causal: y and the memory after the segment; source: only the memory, of a source;
/// read: only y, from a memory that stays as it is.
enum class Form { causal, source, read };

struct ScanCase {
  Index batch = 2, time = 5, heads = 1, features = 4, dim = 6;
  ScanNormaliser normaliser = {};
  bool inverse_root_count = false, decay = false, with_state = true;
  Form form = Form::causal;
  std::vector<Id> lengths = {}, counts = {};

  ScanShape shape() const {
    return {.batch = batch,
            .time = time,
            .heads = heads,
            .features = features,
            .dim = dim,
            .normaliser = normaliser,
            .inverse_root_count = inverse_root_count,
            .lengths = lengths.empty() ? nullptr : lengths.data(),
            .counts = counts.empty() ? nullptr : counts.data()};
  }
  bool reads() const { return form != Form::source; }
  bool adds() const { return form != Form::read; }
  /// Whether the sums of the keys are computed.
  bool sums() const { return normaliser || form == Form::source; }
};

inline std::ostream& operator<<(std::ostream& out, const ScanCase& c) {
  out << c.batch << " x " << c.time << ", " << c.heads << " heads, " << c.features << " features, dim "
      << c.dim;
  if (c.form != Form::causal) out << (c.form == Form::source ? ", of a source" : ", read");
  if (c.normaliser) out << ", normaliser " << static_cast<int>(c.normaliser.guard);
  return out << (c.inverse_root_count ? ", inverse root" : "") << (c.decay ? ", decay" : "")
             << (c.lengths.empty() ? "" : ", ragged") << (c.counts.empty() ? "" : ", counted")
             << (c.with_state ? ", with a state" : "");
}

/// The arrays of a case. Arrays that the case does not use are drawn too.
template <class T>
struct ScanArrays {
  Guarded<T> q, k, v, decay, memory, sums, dy, dmemory, dsums;

  explicit ScanArrays(const ScanCase& c)
      : q(uniform<T>(c.batch * c.time * c.heads * c.features, "q", 0.1, 1)),
        k(uniform<T>(c.batch * c.time * c.heads * c.features, "k", c.normaliser ? 0.1 : -1, 1)),
        v(uniform<T>(c.batch * c.time * c.heads * c.dim, "v")),
        decay(uniform<T>(c.batch * c.heads * c.time, "decay", 0.3, 1)),
        memory(uniform<T>(c.batch * c.heads * c.features * c.dim, "memory")),
        sums(uniform<T>(c.batch * c.heads * c.features, "sums", 0.1, 1)),
        dy(uniform<T>(v.size(), "dy")),
        dmemory(uniform<T>(memory.size(), "dmemory")),
        dsums(uniform<T>(sums.size(), "dsums")) {
    for (Index i = 3; i < decay.size(); i += 7) decay[i] = 0;  // a new document begins
  }

  memsizer::ScanInputs<T> inputs(const ScanCase& c) const {
    memsizer::ScanInputs<T> in;
    if (c.reads()) in.query = q.data();
    if (c.adds()) in.key = k.data();
    if (c.adds()) in.value = v.data();
    if (c.decay) in.decay = decay.data();
    if (c.with_state) in.memory = memory.data();
    if (c.with_state && c.sums()) in.sums = sums.data();
    return in;
  }
};

/// A scan by its definition. The gradients are those of sum(y dy) + sum(memory dmemory) + sum(sums dsums).
struct NaiveScan {
  std::vector<double> y, normalisers, memory, sums, dq, dk, dv, ddecay, dmemory, dsums;

  template <class T>
  NaiveScan(const ScanCase& c, const ScanArrays<T>& in)
      : y(in.v.size()),
        normalisers(c.batch * c.time * c.heads),
        memory(in.memory.size()),
        sums(in.sums.size()),
        dq(in.q.size()),
        dk(in.k.size()),
        dv(in.v.size()),
        ddecay(in.decay.size()),
        dmemory(in.dmemory.begin(), in.dmemory.end()),
        dsums(in.dsums.begin(), in.dsums.end()) {
    if (c.with_state) memory.assign(in.memory.begin(), in.memory.end());
    if (c.with_state) sums.assign(in.sums.begin(), in.sums.end());
    if (c.form == Form::read) dmemory.assign(memory.size(), 0), dsums.assign(sums.size(), 0);
    if (!c.sums()) dsums.assign(sums.size(), 0), sums.assign(sums.size(), 0);
    for (Index b = 0; b < c.batch; ++b)
      for (Index h = 0; h < c.heads; ++h) run(c, in, b, h);
  }

 private:
  /// Runs one head. Column `dim` of the state holds the sums, as if all values had a 1 in that column.
  template <class T>
  void run(const ScanCase& c, const ScanArrays<T>& in, Index b, Index h) {
    const Index unit = b * c.heads + h, length = c.shape().length(b);
    const auto row = [&](Index t) { return (b * c.time + t) * c.heads + h; };
    const auto value = [&](Index t, Index d) { return d == c.dim ? 1.0 : double{in.v[row(t) * c.dim + d]}; };
    const auto at = [&](std::vector<double>& m, std::vector<double>& z, Index s, Index d) -> double& {
      return d == c.dim ? z[unit * c.features + s] : m[(unit * c.features + s) * c.dim + d];
    };
    const auto keep = [&](Index t) { return c.decay ? double{in.decay[unit * c.time + t]} : 1.0; };
    using State = std::vector<double>;
    std::vector<std::pair<State, State>> before;
    std::vector<double> factor, dnormaliser;
    for (Index t = 0; t < length; ++t) {
      before.emplace_back(memory, sums);
      double n = 0;
      for (Index s = 0; s < c.features; ++s)
        for (Index d = 0; d <= c.dim; ++d) {
          double& state = at(memory, sums, s, d);
          state *= keep(t);
          if (c.adds() && (d < c.dim || c.sums())) state += in.k[row(t) * c.features + s] * value(t, d);
          const double part = in.q[row(t) * c.features + s] * state;
          if (c.reads()) (d == c.dim ? n : y[row(t) * c.dim + d]) += part;
        }
      factor.push_back(memsizer::scan_factor(c.shape(), b, t, c.adds(), n));
      double product = 0;
      for (Index d = 0; d < c.dim; ++d)
        product += in.dy[row(t) * c.dim + d] * (y[row(t) * c.dim + d] *= factor[t]);
      if (!c.normaliser) n = 0;
      normalisers[row(t)] = n;
      dnormaliser.push_back(c.normaliser ? -c.normaliser.slope(n) / c.normaliser.divisor(n) * product : 0);
    }
    for (Index t = length; t-- > 0;)
      for (Index s = 0; s < c.features; ++s)
        for (Index d = 0; d <= c.dim; ++d) {
          double& dstate = at(dmemory, dsums, s, d);
          const double du = !c.reads()   ? 0
                            : d == c.dim ? dnormaliser[t]
                                         : factor[t] * in.dy[row(t) * c.dim + d];
          const double old = at(before[t].first, before[t].second, s, d);
          const bool adds = c.adds() && (d < c.dim || c.sums());
          const double now = keep(t) * old + (adds ? in.k[row(t) * c.features + s] * value(t, d) : 0);
          dq[row(t) * c.features + s] += now * du;
          dstate += in.q[row(t) * c.features + s] * du;
          if (adds) dk[row(t) * c.features + s] += dstate * value(t, d);
          if (adds && d < c.dim) dv[row(t) * c.dim + d] += dstate * in.k[row(t) * c.features + s];
          ddecay[unit * c.time + t] += dstate * old;
          dstate *= keep(t);
        }
  }
};

/// The results of a scan with all outputs that its form has.
template <class T>
struct ScanResults {
  Guarded<T> y, normalisers, memory, sums;

  ScanResults(const ScanCase& c, const ScanArrays<T>& in)
      : y(in.v.size(), T{9}),
        normalisers(c.batch * c.time * c.heads),
        memory(in.memory.size(), T{9}),
        sums(in.sums.size()) {
    memsizer::cpu::table<T>().scan.causal_scan(memsizer::cpu::context(), outputs(c), in.inputs(c), c.shape());
  }

  memsizer::ScanOutputs<T> outputs(const ScanCase& c) {
    memsizer::ScanOutputs<T> out;
    if (c.reads()) out.y = y.data();
    if (c.reads() && c.normaliser) out.normalisers = normalisers.data();
    if (c.adds()) out.memory = memory.data();
    if (c.adds() && c.sums()) out.sums = sums.data();
    return out;
  }
};

/// One case of the given sizes for each combination of form and options that we test.
inline std::vector<ScanCase> with_options(const ScanCase& sizes) {
  using Guard = ScanNormaliser::Guard;
  std::vector<ScanCase> cases;
  for (const Guard guard : {Guard::none, Guard::plus, Guard::at_least, Guard::magnitude_at_least})
    for (const bool decay : {false, true})
      for (const bool with_state : {false, true}) {
        ScanCase one = sizes;
        one.normaliser = {guard, guard == Guard::plus ? 0.1 : 3.0};
        one.inverse_root_count = guard == Guard::none || guard == Guard::at_least;
        one.decay = decay;
        one.with_state = with_state;
        cases.push_back(one);
      }
  for (const bool decay : {false, true}) {
    ScanCase source = sizes, read = sizes;
    source.form = Form::source;
    source.decay = read.decay = decay;
    source.with_state = decay;
    read.form = Form::read;
    read.normaliser = {Guard::plus, 0.1};
    cases.push_back(source);
    cases.push_back(read);
  }
  return cases;
}

}  // namespace kernel_test
