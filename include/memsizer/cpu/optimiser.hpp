#pragma once
// The gradient's norm, clipping, and one-pass updates of flat parameters.

#include <algorithm>
#include <cmath>
#include <vector>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/walk.hpp"
#include "memsizer/cpu/whole_packets.hpp"

namespace memsizer::cpu {

/// Sums blocks in A and adds the blocks' sums in double. n alone decides the cuts, so any number of threads
/// gives the same result.
template <class A>
void gradient_norm(Context& context, A* norm, const A* gradient, Index n) {
  constexpr Index block = 256;  // short, so that few terms are added in a row in A
  std::vector<double> sums(static_cast<std::size_t>(divide_up(n, block)));
  parallel_for(context, divide_up(n, block), block, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      sums[static_cast<std::size_t>(i)] =
          static_cast<double>(sum_of(square_of(array(gradient + i * block, std::min(block, n - i * block)))));
  });
  *norm = static_cast<A>(std::sqrt(sum_of(array(sums.data(), divide_up(n, block)))));
}

template <class A>
void clip(Context&, OptimiserStep<A>* step, Index* failed_step, const A* norm, const A* loss, double limit) {
  const bool finite = std::isfinite(*norm) && (loss == nullptr || std::isfinite(*loss));
  if (!finite && *failed_step == 0) *failed_step = step->step;
  step->finite = *failed_step == 0 ? 1 : 0;
  step->gradient_scale =
      limit == 0 ? 1 : static_cast<A>(std::min(1.0, limit / (static_cast<double>(*norm) + 1e-6)));
}

/// body(offset, weights, n) over chunks of the parameters, in all threads. The weights are the masters if
/// there are any; then T is rounded from them.
template <class T, class Body>
void update_chunks(Context& context, T* weight, Accumulate<T>* master, Index n, const Body& body) {
  if constexpr (!accumulates_itself<T>)
    require(master != nullptr, "optimiser: weights of a narrow type need master weights, got none");
  parallel_for(context, divide_up(n, chunk_size), chunk_size, [=](Index begin, Index end) {
    for (Index i = begin * chunk_size; i < std::min(end * chunk_size, n); i += chunk_size) {
      const Index length = std::min(chunk_size, n - i);
      if (master != nullptr) {
        body(i, array(master + i, length), length);
        for (Index j = i; j < i + length; ++j) weight[j] = static_cast<T>(master[j]);
      } else if constexpr (accumulates_itself<T>) {
        body(i, array(weight + i, length), length);
      }
    }
  });
}

/// PyTorch's formulas: with g the clipped gradient (+ weight_decay * weight unless decoupled),
/// m += (1 - beta1) (g - m), v = beta2 v + (1 - beta2) g^2,
/// weight -= rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
template <class T>
void adam(Context& context, T* weight, Accumulate<T>* master, Accumulate<T>* first_moment,
          Accumulate<T>* second_moment, const Accumulate<T>* gradient,
          const OptimiserStep<Accumulate<T>>* step, Index n, const AdamSettings& settings) {
  using A = Accumulate<T>;
  if (step->finite == 0) return;
  const double t = static_cast<double>(step->step), rate = step->learning_rate * settings.rate_factor;
  const A rate_at_step = static_cast<A>(rate / (1 - std::pow(settings.beta1, t)));
  const A root_correction = static_cast<A>(1 / std::sqrt(1 - std::pow(settings.beta2, t)));
  const A first_part = static_cast<A>(1 - settings.beta1), beta2 = static_cast<A>(settings.beta2),
          second_part = static_cast<A>(1 - settings.beta2), epsilon = static_cast<A>(settings.epsilon);
  const A scale = step->gradient_scale;
  const A decay = static_cast<A>(settings.decoupled ? 0 : settings.weight_decay);
  const A kept = static_cast<A>(settings.decoupled ? 1 - rate * settings.weight_decay : 1);
  update_chunks(context, weight, master, n, [=](Index offset, auto weights, Index length) {
    alignas(64) A buffer[chunk_size];
    const auto g = array(buffer, length), first = array(first_moment + offset, length),
               second = array(second_moment + offset, length);
    g = array(gradient + offset, length) * scale + weights * decay;
    first += (g - first) * first_part;
    second = second * beta2 + square_of(g) * second_part;
    weights = weights * kept - first * rate_at_step / (square_root(second) * root_correction + epsilon);
  });
}

template <class T>
void nesterov(Context& context, T* weight, Accumulate<T>* master, Accumulate<T>* velocity,
              const Accumulate<T>* gradient, const OptimiserStep<Accumulate<T>>* step, Index n,
              const NesterovSettings& settings) {
  using A = Accumulate<T>;
  if (step->finite == 0) return;
  const A rate = static_cast<A>(step->learning_rate * settings.rate_factor), scale = step->gradient_scale;
  const A momentum = static_cast<A>(settings.momentum), decay = static_cast<A>(settings.weight_decay);
  update_chunks(context, weight, master, n, [=](Index offset, auto weights, Index length) {
    alignas(64) A buffer[chunk_size];
    const auto g = array(buffer, length), speed = array(velocity + offset, length);
    g = array(gradient + offset, length) * scale + weights * decay;
    speed = speed * momentum + g;
    weights -= (g + speed * momentum) * rate;
  });
}

template <class T>
inline constexpr OptimiserKernels<T> optimiser_kernels{.gradient_norm = gradient_norm<Accumulate<T>>,
                                                       .clip = clip<Accumulate<T>>,
                                                       .adam = adam<T>,
                                                       .nesterov = nesterov<T>};

}  // namespace memsizer::cpu
