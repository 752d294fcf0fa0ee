#pragma once
// An output layer and its cross entropy in one: logits exist for a panel of rows at a time, and both
// gradients are taken from them at once.

#include <algorithm>
#include <limits>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/product.hpp"
#include "memsizer/cpu/whole_packets.hpp"
#include "memsizer/device/smoothed_target.hpp"

namespace memsizer::cpu {

/// The work, panel by panel. Classes come in blocks whose logits stay in a thread's cache: a block first
/// holds exp(logit - maximum of the row in the block), then the gradient. Neighbouring blocks form a part,
/// which belongs to one thread: its logits, its part of the rows' sums, its rows of dweight and its share of
/// dx. The parts depend on the number of classes alone and their shares are added in order, so the result
/// does not depend on the number of threads.
template <class T>
class LinearCrossEntropy {
 public:
  LinearCrossEntropy(Context& context, Output<T> dx, Output<T> dweight, const T* x, const T* weight,
                     const Id* targets, Index rows, Index dim, Index classes, const LabelSmoothing& smoothing)
      : context_(context),
        dx_(dx),
        dweight_(dweight),
        x_(x),
        weight_(weight),
        targets_(targets),
        rows_(rows),
        dim_(dim),
        classes_(classes),
        target_(smoothing, classes),
        block_classes_(round_up(std::clamp(divide_up(classes, most_parts), least_block, largest_block),
                                Tile<T>::columns)),
        blocks_(divide_up(classes, block_classes_)),
        parts_(std::min(blocks_, most_parts)),
        panel_(std::clamp<Index>(rows, 1,
                                 std::clamp<Index>(panel_elements / std::max<Index>(classes, 1), 64, 256))) {}

  /// total[0] = the sum of the losses, total[1] = the number of scored rows, total[2] = the sum without
  /// smoothing.
  void run(T* total) {
    const Index scored = std::count_if(targets_, targets_ + rows_, [](Id target) { return target >= 0; });
    factor_ = scored > 0 ? 1 / static_cast<T>(scored) : T(0);
    reserve();
    double sum = 0, plain_sum = 0;
    for (first_row_ = 0; first_row_ == 0 || first_row_ < rows_; first_row_ += panel_) {
      count_ = std::min(panel_, rows_ - first_row_);
      in_parts([&](Index part) { add_logits(part); });
      finish_losses(sum, plain_sum);
      if (!dx_ && !dweight_) continue;
      in_parts([&](Index part) { add_gradients(part); });
      if (dx_) add_up_dx();
    }
    total[0] = static_cast<T>(sum);
    total[1] = static_cast<T>(scored);
    total[2] = static_cast<T>(plain_sum);
  }

 private:
  static constexpr Index least_block = 64, largest_block = 512;  // classes
  static constexpr Index most_parts = 16;
  static constexpr Index panel_elements = Index{1} << 22;

  void reserve() {
    struct Logits;
    struct Statistics;
    struct Shares;
    logits_ = scratch<T, Logits>(blocks_ * panel_ * block_classes_);
    maxima_ = scratch<T, Statistics>((3 * blocks_ + 3) * panel_);
    sums_ = maxima_ + blocks_ * panel_;
    logit_sums_ = sums_ + blocks_ * panel_;
    right_logits_ = logit_sums_ + blocks_ * panel_;
    row_maxima_ = right_logits_ + panel_;
    log_sums_ = row_maxima_ + panel_;
    std::fill(logit_sums_, log_sums_ + panel_, T(0));
    dx_shares_ = scratch<T, Shares>(dx_ ? parts_ * panel_ * dim_ : 0);
  }

  template <class Body>
  void in_parts(const Body& body) {
    parallel_for(context_, parts_, count_ * block_classes_ * std::max<Index>(dim_, 1),
                 [&](Index begin, Index end) {
                   for (Index part = begin; part < end; ++part) body(part);
                 });
  }

  struct Block {
    Index number, first_class, classes;
    T* logits;  // [panel, block_classes_]
  };

  template <class Body>
  void for_each_block(Index part, const Body& body) {
    for (Index number = blocks_ * part / parts_; number < blocks_ * (part + 1) / parts_; ++number) {
      const Index first = number * block_classes_;
      body(Block{number, first, classes_of(number), logits_ + number * panel_ * block_classes_});
    }
  }

  Index classes_of(Index block) const { return std::min(block_classes_, classes_ - block * block_classes_); }

  /// Whether a row's right class lies in the block.
  bool holds(const Block& block, Index row) const {
    const Id target = targets_[first_row_ + row];
    return target >= block.first_class && target < block.first_class + block.classes;
  }

  T& right_of(const Block& block, Index row) const {
    return block.logits[row * block_classes_ + targets_[first_row_ + row] - block.first_class];
  }

  /// Computes the logits of a part's classes, their maxima and sums.
  void add_logits(Index part) {
    for_each_block(part, [&](const Block& block) {
      MatmulShape shape = contiguous_product(count_, block.classes, dim_, {.b = true});
      shape.c_leading = block_classes_;
      product(block.logits, false, x_ + first_row_ * dim_, weight_ + block.first_class * dim_, shape);
      for (Index row = 0; row < count_; ++row) {
        const Index at = block.number * panel_ + row;
        const auto logits = array(block.logits + row * block_classes_, block.classes);
        if (holds(block, row)) right_logits_[row] = right_of(block, row);
        maxima_[at] = largest_of(logits);
        if (target_.others() > 0) logit_sums_[at] = sum_of(logits - maxima_[at]);
        logits = softmax_weight(logits - maxima_[at]);
        sums_[at] = sum_of(logits);
      }
    });
  }

  /// Joins the blocks' maxima and sums into row_maxima_ and log_sums_; adds up the losses.
  void finish_losses(double& sum, double& plain_sum) {
    const auto of_block = [&](T* statistics, Index block) {
      return array(statistics + block * panel_, count_);
    };
    const auto log_sums = array(log_sums_, count_), maxima = array(row_maxima_, count_);
    maxima = -std::numeric_limits<T>::infinity();
    for (Index block = 0; block < blocks_; ++block) maxima = larger_of(maxima, of_block(maxima_, block));
    log_sums = T(0);
    for (Index block = 0; block < blocks_; ++block)
      log_sums += of_block(sums_, block) * softmax_weight(of_block(maxima_, block) - maxima);
    log_sums = logarithm(log_sums);
    // The blocks' sums of logits become relative to the row's maximum instead of the block's.
    for (Index block = 0; block < blocks_ && target_.others() > 0; ++block) {
      const T classes = static_cast<T>(classes_of(block));
      of_block(logit_sums_, block) += classes * (of_block(maxima_, block) - maxima);
      if (block > 0) of_block(logit_sums_, 0) += of_block(logit_sums_, block);
    }
    for (Index row = 0; row < count_; ++row)
      if (const Id target = targets_[first_row_ + row]; target >= 0) {
        const T right = names_class(target, classes_) ? right_logits_[row] - row_maxima_[row]
                                                      : std::numeric_limits<T>::quiet_NaN();
        sum += target_.loss(log_sums_[row], right, logit_sums_[row]);
        plain_sum += log_sums_[row] - right;
      }
  }

  /// Turns a part's blocks into the gradient of the mean with respect to the logits, and this into the other
  /// gradients.
  void add_gradients(Index part) {
    bool first = true;
    for_each_block(part, [&](const Block& block) {
      const auto scales = array(maxima_ + block.number * panel_, count_);
      scales = factor_ * softmax_weight((scales - array(row_maxima_, count_)) - array(log_sums_, count_));
      for (Index row = 0; row < count_; ++row) {
        const auto gradient = array(block.logits + row * block_classes_, block.classes);
        if (names_class(targets_[first_row_ + row], classes_))
          gradient = scales[row] * gradient - factor_ * target_.others();
        else
          gradient = T(0);
        if (holds(block, row)) right_of(block, row) -= factor_ * target_.right();
      }
      if (dweight_) add_dweight(block);
      if (dx_) add_dx(block, dx_shares_ + part * panel_ * dim_, !first);
      first = false;
    });
  }

  void add_dweight(const Block& block) {
    MatmulShape shape = contiguous_product(block.classes, dim_, count_, {.a = true});
    shape.a_leading = block_classes_;
    product(dweight_.data + block.first_class * dim_, dweight_.accumulate || first_row_ > 0, block.logits,
            x_ + first_row_ * dim_, shape);
  }

  void add_dx(const Block& block, T* share, bool accumulate) {
    MatmulShape shape = contiguous_product(count_, dim_, block.classes);
    shape.a_leading = block_classes_;
    product(share, accumulate, block.logits, weight_ + block.first_class * dim_, shape);
  }

  void add_up_dx() {
    parallel_rows(context_, count_, parts_ * dim_, [&](Index row) {
      Output<T> dx = dx_;
      for (Index part = 0; part < parts_; ++part, dx.accumulate = true)
        contribute(dx, (first_row_ + row) * dim_, array(dx_shares_ + (part * panel_ + row) * dim_, dim_));
    });
  }

  Context& context_;
  const Output<T> dx_, dweight_;
  const T* const x_;
  const T* const weight_;
  const Id* const targets_;
  const Index rows_, dim_, classes_;
  const SmoothedTarget<T> target_;
  const Index block_classes_, blocks_, parts_, panel_;
  T factor_ = 0;
  Index first_row_ = 0, count_ = 0;
  T* logits_ = nullptr;                                                      // [blocks, panel, block classes]
  T *maxima_ = nullptr, *sums_ = nullptr, *logit_sums_ = nullptr;            // [blocks, panel]
  T *right_logits_ = nullptr, *row_maxima_ = nullptr, *log_sums_ = nullptr;  // [panel]
  T* dx_shares_ = nullptr;                                                   // [parts, panel, dim]
};

template <class T>
void linear_cross_entropy(Context& context, Accumulate<T>* total, Output<T> dx, Output<Accumulate<T>> dweight,
                          const T* x, const T* weight, const Id* targets, Index rows, Index dim,
                          Index classes, const LabelSmoothing& smoothing) {
  LinearCrossEntropy<T>(context, dx, dweight, x, weight, targets, rows, dim, classes, smoothing).run(total);
}

}  // namespace memsizer::cpu
