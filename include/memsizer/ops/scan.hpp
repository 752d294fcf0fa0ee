#pragma once
// The memory of fixed size of MemSizer (Zhang and Cai 2022, arXiv 2203.12644) and of kernel-based attention
// (Katharopoulos et al. 2020, arXiv 2006.16236): the causal scan, the memory of a source, and reading it.

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/checks.hpp"

namespace memsizer {

/// How a causal scan is computed.
template <class T>
struct ScanOptions {
  Index heads = 1;
  /// The divisor of y: none, or the normaliser q_t z_t guarded against 0.
  ScanNormaliser normaliser = {};
  /// Whether y is divided by the root of the number of tokens in the memory, as MemSizer's is.
  bool inverse_root_count = false;
  /// [batch] real tokens; undefined: all.
  Tensor<Id> lengths = {};
  /// [batch, heads, time], the share of the earlier memory that remains at each token; undefined: all of it.
  Tensor<T> decay = {};
};

/// The state that a causal scan carries from one segment to the next, outside the tape.
template <class T>
struct ScanState {
  /// [batch, heads, features, dim], read and advanced in place. Undefined: the scan begins with zeros and
  /// keeps nothing.
  Tensor<Accumulate<T>> memory = {};
  /// [batch, heads, features], the same for the sums of the keys, which a normaliser needs.
  Tensor<Accumulate<T>> sums = {};
  /// [batch] tokens in the memory before this segment; undefined: 0.
  Tensor<Id> counts = {};
};

/// The memory of a source.
template <class T>
struct SourceMemory {
  Tensor<Accumulate<T>> memory;  // [batch, heads, features, dim]
  Tensor<Accumulate<T>> sums;    // [batch, heads, features]
};

namespace detail {

/// The elements; null for an undefined tensor.
template <class T>
T* data_or_null(const Tensor<T>& x) {
  return x.defined() ? x.data() : nullptr;
}

inline void require_rows(const char* name, const char* what, const Tensor<Id>& rows, Index batch) {
  require(!rows.defined() || rows.shape() == Shape{batch}, name, ": one ", what, " for each of ", batch,
          " rows expected, got shape ", rows.defined() ? rows.shape() : Shape{});
}

/// The sizes of keys [batch, time, heads * features] and values [batch, time, heads * dim].
template <class T>
ScanShape scan_shape(const char* name, const Tensor<T>& k, const Tensor<T>& v, Index heads,
                     const Tensor<Id>& lengths) {
  require(k.rank() == 3 && v.rank() == 3 && k.extent(0) == v.extent(0) && k.extent(1) == v.extent(1), name,
          ": keys [batch, time, features] and values [batch, time, dim] expected, got ", k.shape(), " and ",
          v.shape());
  require(heads > 0 && k.extent(2) % heads == 0 && v.extent(2) % heads == 0, name, ": keys of shape ",
          k.shape(), " and values of shape ", v.shape(), " do not split into ", heads, " heads");
  require_rows(name, "length", lengths, k.extent(0));
  return {.batch = k.extent(0),
          .time = k.extent(1),
          .heads = heads,
          .features = k.extent(2) / heads,
          .dim = v.extent(2) / heads,
          .lengths = data_or_null(lengths)};
}

/// InputError unless the memory and the sums, if they are defined, have the shapes that the scan needs.
template <class A>
void require_memory(const char* name, const Tensor<A>& memory, const Tensor<A>& sums,
                    const ScanShape& shape) {
  const Shape sums_shape{shape.batch, shape.heads, shape.features};
  const Shape memory_shape{shape.batch, shape.heads, shape.features, shape.dim};
  require(!memory.defined() || memory.shape() == memory_shape, name, ": a memory of shape ", memory_shape,
          " expected, got ", memory.defined() ? memory.shape() : Shape{});
  require(!sums.defined() || sums.shape() == sums_shape, name, ": sums of shape ", sums_shape,
          " expected, got ", sums.defined() ? sums.shape() : Shape{});
}

/// A tensor [batch, time, heads] for the normalisers if the scan divides by them; else undefined.
template <class T>
Tensor<Accumulate<T>> normalisers_of(const ScanShape& shape, Device& device) {
  if (!shape.normaliser) return {};
  return Tensor<Accumulate<T>>(Shape{shape.batch, shape.time, shape.heads}, device);
}

template <class T>
ScanInputs<T> scan_inputs(const Tensor<T>& q, const Tensor<T>& k, const Tensor<T>& v, const Tensor<T>& decay,
                          const Tensor<Accumulate<T>>& memory, const Tensor<Accumulate<T>>& sums) {
  return {.query = q.data(),
          .key = k.data(),
          .value = v.data(),
          .decay = data_or_null(decay),
          .memory = data_or_null(memory),
          .sums = data_or_null(sums)};
}

/// The shape of a causal scan; InputError unless all arguments fit.
template <class T>
ScanShape causal_shape(const char* name, const Tensor<T>& q, const Tensor<T>& k, const Tensor<T>& v,
                       const ScanOptions<T>& options, const ScanState<T>& state) {
  ScanShape shape = scan_shape(name, k, v, options.heads, options.lengths);
  require(q.shape() == k.shape(), name, ": queries and keys of one shape expected, got ", q.shape(), " and ",
          k.shape());
  const Shape decay{shape.batch, shape.heads, shape.time};
  require(!options.decay.defined() || options.decay.shape() == decay, name, ": a decay of shape ", decay,
          " expected, got ", options.decay.defined() ? options.decay.shape() : Shape{});
  require_memory(name, state.memory, state.sums, shape);
  require_rows(name, "count", state.counts, shape.batch);
  require(!options.normaliser || state.memory.defined() == state.sums.defined(), name,
          ": with a normaliser, a state of memory and sums expected");
  shape.normaliser = options.normaliser;
  shape.inverse_root_count = options.inverse_root_count;
  shape.counts = data_or_null(state.counts);
  return shape;
}

}  // namespace detail

/// y [batch, time, heads * dim] of the causal scan in each head,
///   M_t = g_t M_(t-1) + k_t v_t^T,  z_t = g_t z_(t-1) + k_t,  y_t = s_t q_t M_t / divisor(q_t z_t),
/// with M, z and the count of tokens from the state, and s_t the inverse root of the number of tokens in M_t
/// if the options ask for it (else 1). q, k are [batch, time, heads * features], v is [batch, time, heads *
/// dim]. No gradient reaches the state. InputError for other shapes, or if there is a normaliser and the
/// state has a memory but no sums.
template <class T>
Tensor<T> causal_scan(const Tensor<T>& q, const Tensor<T>& any_k, const Tensor<T>& any_v,
                      const ScanOptions<T>& options = {}, const ScanState<T>& state = {}) {
  const char* const name = "causal_scan";
  require_same_device(name, q, any_k, any_v, options.lengths, options.decay, state.memory, state.sums,
                      state.counts);
  const Tensor<T> k = apart_from(any_k, q), v = apart_from(any_v, q, any_k);
  const Tensor<T> decay = apart_from(options.decay, q, any_k, any_v);
  const ScanShape shape = detail::causal_shape(name, q, k, v, options, state);
  const bool recorded = is_recorded(q, k, v, decay);
  const auto kept = [&](const auto& x) { return x.defined() && recorded ? x.clone() : x; };
  const Tensor<Accumulate<T>> memory = kept(state.memory), sums = kept(state.sums);
  for (const auto* written : {&state.memory, &state.sums})
    if (written->defined()) written->mark_changed();
  Tensor<T> y(v.shape(), v.device());
  const Tensor<Accumulate<T>> normalisers = detail::normalisers_of<T>(shape, v.device());
  launch(v.device(), name, v.kernels().scan.causal_scan,
         ScanOutputs<T>{.y = y.data(),
                        .normalisers = detail::data_or_null(normalisers),
                        .memory = detail::data_or_null(state.memory),
                        .sums = detail::data_or_null(state.sums)},
         detail::scan_inputs(q, k, v, decay, memory, sums), shape);
  const Saved<T> divided = shape.normaliser ? Saved(y) : Saved<T>();
  record(
      name, y,
      // The shape points into lengths and counts, so the record keeps them alive.
      [=, dq = GradientTarget(q), dk = GradientTarget(k), dv = GradientTarget(v),
       ddecay = GradientTarget(decay), q = Saved(q), k = Saved(k), v = Saved(v), decay = Saved(decay),
       lengths = Saved(options.lengths), counts = Saved(state.counts)](const Tensor<T>& dy) {
        require_unchanged(lengths, counts);
        launch(v.device(), "causal_scan_backward", v.kernels().scan.causal_scan_backward,
               ScanGradients<T>{.dquery = dq(), .dkey = dk(), .dvalue = dv(), .ddecay = ddecay()},
               ScanCotangents<T>{.dy = dy.data(),
                                 .y = divided.data_or_null(),
                                 .normalisers = detail::data_or_null(normalisers)},
               detail::scan_inputs(*q, *k, *v, *decay, memory, sums), shape);
      },
      q, k, v, decay);
  return y;
}

/// The memory of a source, M = sum of k_j v_j^T and z = sum of k_j over its lengths[b] real tokens in each
/// head. k is [batch, time, heads * features], v is [batch, time, heads * dim]; lengths [batch] may be
/// undefined: then all tokens are real. InputError for other shapes.
template <class T>
SourceMemory<T> key_value_memory(const Tensor<T>& k, const Tensor<T>& any_v, Index heads = 1,
                                 const Tensor<Id>& lengths = {}) {
  using A = Accumulate<T>;
  require_same_device("key_value_memory", k, any_v, lengths);
  const Tensor<T> v = apart_from(any_v, k);
  const ScanShape shape = detail::scan_shape("key_value_memory", k, v, heads, lengths);
  SourceMemory<T> source{Tensor<A>({shape.batch, heads, shape.features, shape.dim}, k.device()),
                         Tensor<A>({shape.batch, heads, shape.features}, k.device())};
  launch(k.device(), "key_value_memory", k.kernels().scan.causal_scan,
         ScanOutputs<T>{.memory = source.memory.data(), .sums = source.sums.data()},
         ScanInputs<T>{.key = k.data(), .value = v.data()}, shape);
  record_both(
      "key_value_memory", source.memory, source.sums,
      // The shape points into lengths, so the record keeps them alive.
      [=, dk = GradientTarget(k), dv = GradientTarget(v), k = Saved(k), v = Saved(v),
       lengths = Saved(lengths)](const Tensor<A>& dmemory, const Tensor<A>& dsums) {
        require_unchanged(lengths);
        launch(
            k.device(), "key_value_memory_backward", k.kernels().scan.causal_scan_backward,
            ScanGradients<T>{.dkey = dk(), .dvalue = dv()},
            ScanCotangents<T>{.dmemory = detail::data_or_null(dmemory), .dsums = detail::data_or_null(dsums)},
            ScanInputs<T>{.key = k.data(), .value = v.data()}, shape);
      },
      k, v);
  return source;
}

/// How an operation reads the memory of a source.
struct ReadOptions {
  ScanNormaliser normaliser = {};
  bool inverse_root_count = false;
  /// [batch] the number of tokens in the memory, for the inverse root.
  Tensor<Id> counts = {};
};

/// y_t = s q_t M / divisor(q_t z) [batch, time, heads * dim] in each head, where M and z are a source's
/// memory, and s is the inverse root of its number of tokens if the options ask for it (else 1). q is [batch,
/// time, heads * features]. InputError for other shapes, or for an inverse root without counts.
template <class T>
Tensor<T> read_memory(const Tensor<T>& q, const SourceMemory<T>& source, const ReadOptions& options = {}) {
  using A = Accumulate<T>;
  const char* const name = "read_memory";
  const Tensor<A>&memory = source.memory, &sums = source.sums;
  require_same_device(name, q, memory, sums, options.counts);
  require(
      memory.rank() == 4 && q.rank() == 3 && q.extent(0) == memory.extent(0) &&
          q.extent(2) == memory.extent(1) * memory.extent(2),
      name,
      ": queries [batch, time, heads * features] of a memory [batch, heads, features, dim] expected, got ",
      q.shape(), " and ", memory.shape());
  require(!options.inverse_root_count || options.counts.defined(), name, ": counts expected");
  detail::require_rows(name, "count", options.counts, q.extent(0));
  const ScanShape shape{.batch = q.extent(0),
                        .time = q.extent(1),
                        .heads = memory.extent(1),
                        .features = memory.extent(2),
                        .dim = memory.extent(3),
                        .normaliser = options.normaliser,
                        .inverse_root_count = options.inverse_root_count,
                        .counts = detail::data_or_null(options.counts)};
  detail::require_memory(name, memory, sums, shape);
  Tensor<T> y(q.shape().with(2, shape.heads * shape.dim), q.device());
  const Tensor<A> normalisers = detail::normalisers_of<T>(shape, q.device());
  launch(q.device(), name, q.kernels().scan.causal_scan,
         ScanOutputs<T>{.y = y.data(), .normalisers = detail::data_or_null(normalisers)},
         ScanInputs<T>{.query = q.data(), .memory = memory.data(), .sums = sums.data()}, shape);
  const Saved<T> divided = shape.normaliser ? Saved(y) : Saved<T>();
  record(
      name, y,
      // The shape points into the counts, so the record keeps them alive.
      [=, dq = GradientTarget(q), dmemory = GradientTarget(memory), dsums = GradientTarget(sums),
       q = Saved(q), memory = Saved(memory), sums = Saved(sums),
       counts = Saved(options.counts)](const Tensor<T>& dy) {
        require_unchanged(counts);
        launch(q.device(), "read_memory_backward", q.kernels().scan.causal_scan_backward,
               ScanGradients<T>{.dquery = dq(), .dmemory = dmemory(), .dsums = dsums()},
               ScanCotangents<T>{.dy = dy.data(),
                                 .y = divided.data_or_null(),
                                 .normalisers = detail::data_or_null(normalisers)},
               ScanInputs<T>{.query = q.data(), .memory = memory.data(), .sums = sums.data()}, shape);
      },
      q, memory, sums);
  return y;
}

}  // namespace memsizer
