#pragma once
// The gradient's norm, clipping, and one-pass updates of flat parameters. The numbers of the step are in
// device memory, so that the host waits for nothing.

#include <algorithm>

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// squares[piece] = sum of gradient^2 over a piece. A warp has a piece, so that the order of the sum depends
/// on n alone. Sums are in double, because a float would lose the small squares among 10^8 of them.
template <class A>
__global__ void squares_kernel(double* squares, const A* gradient, Index n, Index pieces) {
  const Index piece = WarpPerRow::row();
  if (piece >= pieces) return;
  double sum = 0;
  for (Index i = n * piece / pieces + WarpPerRow::first(); i < n * (piece + 1) / pieces;
       i += WarpPerRow::step()) {
    const double g = static_cast<double>(gradient[i]);
    sum += g * g;
  }
  sum = WarpPerRow::sum(sum);
  if (WarpPerRow::first() == 0) squares[piece] = sum;
}

/// *norm = the root of the sum of all pieces. One warp adds them, in an order that their number decides.
template <class A>
__global__ void norm_kernel(A* norm, const double* squares, Index pieces) {
  double sum = 0;
  for (Index piece = threadIdx.x; piece < pieces; piece += warp_threads) sum += squares[piece];
  sum = combine_lanes(sum, Sum());
  if (threadIdx.x == 0) *norm = static_cast<A>(std::sqrt(sum));
}

template <class A>
void gradient_norm(Context& context, A* norm, const A* gradient, Index n) {
  constexpr Index elements_a_piece = 1024, most_pieces = 4096;
  const Index pieces = std::clamp<Index>(n / elements_a_piece, 1, most_pieces);
  double* squares = workspace<double>(context, pieces);
  launch(context, warp_a_row(context, "squares", pieces), squares_kernel<A>, squares, gradient, n, pieces);
  launch(context, {.kernel = "norm", .blocks = 1, .threads = warp_threads}, norm_kernel<A>, norm, squares,
         pieces);
}

template <class A>
__global__ void clip_kernel(OptimiserStep<A>* step, Index* failed_step, const A* norm, const A* loss,
                            double limit) {
  const bool finite = std::isfinite(*norm) && (loss == nullptr || std::isfinite(*loss));
  if (!finite && *failed_step == 0) *failed_step = step->step;
  step->finite = *failed_step == 0 ? 1 : 0;
  const double scale = limit / (static_cast<double>(*norm) + 1e-6);
  step->gradient_scale = limit == 0 || !(scale < 1) ? A(1) : static_cast<A>(scale);
}

template <class A>
void clip(Context& context, OptimiserStep<A>* step, Index* failed_step, const A* norm, const A* loss,
          double limit) {
  launch(context, {.kernel = "clip", .blocks = 1, .threads = 1}, clip_kernel<A>, step, failed_step, norm,
         loss, limit);
}

/// The weights that an update reads and writes: the masters if there are any, from which T is then rounded.
template <class T>
struct UpdatedWeights {
  T* weight;
  Accumulate<T>* master;

  __device__ Accumulate<T> read(Index i) const {
    if constexpr (accumulates_itself<T>) return master != nullptr ? master[i] : weight[i];
    return master[i];
  }
  __device__ void write(Index i, Accumulate<T> value) const {
    if (master != nullptr) master[i] = value;
    weight[i] = static_cast<T>(value);
  }
};

/// InputError if T is too narrow for updates and there are no masters.
template <class T>
UpdatedWeights<T> updated_weights(T* weight, Accumulate<T>* master) {
  require(accumulates_itself<T> || master != nullptr,
          "optimiser: weights of a narrow type need master weights, got none");
  return {weight, master};
}

/// What Adam's formula needs beside the gradient's scale, the same for all parameters.
template <class A>
struct AdamStep {
  A rate, root_correction, kept;
};

/// Computes the powers of beta once a step, and in double, because 1 - beta2^t is near 0 in the first steps.
template <class A>
__global__ void adam_step_kernel(AdamStep<A>* numbers, const OptimiserStep<A>* step, AdamSettings settings) {
  const double t = static_cast<double>(step->step);
  const double rate = static_cast<double>(step->learning_rate) * settings.rate_factor;
  numbers->rate = static_cast<A>(rate / (1 - std::pow(settings.beta1, t)));
  numbers->root_correction = static_cast<A>(1 / std::sqrt(1 - std::pow(settings.beta2, t)));
  numbers->kept = static_cast<A>(settings.decoupled ? 1 - rate * settings.weight_decay : 1);
}

/// PyTorch's formulas: with g the clipped gradient (+ weight_decay * weight unless decoupled),
/// m += (1 - beta1) (g - m), v = beta2 v + (1 - beta2) g^2,
/// weight -= rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
template <class T>
__global__ void adam_kernel(UpdatedWeights<T> weights, Accumulate<T>* first_moment,
                            Accumulate<T>* second_moment, const Accumulate<T>* gradient,
                            const OptimiserStep<Accumulate<T>>* step, const AdamStep<Accumulate<T>>* numbers,
                            Index n, AdamSettings settings) {
  using A = Accumulate<T>;
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n || step->finite == 0) return;
  const A weight = weights.read(i), decay = static_cast<A>(settings.decoupled ? 0 : settings.weight_decay);
  const A g = gradient[i] * step->gradient_scale + weight * decay;
  const A first = first_moment[i] + (g - first_moment[i]) * static_cast<A>(1 - settings.beta1);
  const A second =
      second_moment[i] * static_cast<A>(settings.beta2) + g * g * static_cast<A>(1 - settings.beta2);
  first_moment[i] = first;
  second_moment[i] = second;
  weights.write(i, weight * numbers->kept -
                       first * numbers->rate /
                           (std::sqrt(second) * numbers->root_correction + static_cast<A>(settings.epsilon)));
}

template <class T>
void adam(Context& context, T* weight, Accumulate<T>* master, Accumulate<T>* first_moment,
          Accumulate<T>* second_moment, const Accumulate<T>* gradient,
          const OptimiserStep<Accumulate<T>>* step, Index n, const AdamSettings& settings) {
  using A = Accumulate<T>;
  const auto weights = updated_weights(weight, master);
  if (n == 0) return;
  auto* numbers = workspace<AdamStep<A>>(context, 1);
  launch(context, {.kernel = "adam_step", .blocks = 1, .threads = 1}, adam_step_kernel<A>, numbers, step,
         settings);
  launch_elements(context, "adam", n, adam_kernel<T>, weights, first_moment, second_moment, gradient, step,
                  numbers, n, settings);
}

template <class T>
__global__ void nesterov_kernel(UpdatedWeights<T> weights, Accumulate<T>* velocity,
                                const Accumulate<T>* gradient, const OptimiserStep<Accumulate<T>>* step,
                                Index n, NesterovSettings settings) {
  using A = Accumulate<T>;
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n || step->finite == 0) return;
  const A rate = static_cast<A>(static_cast<double>(step->learning_rate) * settings.rate_factor);
  const A momentum = static_cast<A>(settings.momentum), weight = weights.read(i);
  const A g = gradient[i] * step->gradient_scale + weight * static_cast<A>(settings.weight_decay);
  const A speed = velocity[i] * momentum + g;
  velocity[i] = speed;
  weights.write(i, weight - (g + speed * momentum) * rate);
}

template <class T>
void nesterov(Context& context, T* weight, Accumulate<T>* master, Accumulate<T>* velocity,
              const Accumulate<T>* gradient, const OptimiserStep<Accumulate<T>>* step, Index n,
              const NesterovSettings& settings) {
  launch_elements(context, "nesterov", n, nesterov_kernel<T>, updated_weights(weight, master), velocity,
                  gradient, step, n, settings);
}

template <class T>
inline constexpr OptimiserKernels<T> optimiser_kernels{.gradient_norm = gradient_norm<Accumulate<T>>,
                                                       .clip = clip<Accumulate<T>>,
                                                       .adam = adam<T>,
                                                       .nesterov = nesterov<T>};

}  // namespace memsizer::MEMSIZER_DEVICE
