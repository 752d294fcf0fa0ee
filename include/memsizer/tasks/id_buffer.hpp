#pragma once
// Device memory for the ids of batches whose shapes differ.

#include <span>

#include "memsizer/nn/sequence.hpp"

namespace memsizer::tasks {

/// Memory on a device that grows to the largest batch and is used again for each later one. Training then
/// allocates nothing for its batches, and a batch always begins at the same address.
class IdBuffer {
 public:
  /// The ids as a tensor in this memory, whatever was there before: the tensor of the last call changes too.
  /// The host does not read the device.
  Tensor<Id> fill(const Shape& shape, std::span<const Id> ids, Device& device) {
    const bool has_room = memory_.defined() && &memory_.device() == &device && memory_.size() >= shape.size();
    if (!has_room) memory_ = Tensor<Id>({shape.size()}, device);
    Tensor<Id> part = memory_.view(0, shape);
    part.copy_from(ids);
    return part;
  }

  /// The same for the lengths of rows.
  nn::Lengths fill(const std::vector<Id>& lengths, Device& device) {
    nn::Lengths filled;
    filled.host = lengths;
    filled.on_device = fill({static_cast<Index>(lengths.size())}, lengths, device);
    return filled;
  }

 private:
  Tensor<Id> memory_;
};

}  // namespace memsizer::tasks
