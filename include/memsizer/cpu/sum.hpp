#pragma once
// Sums over the repeated axes of a walk. Long sums are cut into pieces by the sizes alone, and the pieces are
// added in order, so the result does not depend on the number of threads. Totals are in double, so a float
// sum of millions of terms is as exact as float allows.

#include <vector>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/walk.hpp"

namespace memsizer::cpu {

/// totals[i] = the sum over the repeated elements begin .. end - 1 of terms(buffer, offsets, n)[i], for n
/// kept neighbours.
template <class T, class Terms>
void sum_columns(double* totals, const Walk& repeated, Index begin, Index end, const Offsets& at, Index n,
                 const Terms& terms) {
  constexpr Index block = 32;  // rows added in T before they go to the totals
  alignas(64) T buffer[chunk_size];
  alignas(64) T sums[chunk_size];
  array(totals, n) = 0;
  for (Index row = begin; row < end; row += block) {
    array(sums, n) = T(0);
    for_each_run(repeated, row, std::min(end, row + block), [&](Offsets step, Index length) {
      for (Index i = 0; i < length; ++i) {
        array(sums, n) += array(terms(buffer, at + step, n), n);
        advance(step, repeated, repeated.rank - 1, 1);
      }
    });
    array(totals, n) += converted<double>(array(sums, n));
  }
}

/// The sum of all terms of one kept element over the repeated elements begin .. end - 1.
template <class T, class Terms>
double sum_rows(const Walk& repeated, Index begin, Index end, const Offsets& at, const Terms& terms) {
  alignas(64) T buffer[chunk_size];
  double total = 0;
  for_each_run(repeated, begin, end, [&](Offsets step, Index length) {
    for (Index i = 0; i < length; i += chunk_size) {
      const Index n = std::min(chunk_size, length - i);
      total += static_cast<double>(sum_of(array(terms(buffer, at + step, n), n)));
      advance(step, repeated, repeated.rank - 1, n);
    }
  });
  return total;
}

/// body(offsets, totals, n) for runs of n kept elements among begin .. end - 1, where totals are their sums
/// over the repeated elements first .. last - 1.
template <class T, class Terms, class Body>
void sum_kept(const SplitWalk& split, Index begin, Index end, Index first, Index last, const Terms& terms,
              const Body& body) {
  alignas(64) double totals[chunk_size];
  for_each_run(split.kept, begin, end, [&](Offsets at, Index length) {
    for (Index i = 0; i < length; i += chunk_size) {
      const Index n = std::min(chunk_size, length - i);
      if (split.innermost_is_kept)
        sum_columns<T>(totals, split.repeated, first, last, at, n, terms);
      else
        for (Index k = 0; k < n; ++k) {
          Offsets element = at;
          advance(element, split.kept, split.kept.rank - 1, k);
          totals[k] = sum_rows<T>(split.repeated, first, last, element, terms);
        }
      body(at, totals, n);
      advance(at, split.kept, split.kept.rank - 1, n);
    }
  });
}

template <class T>
void write_totals(const Output<T>& out, Index stride, const double* totals, double scale, Index n) {
  for (Index i = 0; i < n; ++i) {
    T& target = out.data[i * stride];
    target = static_cast<T>(scale * totals[i] + (out.accumulate ? static_cast<double>(target) : 0.0));
  }
}

/// The number of pieces of a long sum, so that there is work for many threads even if there are few sums.
inline Index pieces_of_sum(const SplitWalk& split, Index kept, Index repeated) {
  constexpr Index terms_a_piece = 65536, most_pieces = 64;
  const Index enough_kept = split.innermost_is_kept ? 4096 : 64;
  return kept >= enough_kept ? 1 : std::clamp<Index>(kept * repeated / terms_a_piece, 1, most_pieces);
}

/// out (+)= scale * terms, if no axis is repeated.
template <class T, class Terms>
void write_terms(Context& context, Output<T> out, const Walk& walk, double scale, const Terms& terms) {
  const int last = walk.rank - 1;
  const Index stride = walk.a_strides[last];
  parallel_elements(context, size(walk), [&](Index begin, Index end) {
    alignas(64) T buffer[chunk_size];
    for_each_run(walk, begin, end, [&](Offsets at, Index length) {
      for (Index i = 0; i < length; i += chunk_size) {
        const Index n = std::min(chunk_size, length - i);
        const Output<T> target{out.data + at.a, out.accumulate};
        const auto scaled = array(terms(buffer, at, n), n) * static_cast<T>(scale);
        if (stride == 1)
          contribute(target, 0, scaled);
        else
          for (Index k = 0; k < n; ++k) {
            T& element = target.data[k * stride];
            element = target.accumulate ? element + scaled.at(k) : scaled.at(k);
          }
        advance(at, walk, last, n);
      }
    });
  });
}

/// out (+)= scale * the sum of terms over the walk's repeated axes, those in which out, laid out by the
/// walk's a strides, has stride 0. terms(buffer, offsets, n) returns n terms that lie along the walk's last
/// axis; it may use the buffer (chunk_size elements) for them.
template <class T, class Terms>
void sum_repeated(Context& context, Output<T> out, const Walk& walk, double scale, const Terms& terms) {
  const SplitWalk split = split_axes(walk);
  if (size(split.repeated) == 1) return write_terms(context, out, walk, scale, terms);
  const Index kept = size(split.kept), repeated = size(split.repeated);
  const Index stride = split.kept.a_strides[split.kept.rank - 1];
  const auto write = [&](const Offsets& at, const double* totals, Index n) {
    write_totals<T>({out.data + at.a, out.accumulate}, stride, totals, scale, n);
  };
  const Index pieces = pieces_of_sum(split, kept, repeated);
  if (pieces == 1) {
    parallel_for(context, kept, repeated,
                 [&](Index begin, Index end) { sum_kept<T>(split, begin, end, 0, repeated, terms, write); });
    return;
  }
  std::vector<double> partial(static_cast<std::size_t>(kept * pieces));
  const auto sums_of = [&](Index piece) { return array(partial.data() + piece * kept, kept); };
  parallel_for(context, pieces, kept * repeated / pieces, [&](Index begin, Index end) {
    for (Index piece = begin; piece < end; ++piece) {
      double* next = sums_of(piece).data();
      sum_kept<T>(
          split, 0, kept, repeated * piece / pieces, repeated * (piece + 1) / pieces, terms,
          [&](const Offsets&, const double* totals, Index n) { next = std::copy(totals, totals + n, next); });
    }
  });
  for (Index piece = 1; piece < pieces; ++piece) sums_of(0) += sums_of(piece);
  const double* next = partial.data();
  for_each_run(split.kept, 0, kept, [&](const Offsets& at, Index n) {
    write(at, next, n);
    next += n;
  });
}

}  // namespace memsizer::cpu
