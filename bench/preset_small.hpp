#pragma once
// The shapes of preset small. The benchmarks use them, so that their figures explain those of training.

#include "memsizer/base/checked.hpp"

namespace bench::preset_small {

using memsizer::Index;

/// The batch and the widths of the model, as in memsizer/tasks/language_modeling.hpp.
inline constexpr Index batch = 8, time = 256, rows = batch * time;
inline constexpr Index dim = 192, heads = 4, slots = 32, ffn = 768, vocabulary = 8192;
/// The number of parameters of this preset's Transformer.
inline constexpr Index parameters = 2'907'840;

}  // namespace bench::preset_small
