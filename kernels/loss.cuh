#pragma once
// Cross entropy of rows of logits, and the output layer with its cross entropy, whose logits exist for a
// panel of rows at a time.

#include "memsizer/device/smoothed_target.hpp"

#include "kernels/matmul.cuh"
#include "kernels/row.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The statistics of a row of logits that its loss needs: with m the maximum, log sum exp(x - m), x - m of
/// the right class, and sum(x - m), which is 0 unless it is wanted.
template <class A>
struct LogitStatistics {
  A maximum, log_sum, right, sum;
};

/// Of the row of logits that begins at `logits` and whose values are `in`. NaN for the right class unless the
/// target names one.
template <class Row, class T>
__device__ LogitStatistics<Accumulate<T>> logit_statistics(const typename Row::Values& in, const T* logits,
                                                           Index classes, Index target, bool wants_sum) {
  using A = Accumulate<T>;
  const A right = names_class(target, classes) ? static_cast<A>(logits[target]) : A(NAN);
  const A maximum = maximum_of_row<Row, A>(in, classes);
  A sum = 0;
  if (wants_sum) {
    Row::for_each_place(classes, [&](auto place) { sum += in[place] - maximum; });
    sum = Row::Threads::sum(sum);
  }
  return {maximum, std::log(sum_of_exponentials<Row, A>(in, classes, maximum)), right - maximum, sum};
}

/// The gradient of a row's loss with respect to the logit x of class i, relative to dloss.
template <class A>
__device__ A logit_gradient(const SmoothedTarget<A>& smoothed, A x, A maximum, A log_sum, bool is_right) {
  const A gradient = std::exp((x - maximum) - log_sum) - smoothed.others();
  return is_right ? gradient - smoothed.right() : gradient;
}

template <class T, class Row>
__global__ void __launch_bounds__(most_row_threads)
    cross_entropy_kernel(Accumulate<T>* loss, Accumulate<T>* maximum, Accumulate<T>* log_sum, const T* logits,
                         const Id* targets, Index rows, Index classes,
                         SmoothedTarget<Accumulate<T>> smoothed) {
  using A = Accumulate<T>;
  const Index row = Row::Threads::row();
  if (row >= rows) return;
  const Index target = targets[row];
  const T* const of_logits = logits + row * classes;
  const LogitStatistics<A> of_row = logit_statistics<Row>(typename Row::Values(of_logits, classes), of_logits,
                                                          classes, target, smoothed.others() > 0);
  if (Row::Threads::first() != 0) return;
  maximum[row] = of_row.maximum;
  log_sum[row] = of_row.log_sum;
  loss[row] = target < 0 ? A(0) : smoothed.loss(of_row.log_sum, of_row.right, of_row.sum);
}

/// A thread for each logit.
template <class T>
__global__ void cross_entropy_backward_kernel(Output<T> dlogits, const Accumulate<T>* dloss,
                                              const Accumulate<T>* maximum, const Accumulate<T>* log_sum,
                                              const T* logits, const Id* targets, Index n, Index classes,
                                              SmoothedTarget<Accumulate<T>> smoothed) {
  using A = Accumulate<T>;
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Index row = i / classes, target = targets[row];
  A gradient = 0;
  if (names_class(target, classes))
    gradient = dloss[row] * logit_gradient(smoothed, static_cast<A>(logits[i]), maximum[row], log_sum[row],
                                           i % classes == target);
  contribute(dlogits, i, gradient);
}

template <class T>
void cross_entropy(Context& context, Accumulate<T>* loss, Accumulate<T>* maximum, Accumulate<T>* log_sum,
                   const T* logits, const Id* targets, Index rows, Index classes,
                   const LabelSmoothing& smoothing) {
  launch_any_rows<T, 1>(
      context, "cross_entropy", rows, classes,
      [](auto row) { return cross_entropy_kernel<T, decltype(row)>; }, loss, maximum, log_sum, logits,
      targets, rows, classes, SmoothedTarget<Accumulate<T>>(smoothing, classes));
}

template <class T>
void cross_entropy_backward(Context& context, Output<T> dlogits, const Accumulate<T>* dloss,
                            const Accumulate<T>* maximum, const Accumulate<T>* log_sum, const T* logits,
                            const Id* targets, Index rows, Index classes, const LabelSmoothing& smoothing) {
  launch_elements(context, "cross_entropy_backward", rows * classes, cross_entropy_backward_kernel<T>,
                  dlogits, dloss, maximum, log_sum, logits, targets, rows * classes, classes,
                  SmoothedTarget<Accumulate<T>>(smoothing, classes));
}

/// total[1] = the number of scored rows. One block.
template <class A>
__global__ void count_scored_kernel(A* total, const Id* targets, Index rows) {
  double scored = 0;
  for (Index row = threadIdx.x; row < rows; row += blockDim.x) scored += targets[row] >= 0 ? 1 : 0;
  scored = combine_block(scored, Sum(), 0.0);
  if (threadIdx.x == 0) total[1] = static_cast<A>(scored);
}

/// The losses of a panel's rows, with smoothing and without. If `wants_gradient`, the gradient of the mean
/// loss takes the logits' place.
template <class T, class Row>
__global__ void __launch_bounds__(most_row_threads)
    panel_loss_kernel(T* logits, Accumulate<T>* losses, Accumulate<T>* plain_losses,
                      const Accumulate<T>* total, const Id* targets, Index rows, Index classes,
                      SmoothedTarget<Accumulate<T>> smoothed, bool wants_gradient) {
  using A = Accumulate<T>;
  const Index row = Row::Threads::row();
  if (row >= rows) return;
  const Index target = targets[row];
  T* const of_logits = logits + row * classes;
  const typename Row::Values in(of_logits, classes);
  const LogitStatistics<A> of_row =
      logit_statistics<Row>(in, of_logits, classes, target, smoothed.others() > 0);
  if (Row::Threads::first() == 0) {
    losses[row] = target < 0 ? A(0) : smoothed.loss(of_row.log_sum, of_row.right, of_row.sum);
    plain_losses[row] = target < 0 ? A(0) : of_row.log_sum - of_row.right;
  }
  if (!wants_gradient) return;
  Row::Threads::synchronise();  // each thread has read the right class's logit, which one of them writes
  const bool named = names_class(target, classes);
  const A factor = named ? 1 / total[1] : A(0);
  typename Row::Results out({logits}, row * classes, classes);
  Row::for_each_place(classes, [&](auto place) {
    out.set(place, named ? factor * logit_gradient(smoothed, in[place], of_row.maximum, of_row.log_sum,
                                                   Row::column_of(place) == target)
                         : A(0));
  });
}

/// total[0] and total[2] = the sums of the losses. One block.
template <class A>
__global__ void total_loss_kernel(A* total, const A* losses, const A* plain_losses, Index rows) {
  double sum = 0, plain_sum = 0;
  for (Index row = threadIdx.x; row < rows; row += blockDim.x) {
    sum += static_cast<double>(losses[row]);
    plain_sum += static_cast<double>(plain_losses[row]);
  }
  sum = combine_block(sum, Sum(), 0.0);
  plain_sum = combine_block(plain_sum, Sum(), 0.0);
  if (threadIdx.x != 0) return;
  total[0] = static_cast<A>(sum);
  total[2] = static_cast<A>(plain_sum);
}

inline LaunchShape one_block(Context& context, const char* kernel) {
  return {.kernel = kernel, .blocks = 1, .threads = threads_per_block(context, 256)};
}

/// The products of the panels of an output layer: logits = x weight^T, dx = dlogits weight and
/// dweight = dlogits^T x, and the memory for them.
template <class T>
class OutputLayerPanels {
 public:
  using A = Accumulate<T>;

  /// The rows of a panel: as many as keep the logits below 2^27 elements, at most 8,192.
  static Index panel_rows(Index rows, Index classes) {
    constexpr Index most_elements = Index{1} << 27, most_rows = 8192;
    return std::clamp<Index>(most_elements / std::max<Index>(classes, 1), 1,
                             std::clamp<Index>(rows, 1, most_rows));
  }

  OutputLayerPanels(Context& context, Index rows, Index dim, Index classes)
      : rows_(rows), dim_(dim), classes_(classes), panel_(panel_rows(rows, classes)) {
    Index partial = 0;
    for (const Index n : {panel_, rows % panel_})
      for (const MatmulShape& shape : {logits_shape(n), dx_shape(n), dweight_shape(n)})
        partial = std::max(partial, matmul_plan<T>(context, shape).partial_elements(shape));
    const Index logits = divide_up(panel_ * classes * Index{sizeof(T)}, Index{sizeof(A)});
    losses = workspace<A>(context, 2 * rows + partial + logits);
    partial_ = losses + 2 * rows;
    logits_ = reinterpret_cast<T*>(partial_ + partial);
  }

  A* losses;  // [2, rows]: with smoothing, and without

  void run(Context& context, A* total, Output<T> dx, Output<A> dweight, const T* x, const T* weight,
           const Id* targets, const SmoothedTarget<A>& smoothed) {
    const bool wants_gradient = dx || dweight;
    for (Index first = 0; first == 0 || first < rows_; first += panel_) {
      const Index n = std::min(panel_, rows_ - first);
      product(context, Output<T>{logits_}, x + first * dim_, weight, logits_shape(n));
      launch_any_rows<T, 1>(
          context, "panel_loss", n, classes_, [](auto row) { return panel_loss_kernel<T, decltype(row)>; },
          logits_, losses + first, losses + rows_ + first, total, targets + first, n, classes_, smoothed,
          wants_gradient);
      if (dx)
        product(context, Output<T>{dx.data + first * dim_, dx.accumulate}, logits_, weight, dx_shape(n));
      if (dweight)
        product(context, Output<A>{dweight.data, dweight.accumulate || first > 0}, logits_, x + first * dim_,
                dweight_shape(n));
    }
  }

 private:
  MatmulShape logits_shape(Index n) const { return contiguous_product(n, classes_, dim_, {.b = true}); }
  MatmulShape dx_shape(Index n) const { return contiguous_product(n, dim_, classes_); }
  MatmulShape dweight_shape(Index n) const { return contiguous_product(classes_, dim_, n, {.a = true}); }

  template <class Out>
  void product(Context& context, const Output<Out>& c, const T* a, const T* b, const MatmulShape& shape) {
    multiply(context, matmul_plan<T>(context, shape), partial_, c, a, b, shape, Epilogue<T>{});
  }

  Index rows_, dim_, classes_, panel_;
  A* partial_;
  T* logits_;
};

template <class T>
void linear_cross_entropy(Context& context, Accumulate<T>* total, Output<T> dx, Output<Accumulate<T>> dweight,
                          const T* x, const T* weight, const Id* targets, Index rows, Index dim,
                          Index classes, const LabelSmoothing& smoothing) {
  using A = Accumulate<T>;
  OutputLayerPanels<T> panels(context, rows, dim, classes);
  launch(context, one_block(context, "count_scored"), count_scored_kernel<A>, total, targets, rows);
  panels.run(context, total, dx, dweight, x, weight, targets, SmoothedTarget<A>(smoothing, classes));
  launch(context, one_block(context, "total_loss"), total_loss_kernel<A>, total, panels.losses,
         panels.losses + rows, rows);
}

template <class T>
inline constexpr LossKernels<T> loss_kernels{.cross_entropy = cross_entropy<T>,
                                             .cross_entropy_backward = cross_entropy_backward<T>,
                                             .linear_cross_entropy = linear_cross_entropy<T>};

}  // namespace memsizer::MEMSIZER_DEVICE
