#pragma once
// The tape: a list of the operations in the order of computation, so that backward can walk it in reverse.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "memsizer/autograd/graph.hpp"
#include "memsizer/base/linkage.hpp"
#include "memsizer/base/unique_function.hpp"

namespace memsizer {

struct TapeOptions {
  /// Whether backward computes and keeps the norm of each gradient, for graph() and dot().
  bool watched = false;
};

/// While a tape lives, operations on tensors that require a gradient record their backward on it. Tapes nest:
/// the innermost tape of a thread records.
///
///     Tape tape;
///     Tensor<float> loss = mean(square(x));
///     std::cout << tape;  // a line for each operation
///     tape.backward(loss);
///     x.gradient();
class Tape {
  /// The life of a tape or a pause on its thread. Scopes may end in another order than they began in reverse,
  /// as those of tapes in smart pointers do: each takes itself out of the chain. One that ends on another
  /// thread would stay in the chain, so the program ends there, with a word.
  struct Scope {
    Tape* tape;  // null: a pause
    Scope* outer = innermost();

    explicit Scope(Tape* owner) : tape(owner) { innermost() = this; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() {
      Scope** link = &innermost();
      while (*link != nullptr && *link != this) link = &(*link)->outer;
      if (*link != this) {
        std::fputs("memsizer: a Tape or a Tape::Pause must end on the thread on which it began\n", stderr);
        std::abort();
      }
      *link = outer;
    }

    static Scope*& innermost() {
      thread_local Scope* scope = nullptr;
      return scope;
    }
  };

 public:
  explicit Tape(TapeOptions options = {}) : options_(options), scope_(this) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// While a Pause lives, no operation records. Use it for validation, decoding or recomputation.
  class Pause {
   public:
    Pause() : scope_(nullptr) {}

   private:
    Scope scope_;
  };

  /// The tape that records now; null if none does.
  static Tape* current() { return Scope::innermost() == nullptr ? nullptr : Scope::innermost()->tape; }

  void record(GraphNode node, UniqueFunction<void()> backward);

  /// The number of the backward pass to which the operations recorded now will belong.
  std::uint64_t pass() const { return pass_; }

  /// Whether a gradient can still flow from a result of this pass, or a leaf: the result's tape must be this
  /// one or one around it, and must not have run backward since.
  bool reaches(std::uint64_t pass) const {
    return pass == GradientSlot<float>::leaf || pass == pass_ ||
           (outer() != nullptr && outer()->reaches(pass));
  }

  /// A backward that is recorded now will read memory that no tensor holds, such as the key of a dropout.
  void will_read(const void* memory) {
    if (std::ranges::find(read_later_, memory) == read_later_.end()) read_later_.push_back(memory);
  }

  /// Whether a backward of a tape that lives on this thread is still to read this memory. `owner` then stays
  /// alive until that backward, so that the memory keeps its value, whatever becomes of the caller's handle.
  static bool keep_what_is_read(const void* memory, const std::shared_ptr<const void>& owner);

  /// How many operations backward would walk through.
  Index size() const { return static_cast<Index>(records_.size()); }

  /// The operations recorded now. After backward a watched tape gives the operations of that backward, with
  /// the norms of their gradients.
  Graph graph() const { return Graph(nodes_, walked_); }
  /// The graph in Graphviz's language.
  std::string dot() const { return graph().dot(); }
  friend std::ostream& operator<<(std::ostream& out, const Tape& tape) { return out << tape.graph(); }

  /// The name of the operation whose backward runs in this thread; "an operation" if none runs.
  static const char* walked_operation() { return walked_name(); }

  /// Computes the gradients of a scalar.
  template <class T>
  void backward(const Tensor<T>& loss);

  /// Computes the gradients of sum(output * cotangent).
  template <class T>
  void backward(const Tensor<T>& output, const Tensor<T>& cotangent);

  /// Computes the gradients of the sum over all pairs of sum(output * cotangent). Walks the records once in
  /// reverse and frees each as it passes, so afterwards the tape is empty and can record the next step. If a
  /// backward throws, the tape is empty as well.
  template <class T>
  void backward(const std::vector<std::pair<Tensor<T>, Tensor<T>>>& outputs);

 private:
  /// Restores the outer operation's name, also if the walk throws: a backward may run a tape of its own.
  struct WalkedName {
    const char* outer = walked_name();
    ~WalkedName() { walked_name() = outer; }
  };

  /// The tape around this one; null if there is none, or a pause between them.
  const Tape* outer() const { return scope_.outer == nullptr ? nullptr : scope_.outer->tape; }

  static const char*& walked_name() {
    thread_local const char* name = "an operation";
    return name;
  }

  /// The backward of all records, after their outputs' gradients were seeded.
  void walk(std::vector<UniqueFunction<void()>> records, std::vector<GraphNode> nodes);

  static double norm_of_outputs(const GraphNode& node);

  /// A number that no other pass of any tape has.
  static std::uint64_t next_pass() {
    static std::atomic<std::uint64_t> last = GradientSlot<float>::leaf;
    return ++last;
  }

  template <class T>
  static void seed(const Tensor<T>& output, const Tensor<T>& cotangent, std::uint64_t pass);

  TapeOptions options_;
  Scope scope_;
  std::uint64_t pass_ = next_pass();
  std::vector<UniqueFunction<void()>> records_;
  std::vector<GraphNode> nodes_;                   // of the records; if walked_, of the last backward
  std::vector<const void*> read_later_;            // memory besides tensors that the records read
  std::vector<std::shared_ptr<const void>> kept_;  // owners of such memory
  bool walked_ = false;
};

#if MEMSIZER_CORE_HAS_BODIES
MEMSIZER_CORE_FUNCTION void Tape::record(GraphNode node, UniqueFunction<void()> backward) {
  if (walked_) nodes_.clear();
  walked_ = false;
  nodes_.push_back(std::move(node));
  records_.push_back(std::move(backward));
}

MEMSIZER_CORE_FUNCTION void Tape::walk(std::vector<UniqueFunction<void()>> records,
                                       std::vector<GraphNode> nodes) {
  const Pause pause;
  const WalkedName name;
  while (!records.empty()) {
    GraphNode& node = nodes[records.size() - 1];
    walked_name() = node.operation;
    if (options_.watched) node.gradient_norm = norm_of_outputs(node);
    records.back()();
    records.pop_back();
    if (!options_.watched) nodes.pop_back();
  }
  walked_ = options_.watched;
  nodes_ = std::move(nodes);
}

MEMSIZER_CORE_FUNCTION bool Tape::keep_what_is_read(const void* memory,
                                                    const std::shared_ptr<const void>& owner) {
  bool is_kept = false;
  for (const Scope* scope = Scope::innermost(); scope != nullptr; scope = scope->outer) {
    Tape* const tape = scope->tape;
    if (tape == nullptr || tape->records_.empty()) continue;
    if (std::ranges::find(tape->read_later_, memory) == tape->read_later_.end()) continue;
    tape->kept_.push_back(owner);
    is_kept = true;
  }
  return is_kept;
}

MEMSIZER_CORE_FUNCTION double Tape::norm_of_outputs(const GraphNode& node) {
  double squares = 0;
  for (const GraphEdge& output : node.outputs)
    if (const double norm = output.norm(output.slot.get()); !std::isnan(norm)) squares += norm * norm;
  return std::sqrt(squares);
}
#endif

/// While it lives, no operation records. This is PyTorch's name for Pause.
using NoGradGuard = Tape::Pause;

/// gradient (+)= x: the backward of an operation that changes no value. The gradient's type may be narrower
/// or wider than x's.
template <class G, class T>
void pass_on(const char* operation, Output<G> gradient, const Tensor<T>& x) {
  if constexpr (std::is_same_v<G, T>)
    launch(x.device(), operation, x.kernels().elementwise.affine, gradient, x.data(), 1.0, 0.0, x.size());
  else if constexpr (std::is_same_v<G, Accumulate<T>>)
    launch(x.device(), operation, x.kernels().elementwise.widen, gradient, x.data(), x.size());
  else
    launch(x.device(), operation, x.device().template kernels<G>().elementwise.narrow, gradient, x.data(),
           x.size());
}

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
void Tape::backward(const Tensor<T>& loss) {
  require(loss.size() == 1, "backward: a loss of one element expected, got shape ", loss.shape());
  backward(loss, Tensor<T>::full(loss.shape(), T{1}, loss.device()));
}

template <class T>
void Tape::backward(const Tensor<T>& output, const Tensor<T>& cotangent) {
  backward(std::vector{std::pair{output, cotangent}});
}

template <class T>
void Tape::backward(const std::vector<std::pair<Tensor<T>, Tensor<T>>>& outputs) {
  std::vector<UniqueFunction<void()>> records = std::exchange(records_, {});
  std::vector<GraphNode> nodes = std::exchange(nodes_, {});
  const std::vector<std::shared_ptr<const void>> kept = std::exchange(kept_, {});  // until the walk ends
  read_later_.clear();
  const std::uint64_t pass = std::exchange(pass_, next_pass());
  for (const auto& [output, cotangent] : outputs) seed(output, cotangent, pass);
  walk(std::move(records), std::move(nodes));
}

template <class T>
void Tape::seed(const Tensor<T>& output, const Tensor<T>& cotangent, std::uint64_t pass) {
  require(output.requires_gradient(), "backward: the output of shape ", output.shape(),
          " does not depend on anything that requires a gradient on this tape, which must live before the "
          "forward pass");
  GradientSlot<T>& slot = *output.slot();
  require(slot.pass == pass || slot.pass == GradientSlot<T>::leaf, "backward: the output of shape ",
          output.shape(), " was not computed on this tape since its last backward");
  require(cotangent.shape() == output.shape(), "backward: a cotangent of shape ", output.shape(),
          " expected, got ", cotangent.shape());
  if (slot.written) {
    if (slot.is_wide)
      pass_on("backward", Output<Accumulate<T>>{slot.wide_value.data(), true}, cotangent);
    else
      pass_on("backward", Output<T>{slot.value.data(), true}, cotangent);
  } else {
    slot.value = cotangent.clone();
    slot.written = true;
  }
}

#endif

template <class T>
template <class E>
void Tensor<T>::backward() const {
  require(Tape::current() != nullptr,
          "backward: no tape is alive; `Tape tape;` before the computation records it");
  Tape::current()->backward(*this);
}

}  // namespace memsizer
