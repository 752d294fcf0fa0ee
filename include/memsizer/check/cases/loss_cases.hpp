#pragma once
// Rows for cross entropy, alone and fused with the output layer.

#include "memsizer/check/cases/composed_twins.hpp"
#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

/// Random targets, some of them not scored, and one that always is.
template <class T>
Tensor<Id> scored(const Inputs<T>& in) {
  std::vector<Id> targets = in.ids[0].to_vector();
  targets.push_back(in.ids[1].to_vector()[0]);
  return Tensor<Id>(Shape{static_cast<Index>(targets.size())}, targets, in.ids[0].device());
}

/// The sum of a loss of each row over the number of scored rows.
template <class T>
Tensor<T> mean_over_scored(const Tensor<T>& losses, const Tensor<Id>& targets) {
  double count = 0;
  for (Id target : targets.to_vector()) count += target >= 0;
  return sum(losses) / count;
}

/// The numbers of rows and of classes for a size.
struct LossShape {
  const char* name;
  Index (*rows)(Index n);
  Index (*classes)(Index n);
};

/// Each of the losses with one smoothing and one shape.
template <class T>
std::vector<OperationCase<T>> loss_cases_of(const LabelSmoothing& smoothing, const LossShape& shape) {
  const bool over_all = smoothing.over == LabelSmoothing::Over::all;
  const std::string variant =
      concatenate(smoothing.smoothing, over_all ? " over all" : " over others", shape.name);
  return {{"cross_entropy_rows " + variant,
           [=](InputBuilder<T>& in, Index n) {
             in.normal({shape.rows(n), shape.classes(n)}, 2).ids({shape.rows(n)}, -1, shape.classes(n) - 1);
           },
           [=](const Inputs<T>& in) { return cast<T>(cross_entropy_rows(in.x[0], in.ids[0], smoothing)); },
           [=](const Inputs<T>& in) { return composed_cross_entropy(in.x[0], in.ids[0], smoothing); }},
          {"cross_entropy " + variant,
           [=](InputBuilder<T>& in, Index n) {
             in.normal({shape.rows(n) + 1, shape.classes(n)}, 2);
             in.ids({shape.rows(n)}, -1, shape.classes(n) - 1).ids({1}, 3, 3);
           },
           [=](const Inputs<T>& in) { return cast<T>(cross_entropy(in.x[0], scored(in), smoothing)); },
           [=](const Inputs<T>& in) {
             return mean_over_scored(composed_cross_entropy(in.x[0], scored(in), smoothing), scored(in));
           }},
          {"linear_cross_entropy " + variant,
           [=](InputBuilder<T>& in, Index n) {
             in.normal({shape.rows(n) + 1, 6}).normal({shape.classes(n), 6}, 0.2);
             in.ids({shape.rows(n)}, -1, shape.classes(n) - 1).ids({1}, 3, 3);
           },
           [=](const Inputs<T>& in) {
             return cast<T>(linear_cross_entropy(in.x[0], in.x[1], scored(in), smoothing).mean);
           },
           [=](const Inputs<T>& in) {
             const Tensor<T> logits = matmul(in.x[0], in.x[1], {.b = true});
             return mean_over_scored(composed_cross_entropy(logits, scored(in), smoothing), scored(in));
           }}};
}

template <class T>
std::vector<OperationCase<T>> loss_cases() {
  using Over = LabelSmoothing::Over;
  const LossShape few{"", [](Index n) { return n; }, [](Index) { return Index{13}; }},
      many{" many classes", [](Index) { return Index{4}; }, [](Index n) { return 1030 + n; }};
  std::vector<OperationCase<T>> cases = loss_cases_of<T>(LabelSmoothing{0.1, Over::others}, many);
  for (const LabelSmoothing smoothing :
       {LabelSmoothing{}, LabelSmoothing{0.1, Over::others}, LabelSmoothing{0.1, Over::all}})
    for (OperationCase<T>& one : loss_cases_of<T>(smoothing, few)) cases.push_back(std::move(one));
  return cases;
}

}  // namespace memsizer::check
