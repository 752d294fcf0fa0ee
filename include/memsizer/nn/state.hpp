#pragma once
// What a layer remembers between segments, and what it computes from a source once for all steps of a
// decoder.

#include <utility>

#include "memsizer/base/linkage.hpp"
#include "memsizer/nn/row_tensors.hpp"
#include "memsizer/nn/sequence.hpp"

namespace memsizer::nn {

/// The recurrent state of one layer: tensors that are not on the tape, and how many tokens each row has seen.
/// The kind of attention decides which tensors. A forward never overwrites the values of a tensor: it
/// replaces the tensor, or appends after the entries of a growing one. So a forward that fails leaves the
/// state as it was. A copy has elements of its own.
template <class T>
class State final : public RowTensors<T> {
 public:
  State() = default;
  explicit State(Index batch) : RowTensors<T>(batch), counts_(static_cast<std::size_t>(batch), 0) {}
  State(const State& other) : RowTensors<T>(other), counts_(other.counts_) { this->clone_tensors(); }
  State(State&&) = default;
  State& operator=(State other) noexcept {
    RowTensors<T>::operator=(std::move(static_cast<RowTensors<T>&>(other)));
    counts_ = std::move(other.counts_);
    return *this;
  }
  ~State() = default;

  /// A state that shares the elements of this one. One forward may use it and leaves this state as it was.
  State shared() const {
    State state;
    state.RowTensors<T>::operator=(*this);
    state.counts_ = counts_;
    return state;
  }

  /// [batch] how many tokens each row has seen, which is the position of its next token.
  const std::vector<Id>& counts() const { return counts_; }
  Id largest_count() const { return counts_.empty() ? 0 : *std::ranges::max_element(counts_); }

  /// Like RowTensors::set, but the tensor is cut off from the tape. InputError for a new tensor where tokens
  /// have been seen: they were seen by another kind of attention, whose tensors this one does not read.
  template <class E>
  void set(const std::string& name, RowKind kind, const Tensor<E>& tensor, std::vector<Id> fill = {}) {
    if (!this->has(name))
      require(largest_count() == 0, "state: no tensor ", name, " after ", largest_count(),
              " tokens, so they were seen by another kind of attention");
    RowTensors<T>::set(name, kind, tensor.detach(), std::move(fill));
  }

  /// A copy of the tensor of this name, or zeros if there is none yet. A scan may advance this recurrent sum
  /// in place; it is a copy because a forward never overwrites what the state holds.
  Tensor<Accumulate<T>> copy_or_zeros(const std::string& name, const Shape& shape, Device& device) const {
    using Sum = Accumulate<T>;
    const Tensor<Sum> before = this->template get<Sum>(name);
    return before.defined() ? before.clone() : Tensor<Sum>::zeros(shape, device);
  }

  /// Adds the real tokens of a segment of `time` tokens to the counts.
  void advance(const Sequence& sequence, Index time) {
    for (std::size_t row = 0; row < counts_.size(); ++row) counts_[row] += sequence.length_of(row, time);
  }

  /// Adds the rows of another state after the own rows, as RowTensors::append does.
  void append(const State& other);

  /// Clears these rows: they forget all tokens that they have seen.
  void clear(const std::vector<Index>& rows);

  /// Clears the rows in which a document starts. Models call this before each segment.
  void start_documents(const Sequence& sequence);

  /// The bytes of the counts and of the used parts of the tensors.
  Index bytes() const {
    return RowTensors<T>::bytes() + static_cast<Index>(counts_.size()) * Index{sizeof(Id)};
  }

  /// Copies the counts and all tensors to the host.
  std::vector<HostArray> save() const;

  /// The state that was saved as these arrays. InputError if they do not belong together.
  static State restored(std::span<const HostArray> arrays, Device& device);

 private:
  const std::vector<Id>& seen() const override { return counts_; }
  void pick_counts(const std::vector<Id>& rows) override { this->pick(counts_, rows); }

  std::vector<Id> counts_;
};

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
void State<T>::append(const State& other) {
  std::vector<Id> counts = counts_;
  counts.insert(counts.end(), other.counts_.begin(), other.counts_.end());
  RowTensors<T>::append(other);
  counts_ = std::move(counts);
}

template <class T>
void State<T>::clear(const std::vector<Index>& rows) {
  for (const Index row : rows) this->checked_row(row);
  if (rows.empty()) return;
  this->clear_tensors(rows);
  for (const Index row : rows) counts_[static_cast<std::size_t>(row)] = 0;
}

template <class T>
void State<T>::start_documents(const Sequence& sequence) {
  std::vector<Index> rows;
  for (std::size_t row = 0; row < sequence.document_start.size(); ++row)
    if (sequence.document_start[row]) rows.push_back(static_cast<Index>(row));
  clear(rows);
}

template <class T>
std::vector<HostArray> State<T>::save() const {
  std::vector<HostArray> arrays{this->ids_on_host("counts", counts_)};
  for (HostArray& array : RowTensors<T>::save()) arrays.push_back(std::move(array));
  return arrays;
}

template <class T>
State<T> State<T>::restored(std::span<const HostArray> arrays, Device& device) {
  const auto counts = std::ranges::find(arrays, "counts", &HostArray::name);
  require(counts != arrays.end() && std::holds_alternative<std::vector<Id>>(counts->values),
          "state: counts expected");
  const auto& seen = std::get<std::vector<Id>>(counts->values);
  require(std::ranges::all_of(seen, [](Id count) { return count >= 0; }),
          "state: counts of at least 0 expected");
  State state(static_cast<Index>(seen.size()));
  state.counts_ = seen;
  for (const HostArray& array : arrays)
    if (array.name != "counts") state.restore_array(array, device);
  state.require_filled();
  return state;
}

#endif

/// The part of attention to a source that depends on the source alone, computed once for all steps of a
/// decoder. Its tensors may be on the tape: gradients flow into the source. A growing tensor [rows, source
/// time, ..] has an entry for each token; sources that are appended may then have another padded length.
template <class T>
class PreparedSource final : public RowTensors<T> {
 public:
  /// `lengths` [batch] says how many tokens of each source are real; undefined: all.
  PreparedSource(Index batch, const Tensor<Id>& lengths) : RowTensors<T>(batch) {
    if (lengths.defined()) this->set(lengths_name, RowKind::fixed, lengths);
  }

  Tensor<Id> lengths() const { return this->template get<Id>(lengths_name); }

  /// Adds the sources of another one after the own ones, as RowTensors::append does. InputError if only one
  /// of them has lengths: a kind may compute something else where all tokens are real, as MemSizer, which
  /// then scales its memory beforehand. InputError too if neither has lengths, and a growing tensor would get
  /// entries that no lengths exclude.
  void append(const PreparedSource& other);

 private:
  static constexpr const char* lengths_name = "lengths";

  const std::vector<Id>& seen() const override {
    static const std::vector<Id> none;
    return none;
  }
  void pick_counts(const std::vector<Id>&) override {}
};

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
void PreparedSource<T>::append(const PreparedSource& other) {
  if (!lengths().defined() && this->batch() > 0 && other.batch() > 0)
    this->for_each_tensor([&]<class E>(const std::string& name, RowKind kind, const Tensor<E>& tensor) {
      const Tensor<E> second = other.template get<E>(name);
      require(kind != RowKind::growing || !second.defined() || second.extent(1) == tensor.extent(1),
              "prepared source: ", name, " of shape ", second.shape(), " cannot follow one of shape ",
              tensor.shape(), " without lengths");
    });
  RowTensors<T>::append(other);
}

#endif

/// Adds the rows of other states of the same model after the rows of these, layer by layer. InputError, which
/// changes nothing, if they do not fit.
template <class T>
void append(std::vector<State<T>>& layers, const std::vector<State<T>>& others);

/// Copies all states of a model to the host. Each name begins with the layer's number: "0.memory".
template <class T>
std::vector<HostArray> save(const std::vector<State<T>>& layers);

/// The states of `layers` layers that were saved as these arrays. InputError if they do not belong together.
template <class T>
std::vector<State<T>> restored_states(const std::vector<HostArray>& arrays, Index layers, Device& device);

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
void append(std::vector<State<T>>& layers, const std::vector<State<T>>& others) {
  require(layers.size() == others.size(), "state: rows of ", layers.size(), " layers expected, got ",
          others.size());
  std::vector<State<T>> joined;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    joined.push_back(layers[layer].shared());
    joined.back().append(others[layer]);
  }
  layers = std::move(joined);
}

template <class T>
std::vector<HostArray> save(const std::vector<State<T>>& layers) {
  std::vector<HostArray> arrays;
  for (std::size_t layer = 0; layer < layers.size(); ++layer)
    for (HostArray& array : layers[layer].save()) {
      array.name = concatenate(layer, '.', array.name);
      arrays.push_back(std::move(array));
    }
  return arrays;
}

template <class T>
std::vector<State<T>> restored_states(const std::vector<HostArray>& arrays, Index layers, Device& device) {
  std::vector<State<T>> states;
  std::size_t used = 0;
  for (Index layer = 0; layer < layers; ++layer) {
    const std::string prefix = concatenate(layer, '.');
    std::vector<HostArray> own;
    for (const HostArray& array : arrays)
      if (array.name.starts_with(prefix)) {
        own.push_back(array);
        own.back().name = array.name.substr(prefix.size());
      }
    used += own.size();
    states.push_back(State<T>::restored(own, device));
    require(states.back().batch() == states[0].batch(), "state: layer ", layer, " has ",
            states.back().batch(), " rows, layer 0 ", states[0].batch());
  }
  require(used == arrays.size(), "state: ", arrays.size(), " arrays given, ", used, " of them of the ",
          layers, " layers");
  return states;
}

#endif

}  // namespace memsizer::nn
