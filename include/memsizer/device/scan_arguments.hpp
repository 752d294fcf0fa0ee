#pragma once
// The arguments of the causal scan: sizes and options, and the arrays that it reads and writes.

#include <cmath>

#include "memsizer/device/arguments.hpp"

namespace memsizer {

/// The divisor of a scan's output: the normaliser n = q_t z_t, kept away from 0.
struct ScanNormaliser {
  enum class Guard {
    none,               // the output is not divided
    plus,               // n + epsilon (Katharopoulos et al. 2020)
    at_least,           // max(n, epsilon)
    magnitude_at_least  // max(|n|, epsilon) (Peng et al. 2021)
  };
  Guard guard = Guard::none;
  double epsilon = 0;

  MEMSIZER_HOST_DEVICE explicit operator bool() const { return guard != Guard::none; }

  /// The divisor for a normaliser n; NaN for NaN.
  template <class A>
  MEMSIZER_HOST_DEVICE A divisor(A n) const {
    const A least = static_cast<A>(epsilon);
    if (guard == Guard::plus) return n + least;
    if (guard == Guard::magnitude_at_least && n < 0) n = -n;
    return n < least ? least : n;
  }

  /// The derivative of the divisor: 0 where epsilon took the normaliser's place.
  template <class A>
  MEMSIZER_HOST_DEVICE A slope(A n) const {
    if (guard == Guard::plus) return 1;
    const A sign = guard == Guard::magnitude_at_least && n < 0 ? -1 : 1;
    return sign * n < static_cast<A>(epsilon) ? A(0) : sign;
  }
};

/// Sizes and options of a scan. Row b holds lengths[b] real tokens; counts[b] tokens came before them in
/// earlier segments.
struct ScanShape {
  Index batch = 0, time = 0, heads = 1;
  Index features = 0;               // of a query and a key in a head (MemSizer: the slots)
  Index dim = 0;                    // of a value in a head
  ScanNormaliser normaliser = {};   // what the output is divided by
  bool inverse_root_count = false;  // whether it is divided by the root of the number of tokens in the memory
  const Id* lengths = nullptr;      // [batch]; null: time
  const Id* counts = nullptr;       // [batch]; null: 0

  /// The real tokens of a row of the batch.
  MEMSIZER_HOST_DEVICE Index length(Index row) const {
    if (lengths == nullptr) return time;
    const Index given = lengths[row];
    return given < 0 ? 0 : given < time ? given : time;
  }
};

/// The arrays that a scan reads. Null key and value: nothing is added to the memory. Null decay: 1. Null
/// memory and sums: zeros.
template <class T>
struct ScanInputs {
  const T* query = nullptr;               // [batch, time, heads, features]
  const T* key = nullptr;                 // [batch, time, heads, features]
  const T* value = nullptr;               // [batch, time, heads, dim]
  const T* decay = nullptr;               // [batch, heads, time]
  const Accumulate<T>* memory = nullptr;  // [batch, heads, features, dim] before the segment
  const Accumulate<T>* sums = nullptr;    // [batch, heads, features] before the segment
};

/// The arrays that a scan writes. Null: not wanted.
template <class T>
struct ScanOutputs {
  T* y = nullptr;                        // [batch, time, heads, dim]
  Accumulate<T>* normalisers = nullptr;  // [batch, time, heads], kept for backward
  Accumulate<T>* memory = nullptr;       // after the segment; may be the memory that is read
  Accumulate<T>* sums = nullptr;         // after the segment; may be the sums that are read
};

/// The outputs as a scan's backward reads them: their values, and the gradients that arrived for them. Null
/// dy: the scan had no y. Null dmemory and dsums: zeros.
template <class T>
struct ScanCotangents {
  const T* dy = nullptr;
  const T* y = nullptr;                        // read only with a normaliser
  const Accumulate<T>* normalisers = nullptr;  // read only with a normaliser
  const Accumulate<T>* dmemory = nullptr;      // of the memory after the segment
  const Accumulate<T>* dsums = nullptr;        // of the sums after the segment
};

/// Where the gradients of a scan's inputs go. Any may be null.
template <class T>
struct ScanGradients {
  Output<T> dquery = {}, dkey = {}, dvalue = {}, ddecay = {};
  Output<Accumulate<T>> dmemory = {}, dsums = {};  // of the memory and the sums before the segment
};

/// n^-1/2, or 0 for no token: the scale of MemSizer's memory of n tokens.
template <class A>
MEMSIZER_HOST_DEVICE A memory_scale(Index n) {
  return n > 0 ? 1 / std::sqrt(static_cast<A>(n)) : A(0);
}

/// The factor of a token's output, for the normaliser n: 1 / divisor(n) times the inverse root of the number
/// of tokens in the memory. The token itself counts if it `adds` its key and value.
template <class A>
MEMSIZER_HOST_DEVICE A scan_factor(const ScanShape& shape, Index row, Index token, bool adds, A n) {
  A factor = 1;
  if (shape.inverse_root_count)
    factor = memory_scale<A>((shape.counts == nullptr ? 0 : shape.counts[row]) + (adds ? token + 1 : 0));
  return shape.normaliser ? factor / shape.normaliser.divisor(n) : factor;
}

}  // namespace memsizer
