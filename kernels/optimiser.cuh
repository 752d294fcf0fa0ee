#pragma once
// The gradient's norm, clipping, and one-pass updates of flat parameters. The numbers of the step are in
// device memory, so that the host waits for nothing.

#include <algorithm>
#include <cstdint>

#include "kernels/map.cuh"

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

/// The flat arrays of an update. If there are masters, they are the weights, from which T is then rounded.
template <class T, int moments>
struct UpdatedArrays {
  using A = Accumulate<T>;

  T* weight;
  A* master;
  A* moment[moments];
  const A* gradient;

  /// InputError if T is too narrow for updates and there are no masters.
  void require_masters() const {
    require(accumulates_itself<T> || master != nullptr,
            "optimiser: weights of a narrow type need master weights, got none");
  }
  bool begin_at_vectors() const {
    return is_vector_place(weight) && is_vector_place(master) && is_vector_place(gradient) &&
           std::ranges::all_of(moment, [](const A* at) { return is_vector_place(at); });
  }

  __device__ const A* exact_weight() const {
    if constexpr (accumulates_itself<T>) return master != nullptr ? master : weight;
    return master;
  }

  template <class Formula>
  __device__ void update(Index i, const Formula& formula) const {
    A now[moments];
    MEMSIZER_UNROLL for (int j = 0; j < moments; ++j) now[j] = moment[j][i];
    const A value = formula(exact_weight()[i], gradient[i], now);
    MEMSIZER_UNROLL for (int j = 0; j < moments; ++j) moment[j][i] = now[j];
    if (master != nullptr) master[i] = value;
    weight[i] = static_cast<T>(value);
  }

  /// The same for `count` neighbours from i on, which are whole vectors in each array.
  template <int count, class Formula>
  __device__ void update_group(Index i, const Formula& formula) const {
    ElementGroup<A, count> value, slope, now[moments];
    ElementGroup<T, count> rounded;
    value.load(exact_weight() + i);
    slope.load(gradient + i);
    MEMSIZER_UNROLL for (int j = 0; j < moments; ++j) now[j].load(moment[j] + i);
    MEMSIZER_UNROLL for (int k = 0; k < count; ++k) {
      A own[moments];
      MEMSIZER_UNROLL for (int j = 0; j < moments; ++j) own[j] = now[j][k];
      value[k] = formula(value[k], slope[k], own);
      MEMSIZER_UNROLL for (int j = 0; j < moments; ++j) now[j][k] = own[j];
    }
    MEMSIZER_UNROLL for (int j = 0; j < moments; ++j) now[j].store(moment[j] + i);
    if (master != nullptr) value.store(master + i);
    rounded.contribute(false, [&](int k) { return value[k]; });
    rounded.store(weight + i);
  }
};

/// A thread updates one parameter, or on the second rung `count` neighbours, for which it reads the numbers
/// of the step once.
template <int count, class T, class Formula>
__global__ void update_kernel(UpdatedArrays<T, Formula::moments> arrays,
                              const OptimiserStep<Accumulate<T>>* step, typename Formula::Settings settings,
                              Index n) {
  const Index first = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * count;
  if (first >= n || step->finite == 0) return;
  const Formula formula(*step, settings);
  if constexpr (count > 1) {
    if (first + count <= n) {
      arrays.template update_group<count>(first, formula);
      return;
    }
  }
  for (Index i = first; i < first + count && i < n; ++i) arrays.update(i, formula);
}

template <class Formula, class T>
void update(Context& context, const char* name, const UpdatedArrays<T, Formula::moments>& arrays,
            const OptimiserStep<Accumulate<T>>* step, const typename Formula::Settings& settings, Index n) {
  constexpr int count = Vector<T>::size;
  launch_groups(context, name, n, count, arrays.begin_at_vectors(), update_kernel<1, T, Formula>,
                update_kernel<count, T, Formula>, arrays, step, settings, n);
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
template <class A>
class AdamFormula {
 public:
  static constexpr int moments = 2;
  /// AdamSettings as the host has rounded them, so that no thread does.
  struct Settings {
    A decay, first_part, second_kept, second_part, epsilon;
    const AdamStep<A>* numbers;
  };

  static Settings rounded(const AdamSettings& settings, const AdamStep<A>* numbers) {
    return {.decay = static_cast<A>(settings.decoupled ? 0 : settings.weight_decay),
            .first_part = static_cast<A>(1 - settings.beta1),
            .second_kept = static_cast<A>(settings.beta2),
            .second_part = static_cast<A>(1 - settings.beta2),
            .epsilon = static_cast<A>(settings.epsilon),
            .numbers = numbers};
  }

  __device__ AdamFormula(const OptimiserStep<A>& step, const Settings& settings)
      : settings_(settings), numbers_(*settings.numbers), scale_(step.gradient_scale) {}

  /// The new weight. The moments m and v become the new ones.
  __device__ A operator()(A weight, A gradient, A (&moment)[moments]) const {
    const A g = gradient * scale_ + weight * settings_.decay;
    moment[0] += (g - moment[0]) * settings_.first_part;
    moment[1] = moment[1] * settings_.second_kept + g * g * settings_.second_part;
    return weight * numbers_.kept -
           moment[0] * numbers_.rate / (std::sqrt(moment[1]) * numbers_.root_correction + settings_.epsilon);
  }

 private:
  Settings settings_;
  AdamStep<A> numbers_;
  A scale_;
};

template <class T>
void adam(Context& context, T* weight, Accumulate<T>* master, Accumulate<T>* first_moment,
          Accumulate<T>* second_moment, const Accumulate<T>* gradient,
          const OptimiserStep<Accumulate<T>>* step, Index n, const AdamSettings& settings) {
  using A = Accumulate<T>;
  const UpdatedArrays<T, 2> arrays{weight, master, {first_moment, second_moment}, gradient};
  arrays.require_masters();
  if (n == 0) return;
  auto* numbers = workspace<AdamStep<A>>(context, 1);
  launch(context, {.kernel = "adam_step", .blocks = 1, .threads = 1}, adam_step_kernel<A>, numbers, step,
         settings);
  update<AdamFormula<A>>(context, "adam", arrays, step, AdamFormula<A>::rounded(settings, numbers), n);
}

/// With g the clipped gradient + weight_decay * weight: velocity = momentum velocity + g,
/// weight -= rate (g + momentum velocity).
template <class A>
class NesterovFormula {
 public:
  static constexpr int moments = 1;
  /// NesterovSettings, rounded but for the factor of the learning rate, which is not known to the host.
  struct Settings {
    double rate_factor;
    A momentum, decay;
  };

  static Settings rounded(const NesterovSettings& settings) {
    return {.rate_factor = settings.rate_factor,
            .momentum = static_cast<A>(settings.momentum),
            .decay = static_cast<A>(settings.weight_decay)};
  }

  __device__ NesterovFormula(const OptimiserStep<A>& step, const Settings& settings)
      : settings_(settings),
        scale_(step.gradient_scale),
        rate_(static_cast<A>(static_cast<double>(step.learning_rate) * settings.rate_factor)) {}

  /// The new weight. The velocity becomes the new one.
  __device__ A operator()(A weight, A gradient, A (&velocity)[moments]) const {
    const A g = gradient * scale_ + weight * settings_.decay;
    velocity[0] = velocity[0] * settings_.momentum + g;
    return weight - (g + velocity[0] * settings_.momentum) * rate_;
  }

 private:
  Settings settings_;
  A scale_, rate_;
};

template <class T>
void nesterov(Context& context, T* weight, Accumulate<T>* master, Accumulate<T>* velocity,
              const Accumulate<T>* gradient, const OptimiserStep<Accumulate<T>>* step, Index n,
              const NesterovSettings& settings) {
  const UpdatedArrays<T, 1> arrays{weight, master, {velocity}, gradient};
  arrays.require_masters();
  update<NesterovFormula<Accumulate<T>>>(context, "nesterov", arrays, step,
                                         NesterovFormula<Accumulate<T>>::rounded(settings), n);
}

template <class T>
inline constexpr OptimiserKernels<T> optimiser_kernels{.gradient_norm = gradient_norm<Accumulate<T>>,
                                                       .clip = clip<Accumulate<T>>,
                                                       .adam = adam<T>,
                                                       .nesterov = nesterov<T>};

}  // namespace memsizer::MEMSIZER_DEVICE
