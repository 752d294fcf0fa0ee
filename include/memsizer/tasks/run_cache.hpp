#pragma once
// Where a run keeps the token ids of its data.

#include "memsizer/cpu/context.hpp"
#include "memsizer/data/encoded_ids.hpp"
#include "memsizer/train/run_directory.hpp"
#include "memsizer/train/training_task.hpp"

namespace memsizer::tasks {

/// The cache of a run, in its own folder or in that of MEMSIZER_CACHE. The CPU's threads encode what it
/// lacks.
inline data::EncodeCache cache_of(const train::RunDirectory& run, const train::MessageCallback& tell) {
  return {data::cache_folder(run.path()), tell, &cpu::context().threads()};
}

}  // namespace memsizer::tasks
