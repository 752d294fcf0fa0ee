#pragma once
// A long sequence of token ids, in memory or in a file, that is read in pieces.

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/text/token_id.hpp"

namespace memsizer::data {

using text::TokenId;

class TokenIds {
 public:
  virtual ~TokenIds() = default;
  virtual Index size() const = 0;

  /// Reads ids.size() ids from `begin` on. InputError unless all of them are within the sequence.
  void read(Index begin, std::span<TokenId> ids) const {
    const Index count = static_cast<Index>(ids.size());
    require(begin >= 0 && begin <= size() && count <= size() - begin, "expected ids within ", size(),
            ", got ", count, " from ", begin);
    copy(begin, ids);
  }

 protected:
  virtual void copy(Index begin, std::span<TokenId> ids) const = 0;
};

class IdsInMemory : public TokenIds {
 public:
  explicit IdsInMemory(std::vector<TokenId> ids) : ids_(std::move(ids)) {}
  Index size() const override { return static_cast<Index>(ids_.size()); }

 private:
  void copy(Index begin, std::span<TokenId> ids) const override {
    std::copy_n(ids_.begin() + begin, ids.size(), ids.begin());
  }

  std::vector<TokenId> ids_;
};

}  // namespace memsizer::data
