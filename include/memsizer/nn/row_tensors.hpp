#pragma once
// Named tensors with a row for each sequence of a batch. States and prepared sources are made of them.

#include <algorithm>
#include <variant>

#include "memsizer/base/linkage.hpp"
#include "memsizer/nn/host_array.hpp"
#include "memsizer/tensor/tensor.hpp"

namespace memsizer::nn {

/// Tensors by name, with the same number of rows. Here is what works on all of them, whatever they mean:
/// reorder for beam search, append for further prompts, clear at a document's start, count bytes, save and
/// restore. A copy shares the elements. This is safe because values are never overwritten: a tensor that
/// changes is replaced.
template <class T>
class RowTensors {
 public:
  using A = Accumulate<T>;

  RowTensors() = default;
  explicit RowTensors(Index rows) : rows_(rows) {}

  /// How many sequences there are.
  Index batch() const { return rows_; }

  /// The tensor [rows, ..] of this name; undefined if there is none. InputError if its elements are not of
  /// type E.
  template <class E>
  Tensor<E> get(const std::string& name) const {
    const Named* const found = find(name);
    if (found == nullptr) return {};
    const auto* tensor = std::get_if<Tensor<E>>(&found->tensor);
    require(tensor != nullptr, "state: ", name, " has elements of another type");
    return *tensor;
  }

  bool has(const std::string& name) const { return find(name) != nullptr; }

  /// Adds a tensor [rows, ..], or replaces the one of this name. In a growing or ring tensor [rows, capacity,
  /// ..], fill[b] entries of row b have been written; if `fill` is empty, one for each token that was seen.
  template <class E>
  void set(const std::string& name, RowKind kind, Tensor<E> tensor, std::vector<Id> fill = {}) {
    const int least = kind == RowKind::fixed ? 1 : 2;
    require(tensor.rank() >= least && tensor.extent(0) == rows_, "state: ", name, " of shape ",
            tensor.shape(), " does not have ", rows_, " rows");
    require(fill.empty() || static_cast<Index>(fill.size()) == rows_, "state: ", name, ": ", rows_,
            " numbers of entries expected, got ", fill.size());
    Named named{name, kind, std::move(tensor), std::move(fill)};
    if (Named* const found = find(name))
      *found = std::move(named);
    else
      tensors_.push_back(std::move(named));
  }

  /// [rows] how many entries of each row of a growing or ring tensor have been written. In a ring this may be
  /// more than the capacity, since old entries are overwritten.
  std::vector<Id> fill(const std::string& name) const;

  /// Calls visit(name, kind, tensor) for each tensor, in the order in which they were first set.
  template <class Visit>
  void for_each_tensor(const Visit& visit) const {
    for (const Named& named : tensors_)
      std::visit([&](const auto& tensor) { visit(named.name, named.kind, tensor); }, named.tensor);
  }

  /// Makes row i what row rows[i] was. Rows may repeat or be left out: {1, 1} keeps row 1 twice. The cost is
  /// one gather for each tensor.
  void reorder(const std::vector<Index>& rows);

  /// Adds the rows of another one after the own rows. A growing tensor gets the larger of the two capacities:
  /// keys [2, 16, dim] and [1, 48, dim] become [3, 48, dim]. Every tensor is replaced, none is on the tape.
  /// If one of the two has no rows, its tensors do not count. InputError, which changes nothing, unless both
  /// have the same tensors, of the same shapes but for rows and the capacities of growing ones.
  void append(const RowTensors& other);

  /// The bytes in use. The unused room of a cache is not counted.
  Index bytes() const;

  /// Copies the tensors to the host; of a growing tensor only the used part. If a tensor such as "keys" has
  /// its own fill, this follows as "keys.fill".
  std::vector<HostArray> save() const;

 protected:
  struct Named {
    std::string name;
    RowKind kind;
    std::conditional_t<accumulates_itself<T>, std::variant<Tensor<T>, Tensor<Id>>,
                       std::variant<Tensor<T>, Tensor<A>, Tensor<Id>>>
        tensor;
    std::vector<Id> fill;
  };

  ~RowTensors() = default;
  RowTensors(const RowTensors&) = default;
  RowTensors(RowTensors&&) = default;
  RowTensors& operator=(const RowTensors&) = default;
  RowTensors& operator=(RowTensors&&) = default;

  /// [rows] how many tokens each row has seen; empty if they are not counted.
  virtual const std::vector<Id>& seen() const = 0;
  /// Reorders the counts in the same way as the rows.
  virtual void pick_counts(const std::vector<Id>& rows) = 0;

  Id checked_row(Index row) const {
    require(row >= 0 && row < rows_, "state: row ", row, " of ", rows_);
    return static_cast<Id>(row);
  }

  static void pick(std::vector<Id>& values, const std::vector<Id>& rows);

  /// Sets these rows of every tensor to 0, in a new copy of the tensor.
  void clear_tensors(const std::vector<Index>& rows);

  /// Gives every tensor elements of its own.
  void clone_tensors() {
    for (Named& named : tensors_) std::visit([](auto& tensor) { tensor = tensor.clone(); }, named.tensor);
  }

  static HostArray ids_on_host(std::string name, const std::vector<Id>& ids);

  /// InputError if a growing tensor has more entries than room.
  void require_filled() const;

  /// Restores one of save()'s arrays. The array of a fill must come after that of its tensor.
  void restore_array(const HostArray& array, Device& device);

 private:
  const Named* find(const std::string& name) const {
    const auto found = std::ranges::find(tensors_, name, &Named::name);
    return found == tensors_.end() ? nullptr : &*found;
  }
  Named* find(const std::string& name) { return const_cast<Named*>(std::as_const(*this).find(name)); }

  const std::vector<Id>& entries(const Named& named) const {
    return named.fill.empty() ? seen() : named.fill;
  }

  /// The number of elements that hold values.
  template <class E>
  Index used(const Named& named, const Tensor<E>& tensor) const;

  /// The rows `ids` of a tensor. Of a growing one only what has been written is copied; the rest of the room
  /// has any values.
  template <class E>
  Tensor<E> gathered(const Named& named, const Tensor<E>& tensor, const std::vector<Id>& ids) const;

  /// The rows of a tensor, and after them those of another one's tensor. The entries that a growing tensor
  /// gets are zeros.
  template <class E>
  static Tensor<E> joined_rows(const Named& named, const Tensor<E>& first, const Named& other);

  /// Copies the rows of `part` to the beginnings of rows row, row + 1, .. of a tensor.
  template <class E>
  static void copy_rows(const Tensor<E>& to, Index row, const Tensor<E>& part);

  template <class E>
  static constexpr RowElement element_of() {
    if (std::is_same_v<E, Id>) return RowElement::id;
    return std::is_same_v<E, T> && !accumulates_itself<T> ? RowElement::value : RowElement::accumulator;
  }

  template <class E>
  HostArray on_host(const Named& named, const Tensor<E>& tensor) const;

  template <class E>
  static Tensor<E> from_host(const HostArray& array, Device& device);

  Index rows_ = 0;
  std::vector<Named> tensors_;
};

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
std::vector<Id> RowTensors<T>::fill(const std::string& name) const {
  const Named* const found = find(name);
  require(found != nullptr, "state: there is no tensor ", name);
  return entries(*found);
}

template <class T>
void RowTensors<T>::reorder(const std::vector<Index>& rows) {
  std::vector<Id> ids;
  for (const Index row : rows) ids.push_back(checked_row(row));
  for (Named& named : tensors_) {
    std::visit([&](auto& tensor) { tensor = gathered(named, tensor, ids); }, named.tensor);
    if (!named.fill.empty()) pick(named.fill, ids);
  }
  rows_ = static_cast<Index>(rows.size());
  pick_counts(ids);
}

template <class T>
void RowTensors<T>::append(const RowTensors& other) {
  if (other.rows_ == 0) return;
  std::vector<Named> joined;
  for (const Named& named : rows_ == 0 ? other.tensors_ : tensors_) joined.push_back(named);
  for (Named& named : joined) {
    const Named* const second = other.find(named.name);
    require(second != nullptr && second->kind == named.kind && second->fill.empty() == named.fill.empty(),
            "state: appended rows have no tensor ", named.name, " of the same kind");
    std::visit(
        [&](auto& tensor) { tensor = rows_ == 0 ? tensor.clone() : joined_rows(named, tensor, *second); },
        named.tensor);
    if (rows_ > 0) named.fill.insert(named.fill.end(), second->fill.begin(), second->fill.end());
  }
  require(joined.size() == other.tensors_.size(), "state: appended rows have ", other.tensors_.size(),
          " tensors, the rows before them ", joined.size());
  tensors_ = std::move(joined);
  rows_ += other.rows_;
}

template <class T>
Index RowTensors<T>::bytes() const {
  Index bytes = 0;
  for (const Named& named : tensors_)
    std::visit([&]<class E>(const Tensor<E>& tensor) { bytes += used(named, tensor) * Index{sizeof(E)}; },
               named.tensor);
  return bytes;
}

template <class T>
std::vector<HostArray> RowTensors<T>::save() const {
  std::vector<HostArray> arrays;
  for (const Named& named : tensors_) {
    std::visit([&](const auto& tensor) { arrays.push_back(on_host(named, tensor)); }, named.tensor);
    if (!named.fill.empty()) arrays.push_back(ids_on_host(named.name + ".fill", named.fill));
  }
  return arrays;
}

template <class T>
void RowTensors<T>::pick(std::vector<Id>& values, const std::vector<Id>& rows) {
  std::vector<Id> picked;
  for (const Id row : rows) picked.push_back(values[static_cast<std::size_t>(row)]);
  values = std::move(picked);
}

template <class T>
void RowTensors<T>::clear_tensors(const std::vector<Index>& rows) {
  for (Named& named : tensors_) {
    std::visit(
        [&]<class E>(Tensor<E>& tensor) {
          tensor = tensor.clone();
          const Index size = tensor.size() / rows_;
          for (const Index row : rows) tensor.view(row * size, Shape{size}).fill(E{0});
        },
        named.tensor);
    if (!named.fill.empty())
      for (const Index row : rows) named.fill[static_cast<std::size_t>(row)] = 0;
  }
}

template <class T>
HostArray RowTensors<T>::ids_on_host(std::string name, const std::vector<Id>& ids) {
  return {.name = std::move(name),
          .element = RowElement::id,
          .shape = {static_cast<Index>(ids.size())},
          .values = ids};
}

template <class T>
void RowTensors<T>::require_filled() const {
  for (const Named& named : tensors_)
    if (named.kind == RowKind::growing)
      std::visit(
          [&](const auto& tensor) {
            for (const Id written : entries(named))
              require(written >= 0 && written <= tensor.extent(1), "state: ", written, " entries of ",
                      named.name, " in a tensor of shape ", tensor.shape());
          },
          named.tensor);
}

template <class T>
void RowTensors<T>::restore_array(const HostArray& array, Device& device) {
  constexpr std::string_view fill = ".fill";
  if (array.name.ends_with(fill)) {
    Named* const found = find(array.name.substr(0, array.name.size() - fill.size()));
    const auto* const ids = std::get_if<std::vector<Id>>(&array.values);
    require(found != nullptr && ids != nullptr && static_cast<Index>(ids->size()) == rows_,
            "state: ", array.name, " does not belong to a tensor of ", rows_, " rows");
    found->fill = *ids;
  } else if (array.element == RowElement::id) {
    set(array.name, array.kind, from_host<Id>(array, device));
  } else if (array.element == RowElement::accumulator) {
    set(array.name, array.kind, from_host<A>(array, device));
  } else {
    set(array.name, array.kind, from_host<T>(array, device));
  }
}

template <class T>
template <class E>
Index RowTensors<T>::used(const Named& named, const Tensor<E>& tensor) const {
  if (named.kind == RowKind::fixed || tensor.size() == 0 || entries(named).empty()) return tensor.size();
  const Index capacity = tensor.extent(1), entry = tensor.size() / (rows_ * capacity);
  Index elements = 0;
  for (const Id written : entries(named)) elements += std::min<Index>(written, capacity) * entry;
  return elements;
}

template <class T>
template <class E>
Tensor<E> RowTensors<T>::gathered(const Named& named, const Tensor<E>& tensor,
                                  const std::vector<Id>& ids) const {
  Tensor<E> picked(tensor.shape().with(0, static_cast<Index>(ids.size())), tensor.device());
  if (picked.size() == 0) return picked;
  const Tensor<Id> rows(Shape{static_cast<Index>(ids.size())}, ids, tensor.device());
  const Index row_bytes = tensor.size() / tensor.extent(0) * Index{sizeof(E)};
  Index used_bytes = row_bytes;
  if (named.kind == RowKind::growing && !entries(named).empty()) {
    Id longest = 0;
    for (const Id id : ids) longest = std::max(longest, entries(named)[static_cast<std::size_t>(id)]);
    used_bytes = row_bytes / tensor.extent(1) * longest;
  }
  launch(tensor.device(), "state", tensor.device().template kernels<T>().memory.gather_rows,
         static_cast<void*>(picked.data()), static_cast<const void*>(tensor.data()), rows.data(), rows.size(),
         row_bytes, used_bytes);
  return picked;
}

template <class T>
template <class E>
Tensor<E> RowTensors<T>::joined_rows(const Named& named, const Tensor<E>& first, const Named& other) {
  const auto* const second = std::get_if<Tensor<E>>(&other.tensor);
  require(second != nullptr, "state: ", named.name, " has elements of another type in appended rows");
  const bool grows = named.kind == RowKind::growing;
  Shape shape = first.shape().with(0, first.extent(0) + second->extent(0));
  if (grows && second->rank() > 1) shape = shape.with(1, std::max(first.extent(1), second->extent(1)));
  const auto fits = [&](const Tensor<E>& part) {
    return part.rank() == shape.rank() &&
           part.shape() == shape.with(0, part.extent(0)).with(grows ? 1 : 0, part.extent(grows ? 1 : 0));
  };
  require(fits(first) && fits(*second), "state: rows of ", named.name, " of shape ", second->shape(),
          " cannot follow rows of shape ", first.shape());
  Tensor<E> rows(shape, first.device());
  if (first.size() + second->size() < rows.size()) rows.fill(E{0});
  copy_rows(rows, 0, first);
  copy_rows(rows, first.extent(0), *second);
  return rows;
}

template <class T>
template <class E>
void RowTensors<T>::copy_rows(const Tensor<E>& to, Index row, const Tensor<E>& part) {
  if (part.size() == 0) return;
  const Index size = part.size() / part.extent(0), room = to.size() / to.extent(0);
  if (size == room) return to.view(row * room, part.shape()).copy_from(part);
  for (Index i = 0; i < part.extent(0); ++i)
    to.view((row + i) * room, Shape{size}).copy_from(part.view(i * size, Shape{size}));
}

template <class T>
template <class E>
HostArray RowTensors<T>::on_host(const Named& named, const Tensor<E>& tensor) const {
  HostArray array{
      .name = named.name, .kind = named.kind, .element = element_of<E>(), .shape = tensor.shape()};
  std::vector<E> values = tensor.to_vector();
  if (named.kind == RowKind::growing) values = used_part(values, entries(named), array.shape);
  if constexpr (std::is_same_v<E, bfloat16>)
    array.values = std::vector<float>(values.begin(), values.end());
  else
    array.values = std::move(values);
  return array;
}

template <class T>
template <class E>
Tensor<E> RowTensors<T>::from_host(const HostArray& array, Device& device) {
  using Kept = std::conditional_t<std::is_same_v<E, bfloat16>, float, E>;
  const auto* const values = std::get_if<std::vector<Kept>>(&array.values);
  require(values != nullptr, "state: ", array.name, " has values of another type");
  if constexpr (std::is_same_v<E, Kept>) {
    return Tensor<E>(array.shape, *values, device);
  } else {
    std::vector<E> narrow;
    for (const Kept value : *values) narrow.emplace_back(value);
    return Tensor<E>(array.shape, narrow, device);
  }
}

#endif

}  // namespace memsizer::nn
