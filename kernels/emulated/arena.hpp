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
  /// The size of the arena: arrays, as many as the largest GPU allows, and the guards between them.
  static constexpr std::size_t total_bytes = (227 + 64) * 1024;

  SharedArena();
  ~SharedArena();

  /// Forgets the slices of the previous block.
  void begin_block();
  /// The array of this declaration, or null if there is none yet.
  void* made_for(const void* declaration) const;
  /// Cuts a static array, and fills it with NaNs.
  void* static_slice(const void* declaration, const char* name, std::size_t bytes, std::size_t alignment);
  /// The launch's dynamic memory. It is cut and filled in the same way when it is first asked for.
  void* dynamic_slice(const char* name, std::size_t bytes, std::size_t alignment);
  /// The size of all static arrays.
  std::size_t static_bytes() const { return static_bytes_; }
  /// A slice whose guard was written to, or null.
  const SharedSlice* changed_guard() const;

  bool holds(const void* address) const;
  /// The slice that holds the address, or null.
  const SharedSlice* find(const void* address) const;
  /// The slice that begins or ends nearest to an address in the arena, or null.
  const SharedSlice* nearest(const void* address) const;
  unsigned char* begin() const { return memory_.get(); }

 private:
  void* cut(const SharedSlice& wanted, std::size_t alignment);

  std::unique_ptr<unsigned char[]> memory_;
  std::size_t used_ = 0, static_bytes_ = 0;
  std::vector<SharedSlice> slices_;
};

}  // namespace memsizer::emulated
