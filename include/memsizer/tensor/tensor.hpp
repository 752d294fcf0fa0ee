#pragma once
// The tensor: a shape over a part of a storage and, if it requires a gradient, the slot that receives the
// gradient.

#include <concepts>
#include <span>
#include <vector>

#include "memsizer/cpu/table.hpp"
#include "memsizer/tensor/number.hpp"
#include "memsizer/tensor/shape.hpp"
#include "memsizer/tensor/storage.hpp"

namespace memsizer {

template <class T>
struct GradientSlot;

/// A contiguous, row-major array on a device. Copies are handles to the same elements; clone() copies the
/// elements. T is float, double or bfloat16 for numbers, Id for tokens, classes and lengths.
template <class T>
class Tensor {
 public:
  /// An undefined tensor: defined() is false.
  Tensor() = default;
  Tensor(const Tensor&) = default;
  Tensor(Tensor&&) = default;
  /// Binds this handle to the elements of another one. Only a variable is bound anew: `x[0] = y` would bind a
  /// handle that is gone at once, and does not compile.
  Tensor& operator=(Tensor other) & {
    storage_ = std::move(other.storage_);
    offset_ = other.offset_;
    shape_ = other.shape_;
    slot_ = std::move(other.slot_);
    return *this;
  }
  template <class Other>
  void operator=(const Tensor<Other>&) && {
    static_assert(!std::is_same_v<Other, Other>,
                  "an assignment to a part changes no element: write x[0].copy_from(y) to change x in place");
  }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void operator=(Number) {
    static_assert(!std::is_same_v<Number, Number>,
                  "an assignment of a number changes no element: write x[0].fill(1) to change x in place");
  }
  template <class Other>
  requires(!std::is_same_v<Other, T>) void operator=(const Tensor<Other>&) & {
    static_assert(std::is_same_v<Other, T>, "two element types: convert, as in x = y.to<float>()");
  }

  /// Elements are not initialised.
  explicit Tensor(Shape shape, Device& device = cpu::device())
      : storage_(std::make_shared<Storage>(device, checked_product(shape.size(), sizeof(T), "tensor"))),
        shape_(shape) {
    if constexpr (is_element<T>) cpu::provide_kernels<T>();
  }

  /// A tensor with these values in row-major order; InputError if their number does not match the shape.
  Tensor(Shape shape, std::span<const T> values, Device& device = cpu::device()) : Tensor(shape, device) {
    copy_from(values);
  }
  Tensor(Shape shape, std::initializer_list<T> values, Device& device = cpu::device())
      : Tensor(shape, std::span<const T>(values.begin(), values.size()), device) {}

  /// Numbers of another type, converted: a std::vector<double> for a Tensor<float>. InputError for what no
  /// element holds: 0.5 and 2^31 as ids.
  template <class Number>
  requires OtherNumber<Number, T> Tensor(Shape shape, const std::vector<Number>& values,
                                         Device& device = cpu::device())
      : Tensor(shape, converted(values), device) {}

  /// One axis, of these values.
  template <class Number>
  requires std::is_arithmetic_v<Number>
  explicit Tensor(const std::vector<Number>& values, Device& device = cpu::device())
      : Tensor(Shape{values.size()}, values, device) {
    static_assert(
        std::is_floating_point_v<Number> || !is_element<T>,
        "a vector of whole numbers may be values or a shape: write Tensor<float>({v.size()}, v), or "
        "Tensor<float>(Shape(v))");
  }

  /// Nested braces do not compile: Tensor<float>{{1, 2}, {3, 4}} would be read as a shape and values. They
  /// hold numbers of any types, since {{1, 2}, {3.5, 4.5}} would be read so too.
  template <class E = T>
  Tensor(std::initializer_list<std::initializer_list<Literal>>) {
    static_assert(!std::is_same_v<E, T>,
                  "write matrix({{1, 2}, {3, 4}}), or Tensor<float>({2, 2}, {1, 2, 3, 4})");
  }
  template <class E = T>
  Tensor(std::initializer_list<std::initializer_list<std::initializer_list<Literal>>>) {
    static_assert(!std::is_same_v<E, T>,
                  "write the shape and the values, as in Tensor<float>({1, 2, 2}, {1, 2, 3, 4})");
  }
  template <class Number>
  explicit Tensor(const std::vector<std::vector<Number>>&) {
    static_assert(!std::is_same_v<Number, Number>, "write matrix(rows)");
  }
  template <class Number>
  explicit Tensor(const std::vector<std::vector<std::vector<Number>>>&) {
    static_assert(!std::is_same_v<Number, Number>,
                  "put all values into one vector, as in Tensor<float>({1, 2, 2}, values)");
  }

  static Tensor full(Shape shape, T value, Device& device = cpu::device()) {
    Tensor tensor(shape, device);
    tensor.fill(value);
    return tensor;
  }
  template <class Number>
  requires OtherNumber<Number, T>
  static Tensor full(Shape shape, Number value, Device& device = cpu::device()) {
    return full(shape, detail::as_element<T>("full", value), device);
  }
  static Tensor zeros(Shape shape, Device& device = cpu::device()) { return full(shape, T{0}, device); }
  static Tensor ones(Shape shape, Device& device = cpu::device()) { return full(shape, T{1}, device); }
  /// Normal and uniform random numbers, see ops/create.hpp.
  static Tensor randn(Shape shape, std::uint64_t seed = 1, Device& device = cpu::device());
  static Tensor uniform(Shape shape, double low, double high, std::uint64_t seed = 1,
                        Device& device = cpu::device());

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  Index size() const { return shape_.size(); }
  int rank() const { return shape_.rank(); }
  /// The extent of an axis; -1 means the last axis.
  Index extent(Index axis) const { return shape_[axis]; }
  Index size(Index axis) const { return extent(axis); }

  Device& device() const { return storage().device(); }
  /// The device's kernels for numbers of this type. There are none for ids.
  template <class E = T>
  const KernelTable<E>& kernels() const {
    static_assert(is_element<E>, "this operation takes no ids: convert them, as in t.to<float>()");
    if constexpr (is_element<E>)
      return device().template kernels<E>();
    else
      throw Error("ids have no kernels");
  }

  /// Keeps the elements alive while it lives.
  std::shared_ptr<const void> owner() const { return storage_; }

  /// The first element, in the device's memory.
  T* data() const { return static_cast<T*>(storage().data()) + offset_; }

  /// All elements in row-major order, on the host.
  std::vector<T> to_vector() const {
    std::vector<T> values(static_cast<std::size_t>(size()));
    if (size() > 0)  // the data of an empty vector may be null
      device().memory().to_host(device().context(), values.data(), data(), size() * Index{sizeof(T)});
    return values;
  }

  /// The element of a tensor that has only one.
  T item() const {
    require(size() == 1, "item: a tensor of one element expected, got shape ", shape_);
    return to_vector()[0];
  }

  /// One element, read by the host: x.at({0, -1}) is the last of the first row. InputError where there is
  /// none.
  T at(std::initializer_list<AnyIndex> place) const {
    require(static_cast<int>(place.size()) == rank(), "at: ", rank(), " numbers expected for shape ", shape_,
            ", got ", place.size());
    Index element = 0;
    for (int axis = 0; axis < rank(); ++axis) {
      const Index extent = shape_[axis], asked = place.begin()[axis];
      require(asked >= -extent && asked < extent, "at: ", asked, " does not lie in axis ", axis, " of shape ",
              shape_);
      element = element * extent + (asked < 0 ? asked + extent : asked);
    }
    return view(element, Shape{}).item();
  }
  /// The same: x(0, 1) is x.at({0, 1}).
  template <std::integral... Places>
  T operator()(Places... place) const {
    return at({AnyIndex(place)...});
  }

  void copy_from(std::span<const T> values) {
    require(static_cast<Index>(values.size()) == size(), "tensor of shape ", shape_, ": ", size(),
            " values expected, got ", values.size());
    mark_changed();
    if (size() > 0)
      device().memory().from_host(device().context(), data(), values.data(), size() * Index{sizeof(T)});
  }

  /// Copies the elements of another tensor of this size on the same device. The host neither reads them nor
  /// waits.
  void copy_from(const Tensor& other) {
    require(other.size() == size(), "tensor of shape ", shape_, ": ", size(),
            " elements expected, got shape ", other.shape());
    require(&other.device() == &device(), "tensor on ", device().name(),
            ": one on the same device expected, got ", other.device().name());
    mark_changed();
    device().memory().copy(device().context(), data(), other.data(), size() * Index{sizeof(T)});
  }

  /// Copies the values from the host if the device has no kernel for this.
  void fill(T value) {
    mark_changed();
    if constexpr (is_element<T>)
      if (const auto kernel = kernels().memory.fill)
        return launch(device(), "fill", kernel, data(), value, size());
    copy_from(std::vector<T>(static_cast<std::size_t>(size()), value));
  }
  template <class Number>
  requires OtherNumber<Number, T>
  void fill(Number value) { fill(detail::as_element<T>("fill", value)); }

  /// A new tensor with the same elements and no gradient.
  Tensor clone() const { return to(device()); }

  /// A copy on a device, with no gradient.
  Tensor to(Device& target) const {
    if (&target == &device()) {
      Tensor copy(shape_, target);
      copy.copy_from(*this);
      return copy;
    }
    if (device().memory().host_readable)
      return Tensor(shape_, std::span<const T>(data(), static_cast<std::size_t>(size())), target);
    return Tensor(shape_, to_vector(), target);
  }

  /// The elements as numbers of another type; gradients flow through (ops/convert.hpp).
  template <class Number>
  Tensor<Number> to() const;

  /// Operations as members, with their gradients (ops/members.hpp). x[i] shares the elements of x: it is the
  /// part of x at i of the first axis, counted from the end where i is below 0.
  Tensor operator[](Index i) const;
  Tensor reshape(std::initializer_list<AnyIndex> extents) const;
  template <class E = T>
  Tensor<E> matmul(const Tensor<E>& other) const;

  /// A view of the elements from `offset` on, with another shape. No gradient flows through it.
  Tensor view(Index offset, Shape shape) const {
    require(offset >= 0 && offset <= size() - shape.size(), "view of shape ", shape, " at ", offset,
            " does not lie in a tensor of shape ", shape_);
    Tensor part = *this;
    part.slot_ = nullptr;
    part.offset_ += offset;
    part.shape_ = shape;
    return part;
  }

  /// A handle to the same elements that is cut off from the tape.
  Tensor detach() const { return view(0, shape_); }

  /// How often the storage behind this tensor was changed in place. fill(), copy_from() and an optimiser's
  /// step are counted. If you write through data(), call mark_changed() yourself.
  std::uint64_t version() const { return storage().version(); }
  void mark_changed() const { storage().mark_changed(); }

  bool requires_gradient() const { return slot_ != nullptr; }

  /// From now on backward passes add to this tensor's gradient, which starts as zeros.
  /// InputError for a result that a tape recorded: the gradient would end here and not reach the result's
  /// inputs.
  Tensor& require_gradient();

  /// The same with a given tensor for the gradient (a view of flat storage), which is not cleared.
  Tensor& require_gradient(Tensor<Accumulate<T>> gradient);

  /// Computes the gradient of this scalar on the tape that records now; InputError if no tape records.
  template <class E = T>
  void backward() const;

  /// PyTorch's names of require_gradient() and gradient().
  Tensor& requires_grad_() { return require_gradient(); }
  Tensor<Accumulate<T>> grad() const { return gradient(); }

  /// The gradient of the tensor that backward got, with respect to this one. InputError unless
  /// require_gradient() was called.
  Tensor<Accumulate<T>> gradient() const;

  /// The slot that receives the gradient; null if no gradient is required.
  const std::shared_ptr<GradientSlot<T>>& slot() const { return slot_; }
  void set_slot(std::shared_ptr<GradientSlot<T>> slot) { slot_ = std::move(slot); }

  /// Elementwise results are no truth: `if (x == y)` does not compile.
  template <std::same_as<bool> Truth>
  operator Truth() const {
    static_assert(
        !std::is_same_v<Truth, bool>,
        "a comparison gives a tensor: write all(x == y), or any(x == y); both of two conditions are "
        "(x > 0) * (x < 1)");
  }

 private:
  template <class Number>
  static std::vector<T> converted(const std::vector<Number>& values) {
    std::vector<T> own;
    own.reserve(values.size());
    for (const Number value : values) own.push_back(detail::as_element<T>("tensor", value));
    return own;
  }

  const Storage& storage() const {
    require(defined(), "tensor: used before it was given a value");
    return *storage_;
  }

  std::shared_ptr<Storage> storage_;
  Index offset_ = 0;
  Shape shape_;
  std::shared_ptr<GradientSlot<T>> slot_;
};

/// Where a tensor's gradient arrives. An operation's result has a slot that backward allocates at the first
/// contribution and frees after the last use; its gradient is in T. A leaf (a parameter) has a slot that
/// stays, and every contribution is added to it. Its gradient is in Accumulate<T>, since it sums many
/// contributions.
template <class T>
struct GradientSlot {
  static constexpr std::uint64_t leaf = 0;

  /// The gradient of a result, or of any tensor if T is its own accumulator. Undefined until a contribution
  /// arrives.
  Tensor<T> value = {};
  bool written = false;       // whether the next contribution adds instead of writing
  bool is_walked = false;     // of a result: whether backward has passed it, so that no gradient gets on
  std::uint64_t pass = leaf;  // the backward pass that a result takes part in
  std::uint64_t version = 0;  // of a result's elements when they were recorded
  /// Used instead of `value` if `is_wide`.
  Tensor<Accumulate<T>> wide_value = {};
  bool is_wide = false;   // whether the gradient is in Accumulate<T>, and that is another type than T
  std::string name = {};  // of a parameter, for pictures of the tape

  /// The gradient as a tensor of G, which must be the type it is kept in.
  template <class G>
  Tensor<G>& in() {
    if constexpr (std::is_same_v<G, T>)
      return value;
    else
      return wide_value;
  }
};

template <class T>
Tensor<T>& Tensor<T>::require_gradient() {
  // A leaf keeps its slot, which records may hold already.
  if (slot_ != nullptr && slot_->pass == GradientSlot<T>::leaf && slot_->written)
    slot_->template in<Accumulate<T>>().fill(0);
  else
    require_gradient(Tensor<Accumulate<T>>::zeros(shape_, device()));
  return *this;
}

template <class T>
Tensor<T>& Tensor<T>::require_gradient(Tensor<Accumulate<T>> gradient) {
  require(
      slot_ == nullptr || slot_->pass == GradientSlot<T>::leaf, "require_gradient: a tensor of shape ",
      shape_,
      " that a tape has recorded as a result: its gradient would not reach its inputs; call detach() first");
  require(gradient.shape() == shape_, "gradient of shape ", shape_, " expected, got ", gradient.shape());
  slot_ =
      std::make_shared<GradientSlot<T>>(GradientSlot<T>{.written = true, .is_wide = !accumulates_itself<T>});
  slot_->template in<Accumulate<T>>() = std::move(gradient);
  return *this;
}

template <class T>
Tensor<Accumulate<T>> Tensor<T>::gradient() const {
  require(slot_ != nullptr && slot_->template in<Accumulate<T>>().defined(),
          "gradient: none has arrived at this tensor of shape ", shape_);
  return slot_->template in<Accumulate<T>>();
}

}  // namespace memsizer
