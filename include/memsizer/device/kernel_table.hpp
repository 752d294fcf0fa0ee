#pragma once
// The kernel table: every kernel signature of the library, once. Each device fills the same struct.
//
// The order of arguments is the same everywhere: context, outputs, saved statistics, inputs, weights, sizes.
// A backward kernel has the same order with `d` prefixes. Arrays are contiguous and row-major unless a shape
// says otherwise. A = Accumulate<T>. `rows` is the product of all axes but the last, `columns` the last axis.
//
// Any size may be 0. Callers check sizes, strides and dropouts. Ids and targets live in device memory, so
// callers cannot check them. Kernels do: an id outside its table yields NaN, and no memory outside the table
// is touched.

#include "memsizer/device/arguments.hpp"
#include "memsizer/device/context.hpp"
#include "memsizer/device/scan_arguments.hpp"

namespace memsizer {

/// A kernel of a device's table: a pointer to a function with this signature, or null where the device does
/// not have it yet. A table in braces must name every kernel, if only by `.softmax = nullptr`: the default
/// constructor is explicit, so every compiler refuses a table that leaves one out. A table without braces
/// (`KernelTable<T> table;`) has no kernel. A lambda needs a plus, as in `.fill = +[](Context&, ..) {..}`.
template <class Signature>
class Kernel {
 public:
  explicit constexpr Kernel() : function_(nullptr) {}  // a table in braces must name every kernel
  constexpr Kernel(Signature* function) : function_(function) {}
  /// Calls and comparisons with nullptr go through the pointer.
  constexpr operator Signature*() const { return function_; }

 private:
  Signature* function_;
};

template <class T>
struct MemoryKernels {
  /// y[i] = value
  Kernel<void(Context&, T* y, T value, Index n)> fill;
  /// y = x, or y += x, element by element along the walk's y and a strides (b is unused).
  Kernel<void(Context&, Output<T> y, const T* x, const Walk& walk)> copy_strided;
  /// The first used_bytes of row i of y are those of row rows[i] of x, for `count` rows of any elements, each
  /// row_bytes long. What follows them in y stays as it is.
  Kernel<void(Context&, void* y, const void* x, const Id* rows, Index count, Index row_bytes,
              Index used_bytes)>
      gather_rows;
};

template <class T>
struct ElementwiseKernels {
  /// y = f(x)
  Kernel<void(Context&, T* y, const T* x, UnaryFunction f, Index n)> unary;
  /// dx (+)= f'(x) dy
  Kernel<void(Context&, Output<T> dx, const T* dy, const T* x, UnaryFunction f, Index n)> unary_backward;
  /// y = f(a, b) along the walk, whose y strides are row-major. A stride of 0 repeats a or b.
  Kernel<void(Context&, T* y, const T* a, const T* b, BinaryFunction f, const Walk& walk)> binary;
  /// da (+)= sum of df/da dy over the places where a is repeated; the same for b. Either may be null. An
  /// operand that the wanted gradients do not read may also be null: both of a sum or difference, b of a
  /// product if da is not wanted, a of a product or quotient if db is not wanted.
  Kernel<void(Context&, Output<T> da, Output<T> db, const T* dy, const T* a, const T* b, BinaryFunction f,
              const Walk& walk)>
      binary_backward;
  /// y (+)= scale * x + shift
  Kernel<void(Context&, Output<T> y, const T* x, double scale, double shift, Index n)> affine;
  /// y (+)= *scale * x, the factor read on the device.
  Kernel<void(Context&, Output<T> y, const T* x, const Accumulate<T>* scale, Index n)> scale_by;
  /// y (+)= mask * x / (1 - probability). It is its own backward.
  Kernel<void(Context&, Output<T> y, const T* x, const Dropout& dropout, Index n)> dropout;
  /// y (+)= x, from T to its accumulator and back. If T is its own accumulator, both copy.
  Kernel<void(Context&, Output<Accumulate<T>> y, const T* x, Index n)> widen;
  Kernel<void(Context&, Output<T> y, const Accumulate<T>* x, Index n)> narrow;
};

template <class T>
struct ReduceKernels {
  /// y [outer, inner] = f over the middle axis of x [outer, length, inner]
  Kernel<void(Context&, T* y, const T* x, ReduceFunction f, const AxisShape& shape)> reduce;
  /// The gradient of a maximum goes to the first of equal elements. Only a maximum reads x; for the others x
  /// may be null.
  Kernel<void(Context&, Output<T> dx, const T* dy, const T* x, ReduceFunction f, const AxisShape& shape)>
      reduce_backward;
};

template <class T>
struct SoftmaxKernels {
  /// y = exp(x - max) / sum exp(x - max), over each row. A row in which every element is -inf gives NaN.
  Kernel<void(Context&, T* y, const T* x, Index rows, Index columns)> softmax;
  /// dx (+)= y (dy - sum(y dy))
  Kernel<void(Context&, Output<T> dx, const T* dy, const T* y, Index rows, Index columns)> softmax_backward;
  /// y = x - log sum exp(x)
  Kernel<void(Context&, T* y, const T* x, Index rows, Index columns)> log_softmax;
  /// dx (+)= dy - exp(y) sum(dy)
  Kernel<void(Context&, Output<T> dx, const T* dy, const T* y, Index rows, Index columns)>
      log_softmax_backward;
};

template <class T>
struct MatmulKernels {
  using A = Accumulate<T>;
  /// c (+)= op(a) op(b), then the epilogue (only if c does not accumulate).
  Kernel<void(Context&, Output<T> c, const T* a, const T* b, const MatmulShape& shape,
              const Epilogue<T>& epilogue)>
      matmul;
  /// dweight [outputs, inputs] (+)= dy^T x; dbias [outputs] (+)= column sums of dy. Either may be null.
  Kernel<void(Context&, Output<A> dweight, Output<A> dbias, const T* dy, const T* x,
              const LinearShape& shape)>
      linear_weight_backward;
};

template <class T>
struct NormKernels {
  using A = Accumulate<T>;
  /// y = (x - mean) * inverse_deviation * weight + bias over each row, with inverse_deviation = 1 /
  /// sqrt(variance + epsilon) (Ba et al. 2016). mean and inverse_deviation [rows] are kept for backward.
  Kernel<void(Context&, T* y, A* mean, A* inverse_deviation, const T* x, const T* weight, const T* bias,
              Index rows, Index columns, double epsilon)>
      layer_norm;
  /// With n = (x - mean) inverse_deviation, g = dy weight and means over the row:
  /// dx (+)= inverse_deviation (g - mean(g) - n mean(g n)),
  /// dweight (+)= sum of dy n, dbias (+)= sum of dy over the rows. Any may be null.
  Kernel<void(Context&, Output<T> dx, Output<A> dweight, Output<A> dbias, const T* dy, const A* mean,
              const A* inverse_deviation, const T* x, const T* weight, Index rows, Index columns)>
      layer_norm_backward;
};

template <class T>
struct EmbeddingKernels {
  using A = Accumulate<T>;
  /// y [batch, time, dim] = scale * table[ids] + position_table[first_position + t]; position_table may be
  /// null. An id or position outside its table yields NaN and gets no gradient.
  Kernel<void(Context&, T* y, const Id* ids, const T* table, const T* position_table,
              const EmbeddingShape& shape, double scale)>
      embedding;
  /// dtable [vocab, dim] (+)= scale * sum of dy over the places where each id stands, in their order;
  /// dpositions likewise.
  Kernel<void(Context&, Output<A> dtable, Output<A> dpositions, const T* dy, const Id* ids,
              const EmbeddingShape& shape, double scale)>
      embedding_backward;
};

template <class T>
struct AttentionKernels {
  using A = Accumulate<T>;
  /// y = softmax(scale q k^T + bias, over the keys seen) v for each head (Vaswani et al. 2017), a tile at a
  /// time: the T x T matrix is never stored (Dao et al. 2022). log_sum_exp [batch, heads, queries] is kept
  /// for backward and may be null. DistanceBiasShape describes the bias; null: none. Dropout acts on the
  /// weights, as Dropout describes. NaN in a query, or in a key or value that the query sees, makes the
  /// query's output NaN. Keys and values before a row's first key or beyond its length are not read.
  Kernel<void(Context&, T* y, A* log_sum_exp, const T* query, const T* key, const T* value, const T* bias,
              const AttentionShape& shape, const Dropout& dropout)>
      attention;
  /// dquery, dkey, dvalue, dbias are laid out as query, key, value, bias; y and dy as the output.
  Kernel<void(Context&, Output<T> dquery, Output<T> dkey, Output<T> dvalue, Output<A> dbias, const T* dy,
              const T* y, const A* log_sum_exp, const T* query, const T* key, const T* value, const T* bias,
              const AttentionShape& shape, const Dropout& dropout)>
      attention_backward;
};

template <class T>
struct MemSizerKernels {
  /// p [rows, slots] = mean over heads of softmax(logits [rows, heads, slots]). Dropout acts on each head's
  /// softmax.
  Kernel<void(Context&, T* p, const T* logits, Index rows, Index heads, Index slots, const Dropout& dropout)>
      slot_weights;
  /// With w the softmax of a head: dw = mask dp / heads, dlogits (+)= w (dw - sum(w dw)).
  Kernel<void(Context&, Output<T> dlogits, const T* dp, const T* logits, Index rows, Index heads, Index slots,
              const Dropout& dropout)>
      slot_weights_backward;
};

template <class T>
struct ScanKernels {
  /// The memory of fixed size of MemSizer and of all kernel-based attention, in each head
  ///   M_t = g_t M_(t-1) + k_t v_t^T,  z_t = g_t z_(t-1) + k_t,  y_t = s_t q_t M_t / divisor(q_t z_t)
  /// with M [features, dim], its sums z [features], the decay g and s the inverse root of the number of
  /// tokens in M, each only if the shape asks for it (Katharopoulos et al. 2020; MemSizer, Zhang and Cai
  /// 2022: one head, the inverse root and no normaliser). Without y the kernel makes the memory of a source,
  /// without key and value it only reads M. Tokens at lengths[b] and beyond do not change M, and get y = 0.
  Kernel<void(Context&, const ScanOutputs<T>& outputs, const ScanInputs<T>& inputs, const ScanShape& shape)>
      causal_scan;
  /// Two scans, each with a state as large: forward in time for dquery, backward in time for the rest. ddecay
  /// needs both.
  Kernel<void(Context&, const ScanGradients<T>& gradients, const ScanCotangents<T>& cotangents,
              const ScanInputs<T>& inputs, const ScanShape& shape)>
      causal_scan_backward;
};

template <class T>
struct LossKernels {
  using A = Accumulate<T>;
  /// loss [rows] = cross entropy of each row's logits against its smoothed target; a target below 0 is not
  /// scored and has loss 0, a target >= classes has loss NaN; neither has a gradient. maximum and log_sum =
  /// log sum exp(x - maximum) [rows] are kept for backward, as two numbers, because their sum would lose
  /// digits.
  Kernel<void(Context&, A* loss, A* maximum, A* log_sum, const T* logits, const Id* targets, Index rows,
              Index classes, const LabelSmoothing& smoothing)>
      cross_entropy;
  /// dlogits (+)= dloss[row] (softmax - smoothed target)
  Kernel<void(Context&, Output<T> dlogits, const A* dloss, const A* maximum, const A* log_sum,
              const T* logits, const Id* targets, Index rows, Index classes, const LabelSmoothing& smoothing)>
      cross_entropy_backward;
  /// total[0] = sum of the cross entropies of logits x weight^T over the scored rows, total[1] = their
  /// number, total[2] = the same sum without label smoothing. The kernel works panel by panel, so [rows,
  /// classes] is never stored. A row whose target is >= classes is counted, makes the sums NaN, and has no
  /// gradient. weight is [classes, dim]. dx [rows, dim] and dweight are the gradients of the mean total[0] /
  /// total[1], or null if not wanted.
  Kernel<void(Context&, A* total, Output<T> dx, Output<A> dweight, const T* x, const T* weight,
              const Id* targets, Index rows, Index dim, Index classes, const LabelSmoothing& smoothing)>
      linear_cross_entropy;
};

template <class T>
struct OptimiserKernels {
  using A = Accumulate<T>;
  /// *norm = sqrt(sum gradient^2), in a fixed order of summation.
  Kernel<void(Context&, A* norm, const A* gradient, Index n)> gradient_norm;
  /// step->gradient_scale = min(1, limit / (*norm + 1e-6)) (1 if limit is 0). If *norm or *loss is not finite
  /// and *failed_step is 0, *failed_step = step->step. A null loss is not checked. step->finite = whether
  /// *failed_step is 0. So after a failed step no update changes anything until the host sets *failed_step to
  /// 0 again.
  Kernel<void(Context&, OptimiserStep<A>* step, Index* failed_step, const A* norm, const A* loss,
              double limit)>
      clip;
  /// Adam (Kingma and Ba 2015) over n parameters in one pass. If T is narrower than A, the kernel updates the
  /// masters and rounds weight from them; InputError if master is null. If T is its own accumulator, master
  /// may be null.
  Kernel<void(Context&, T* weight, A* master, A* first_moment, A* second_moment, const A* gradient,
              const OptimiserStep<A>* step, Index n, const AdamSettings& settings)>
      adam;
  /// Stochastic gradient descent with Nesterov momentum: velocity = momentum velocity + g, weight -= rate (g
  /// + momentum velocity) (Sutskever et al. 2013, PyTorch's form). The masters are as for adam.
  Kernel<void(Context&, T* weight, A* master, A* velocity, const A* gradient, const OptimiserStep<A>* step,
              Index n, const NesterovSettings& settings)>
      nesterov;
};

/// All kernels of a device for one element type.
template <class T>
struct KernelTable {
  MemoryKernels<T> memory;
  ElementwiseKernels<T> elementwise;
  ReduceKernels<T> reduce;
  SoftmaxKernels<T> softmax;
  MatmulKernels<T> matmul;
  NormKernels<T> norm;
  EmbeddingKernels<T> embedding;
  AttentionKernels<T> attention;
  MemSizerKernels<T> memsizer;
  ScanKernels<T> scan;
  LossKernels<T> loss;
  OptimiserKernels<T> optimiser;
};

}  // namespace memsizer
