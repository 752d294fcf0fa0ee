#pragma once
// The times of kernels whose work is to move memory: bytes that must be read and written, once each.

#include "memsizer/nn/step_key.hpp"

#include "kernel_times.hpp"

namespace memsizer::program {

/// Arrays of [rows, columns] elements; logits have the same number of elements in rows of `classes`.
struct MemorySizes {
  Index rows, columns, classes;
};

template <class T>
class MemoryKernelTimes {
  using A = Accumulate<T>;

 public:
  MemoryKernelTimes(Device& device, const MemorySizes& sizes)
      : timer_(device),
        rows_(sizes.rows),
        columns_(sizes.columns),
        classes_(sizes.classes),
        n_(rows_ * columns_),
        x_(random_array<T>(n_, "x", device)),
        z_(random_array<T>(n_, "z", device)),
        y_(Shape{n_}, device),
        weight_(random_array<T>(columns_, "weight", device)),
        of_row_(random_array<A>(2 * rows_, "of_row", device)),
        ids_(Shape{rows_}, random_ids(rows_, "ids", least_rows()), device),
        targets_(Shape{logit_rows()}, random_ids(logit_rows(), "targets", classes_), device),
        key_(1, device),
        kernels_(x_.kernels()) {}

  std::vector<KernelTime> measure() {
    add_maps();
    add_binary();
    add_rows();
    add_norm();
    add_loss();
    add_embedding();
    add_optimiser();
    return std::move(times_);
  }

 private:
  static std::vector<Id> random_ids(Index n, const char* name, Index below) {
    RandomStream random(name_key(name));
    std::vector<Id> ids(static_cast<std::size_t>(n));
    for (Id& id : ids) id = static_cast<Id>(random.below(static_cast<std::uint64_t>(below)));
    return ids;
  }

  /// The rows of the embedding's table.
  Index least_rows() const { return std::max<Index>(rows_ / 2, 1); }
  Index logit_rows() const { return n_ / classes_; }
  Device& device() const { return timer_.device(); }

  template <class... Arguments>
  void add_of_sizes(std::vector<std::pair<const char*, Index>> sizes, const char* name, double bytes,
                    const Arguments&... arguments) {
    const double seconds = timer_.seconds_of([&] { launch(device(), name, arguments...); });
    times_.push_back({.kernel = name, .sizes = std::move(sizes), .seconds = seconds, .bytes = bytes});
  }

  /// Times a kernel that reads and writes whole arrays, as often as `passes` says.
  template <class... Arguments>
  void add(const char* name, double passes, const Arguments&... arguments) {
    add_of_sizes({{"rows", rows_}, {"columns", columns_}}, name, passes * static_cast<double>(n_) * sizeof(T),
                 arguments...);
  }

  void add_maps() {
    T* const y = y_.data();
    const T *const x = x_.data(), *const z = z_.data();
    add("fill", 1, kernels_.memory.fill, y, static_cast<T>(1.0), n_);
    add("copy", 2, kernels_.elementwise.affine, Output<T>{y}, x, 1.0, 0.0, n_);
    add("transpose", 2, kernels_.memory.copy_strided, Output<T>{y}, x,
        Walk{.rank = 2, .extents = {columns_, rows_}, .y_strides = {rows_, 1}, .a_strides = {1, columns_}});
    add("gelu", 2, kernels_.elementwise.unary, y, x, UnaryFunction::gelu, n_);
    add("gelu_backward", 3, kernels_.elementwise.unary_backward, Output<T>{y}, z, x, UnaryFunction::gelu, n_);
    add("dropout", 2, kernels_.elementwise.dropout, Output<T>{y}, x, Dropout{0.1f, key_.at(0), 1}, n_);
  }

  void add_binary() {
    T* const y = y_.data();
    const T *const x = x_.data(), *const z = z_.data();
    const Walk all{.rank = 1, .extents = {n_}, .y_strides = {1}, .a_strides = {1}, .b_strides = {1}};
    const Walk row{.rank = 2,
                   .extents = {rows_, columns_},
                   .y_strides = {columns_, 1},
                   .a_strides = {columns_, 1},
                   .b_strides = {0, 1}};
    add("add", 3, kernels_.elementwise.binary, y, x, z, BinaryFunction::add, all);
    add("add_row", 2, kernels_.elementwise.binary, y, x, weight_.data(), BinaryFunction::add, row);
  }

  void add_rows() {
    T* const y = y_.data();
    const T *const x = x_.data(), *const z = z_.data();
    add("sum_of_rows", 1, kernels_.reduce.reduce, y, x, ReduceFunction::sum, AxisShape{rows_, columns_, 1});
    add("sum_of_columns", 1, kernels_.reduce.reduce, y, x, ReduceFunction::sum,
        AxisShape{1, rows_, columns_});
    add("softmax", 2, kernels_.softmax.softmax, y, x, rows_, columns_);
    add("softmax_backward", 3, kernels_.softmax.softmax_backward, Output<T>{y}, z, x, rows_, columns_);
  }

  void add_norm() {
    A *const mean = of_row_.data(), *const inverse_deviation = mean + rows_;
    const Tensor<A> gradients(Shape{2 * columns_}, device());
    add("layer_norm", 2, kernels_.norm.layer_norm, y_.data(), mean, inverse_deviation, x_.data(),
        weight_.data(), weight_.data(), rows_, columns_, 1e-5);
    add("layer_norm_backward", 3, kernels_.norm.layer_norm_backward, Output<T>{y_.data()},
        Output<A>{gradients.data()}, Output<A>{gradients.data() + columns_}, z_.data(), mean,
        inverse_deviation, x_.data(), weight_.data(), rows_, columns_);
  }

  void add_loss() {
    const Index rows = logit_rows();
    const double bytes = static_cast<double>(rows * classes_) * sizeof(T);
    const Tensor<A> of_row(Shape{3 * rows}, device()), dloss = Tensor<A>::ones(Shape{rows}, device());
    A *const loss = of_row.data(), *const maximum = loss + rows, *const log_sum = maximum + rows;
    const std::vector<std::pair<const char*, Index>> sizes = {{"rows", rows}, {"columns", classes_}};
    add_of_sizes(sizes, "cross_entropy", bytes, kernels_.loss.cross_entropy, loss, maximum, log_sum,
                 x_.data(), targets_.data(), rows, classes_, LabelSmoothing{});
    add_of_sizes(sizes, "cross_entropy_backward", 2 * bytes, kernels_.loss.cross_entropy_backward,
                 Output<T>{y_.data()}, dloss.data(), maximum, log_sum, x_.data(), targets_.data(), rows,
                 classes_, LabelSmoothing{});
  }

  void add_embedding() {
    const EmbeddingShape shape{.batch = 1, .time = rows_, .dim = columns_, .vocab = least_rows()};
    const Tensor<A> gradient(Shape{shape.vocab * columns_}, device());
    const double read = static_cast<double>(n_) * sizeof(T), table = static_cast<double>(gradient.size());
    add("embedding", 2, kernels_.embedding.embedding, y_.data(), ids_.data(), z_.data(),
        static_cast<const T*>(nullptr), shape, 1.0);
    add("embedding_backward", (read + table * sizeof(A)) / read, kernels_.embedding.embedding_backward,
        Output<A>{gradient.data()}, Output<A>{}, x_.data(), ids_.data(), shape, 1.0);
  }

  /// The optimiser's arrays have the type of sums.
  void add_optimiser() {
    const Tensor<A> gradient = random_array<A>(n_, "gradient", device()), norm(Shape{1}, device());
    const Tensor<A> first = Tensor<A>::zeros(Shape{n_}, device()), second = first.clone();
    const Tensor<A> master = accumulates_itself<T> ? Tensor<A>(Shape{1}, device()) : first.clone();
    const double wide = static_cast<double>(n_) * sizeof(A);
    const OptimiserStep<A> host{.learning_rate = static_cast<A>(1e-3), .step = 10};
    const Storage step(device(), sizeof host);
    device().memory().from_host(device().context(), step.data(), &host, sizeof host);
    add_of_sizes({{"elements", n_}}, "gradient_norm", wide, kernels_.optimiser.gradient_norm, norm.data(),
                 gradient.data(), n_);
    const double moved = 7 * wide + (accumulates_itself<T> ? 0 : static_cast<double>(n_) * sizeof(T));
    add_of_sizes({{"elements", n_}}, "adam", moved, kernels_.optimiser.adam, y_.data(),
                 accumulates_itself<T> ? nullptr : master.data(), first.data(), second.data(),
                 gradient.data(), static_cast<const OptimiserStep<A>*>(step.data()), n_, AdamSettings{});
  }

  KernelTimer timer_;
  Index rows_, columns_, classes_, n_;
  Tensor<T> x_, z_, y_, weight_;
  Tensor<A> of_row_;
  Tensor<Id> ids_, targets_;
  nn::StepKey key_;
  const KernelTable<T>& kernels_;
  std::vector<KernelTime> times_;
};

}  // namespace memsizer::program
