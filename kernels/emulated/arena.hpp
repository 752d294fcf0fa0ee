#pragma once
// The memory from which a block's shared arrays are cut.

#include <cstddef>
#include <memory>
#include <vector>

namespace memsizer::emulated {

/// One shared array of the running block.
struct SharedSlice {
  const void* declaration;
  const char* name;
  unsigned char* begin;
  std::size_t bytes;
};

class SharedArena {
 public:
  /// The most that a block may have: static arrays of the size that every GPU allows, and dynamic memory of
  /// the size that the largest GPU allows.
  static constexpr std::size_t static_bytes = 48 * 1024, dynamic_bytes = 227 * 1024;
  /// The size of the arena: arrays and the guards between them.
  static constexpr std::size_t total_bytes = static_bytes + dynamic_bytes + 64 * 1024;

  SharedArena();
  ~SharedArena();

  /// Forgets the slices of the previous block.
  void begin_block();
  /// The static array of this declaration. A new one is cut and filled with NaNs. InputError if it does not
  /// fit.
  void* static_slice(const void* declaration, const char* name, std::size_t bytes, std::size_t alignment);
  /// The launch's dynamic memory, in the same way.
  void* dynamic_slice(const char* name, std::size_t bytes, std::size_t alignment);
  /// A slice whose guard was written to, or null.
  const SharedSlice* changed_guard() const;

  bool holds(const void* address) const;
  /// The slice that holds the address, or null.
  const SharedSlice* find(const void* address) const;
  /// The slice that begins or ends nearest to an address in the arena, or null.
  const SharedSlice* nearest(const void* address) const;
  unsigned char* begin() const { return memory_.get(); }

 private:
  const SharedSlice* made_for(const void* declaration) const;
  void* cut(const SharedSlice& wanted, std::size_t alignment);

  std::unique_ptr<unsigned char[]> memory_;
  std::size_t used_ = 0, static_used_ = 0;
  std::vector<SharedSlice> slices_;
};

}  // namespace memsizer::emulated
