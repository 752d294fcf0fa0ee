#pragma once
// Rows for the causal scan with each of its options, for the memory of a source and for reading it.

#include "memsizer/check/cases/scan_twins.hpp"
#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

/// A use of the scan.
struct ScanVariant {
  const char* name;
  Index heads = 1;
  ScanNormaliser normaliser = {};
  bool inverse_root_count = false;
  bool decay = false;
  bool continued = false;  // with a state, and rows of different lengths
  Index features = 5;      // of a head
};

/// Every option alone, all compatible options together, and the groups of features that a thread may keep.
inline std::vector<ScanVariant> scan_variants() {
  using Guard = ScanNormaliser::Guard;
  const ScanNormaliser plus{Guard::plus, 0.125};
  const ScanNormaliser at_least{Guard::at_least, 0.5}, magnitude{Guard::magnitude_at_least, 0.5};
  return {
      {.name = "memsizer", .inverse_root_count = true},
      {.name = "memsizer continued", .inverse_root_count = true, .continued = true},
      {.name = "plain"},
      {.name = "heads", .heads = 3, .continued = true},
      {.name = "normaliser", .normaliser = plus},
      {.name = "normaliser continued", .heads = 2, .normaliser = plus, .continued = true},
      {.name = "normaliser at least", .heads = 2, .normaliser = at_least, .decay = true, .continued = true},
      {.name = "normaliser magnitude", .heads = 2, .normaliser = magnitude, .decay = true, .continued = true},
      {.name = "decay", .decay = true},
      {.name = "decay continued", .heads = 2, .decay = true, .continued = true},
      {.name = "every option",
       .heads = 2,
       .normaliser = plus,
       .inverse_root_count = true,
       .decay = true,
       .continued = true},
      {.name = "of 4 features", .inverse_root_count = true, .features = 4},
      {.name = "of 13 features", .inverse_root_count = true, .features = 13},
      {.name = "of 40 features", .inverse_root_count = true, .continued = true, .features = 40}};
}

template <class T>
ScanOptions<T> scan_options(const ScanVariant& variant, const Inputs<T>& in) {
  return {.heads = variant.heads,
          .normaliser = variant.normaliser,
          .inverse_root_count = variant.inverse_root_count,
          .lengths = variant.continued ? in.ids[0] : Tensor<Id>(),
          .decay = variant.decay ? in.x[3] : Tensor<T>()};
}

template <class T>
ScanState<T> scan_state(const ScanVariant& variant, const Inputs<T>& in) {
  if (!variant.continued) return {};
  Device& device = in.x[0].device();
  using A = Accumulate<T>;
  return {Tensor<A>::full({2, variant.heads, variant.features, 6}, A{0.5}, device),
          Tensor<A>::full({2, variant.heads, variant.features}, A{0.5}, device), in.ids[1]};
}

template <class T>
std::vector<OperationCase<T>> scan_cases() {
  std::vector<OperationCase<T>> cases;
  for (const ScanVariant& variant : scan_variants())
    cases.push_back(
        {concatenate("causal_scan ", variant.name),
         [=](InputBuilder<T>& in, Index n) {
           const Shape keys{2, n, variant.heads * variant.features};
           const bool kinked = variant.normaliser && variant.normaliser.guard != ScanNormaliser::Guard::plus;
           if (kinked)  // normalisers of up to 0.3 and from 2 on: none is near the guard's kink
             in.uniform_rows(keys, 1, 2, {1, -1, 0.01, -0.01}).uniform(keys, 0.5, 1);
           else if (variant.normaliser)
             in.uniform(keys, 0.1, 1).uniform(keys, 0.1, 1);
           else
             in.normal(keys).normal(keys);
           in.normal({2, n, variant.heads * 6});
           if (variant.decay) in.uniform({2, variant.heads, n}, 0.2, kinked ? 0.6 : 1);
           in.ids({2}, n > 0 ? 1 : 0, n).ids({2}, 0, 9);
         },
         [=](const Inputs<T>& in) {
           return causal_scan(in.x[0], in.x[1], in.x[2], scan_options(variant, in), scan_state(variant, in));
         },
         [=](const Inputs<T>& in) {
           return composed_scan(in.x[0], in.x[1], in.x[2], scan_options(variant, in),
                                scan_state(variant, in));
         }});
  return cases;
}

template <class T>
std::vector<OperationCase<T>> source_memory_cases() {
  const ScanNormaliser plus{ScanNormaliser::Guard::plus, 0.125};
  const auto inputs = [](InputBuilder<T>& in, Index n) {
    in.uniform({2, n, 3 * 5}, 0.1, 1).normal({2, n, 3 * 6}).ids({2}, 1, n);
  };
  const auto inputs_and_queries = [=](InputBuilder<T>& in, Index n) {
    inputs(in, n);
    in.uniform({2, 3, 3 * 5}, 0.1, 1);
  };
  const auto memory = [](const Inputs<T>& in) { return key_value_memory(in.x[0], in.x[1], 3, in.ids[0]); };
  std::vector<OperationCase<T>> cases{
      {"key_value_memory", inputs, [=](const Inputs<T>& in) { return cast<T>(memory(in).memory); },
       [](const Inputs<T>& in) {
         return cast<T>(composed_source_memory(in.x[0], in.x[1], 3, in.ids[0]).memory);
       },
       1},
      {"key_value_memory sums", inputs, [=](const Inputs<T>& in) { return cast<T>(memory(in).sums); },
       [](const Inputs<T>& in) {
         return cast<T>(composed_source_memory(in.x[0], in.x[1], 3, in.ids[0]).sums);
       },
       1},
      {"key_value_memory read", inputs_and_queries,
       [=](const Inputs<T>& in) { return read_memory(in.x[2], memory(in), {.normaliser = plus}); },
       [=](const Inputs<T>& in) {
         return composed_read_memory(in.x[2], composed_source_memory(in.x[0], in.x[1], 3, in.ids[0]),
                                     {.normaliser = plus});
       },
       1}};
  struct Kind {
    const char* name;
    ScanNormaliser normaliser;
    bool inverse_root;
  };
  for (const Kind& kind :
       {Kind{"plain", {}, false}, Kind{"memsizer", {}, true}, Kind{"normaliser", plus, false}}) {
    const auto source = [](const Inputs<T>& in) {
      return SourceMemory<T>{cast<Accumulate<T>>(in.x[1]), cast<Accumulate<T>>(in.x[2])};
    };
    const auto options = [=](const Inputs<T>& in) {
      return ReadOptions{
          .normaliser = kind.normaliser, .inverse_root_count = kind.inverse_root, .counts = in.ids[0]};
    };
    cases.push_back(
        {concatenate("read_memory ", kind.name),
         [](InputBuilder<T>& in, Index n) {
           in.uniform({2, n, 3 * 5}, 0.1, 1).normal({2, 3, 5, 6}).uniform({2, 3, 5}, 0.1, 1);
           in.ids({2}, 0, 9);
         },
         [=](const Inputs<T>& in) { return read_memory(in.x[0], source(in), options(in)); },
         [=](const Inputs<T>& in) { return composed_read_memory(in.x[0], source(in), options(in)); }, 1});
  }
  return cases;
}

}  // namespace memsizer::check
