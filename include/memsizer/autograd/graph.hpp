#pragma once
// Shows what a tape has recorded, as lines of text or as a picture for Graphviz.

#include <algorithm>
#include <cmath>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "memsizer/base/linkage.hpp"
#include "memsizer/tensor/tensor.hpp"

namespace memsizer {

/// A gradient's slot, whatever the type of its numbers, with the shape of its tensor.
struct GraphEdge {
  std::shared_ptr<const void> slot;
  const std::string* name;  // of a leaf that has one; it lives as long as the slot
  Shape shape;
  double (*norm)(const void* slot);  // of the gradient that has arrived; NaN if none has

  /// The edge of a tensor that requires a gradient.
  template <class T>
  static GraphEdge of(const Tensor<T>& tensor) {
    return {tensor.slot(), &tensor.slot()->name, tensor.shape(), [](const void* any) {
              const auto& gradients = *static_cast<const GradientSlot<T>*>(any);
              if (!gradients.written) return std::nan("");
              return gradients.is_wide ? norm_of(gradients.wide_value) : norm_of(gradients.value);
            }};
  }

 private:
  template <class T>
  static double norm_of(const Tensor<T>& gradient) {
    double squares = 0;
    for (const T value : gradient.to_vector())
      squares += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(squares);
  }
};

/// An operation that was recorded.
struct GraphNode {
  const char* operation;
  std::vector<GraphEdge> outputs, inputs;  // the inputs that require a gradient
  double gradient_norm = std::nan("");     // |d loss / d output|, once a watched tape has walked back
};

/// Operations in the order in which they were computed. Example of `std::cout << graph`:
///
///     0  square [2]  of x [2]
///     1  sum []  of 0
///
/// A leaf without a name is called leaf 1, leaf 2, ..
class Graph {
 public:
  Graph() = default;
  /// `walked` means that backward has run, so the leaves' gradients have arrived.
  explicit Graph(std::vector<GraphNode> nodes, bool walked = false);

  const std::vector<GraphNode>& nodes() const { return nodes_; }

  /// The graph in the language of Graphviz: `dot -Tsvg` makes a picture of it. Boxes are operations, ellipses
  /// are leaves; both show the norms of their gradients if a watched tape has computed them.
  std::string dot() const;

  friend std::ostream& operator<<(std::ostream& out, const Graph& graph);

 private:
  struct Leaf {
    const void* slot;
    std::size_t number;
    std::string name;
    Shape shape;
    double gradient_norm;
  };

  struct Maker {
    const void* slot;
    std::size_t node;
  };

  void add_leaf(const GraphEdge& input, bool walked);
  /// What computed an input; null for a leaf.
  const Maker* maker_of(const GraphEdge& input) const;
  const Leaf& leaf_of(const GraphEdge& input) const;
  void write_input(std::ostream& out, const GraphEdge& input) const;
  static std::string norm_label(double norm);
  static std::string escaped(const std::string& text);

  std::vector<GraphNode> nodes_;
  std::vector<Maker> makers_;  // in the order of the slots' addresses
  std::vector<Leaf> leaves_;
};

#if MEMSIZER_CORE_HAS_BODIES

MEMSIZER_CORE_FUNCTION Graph::Graph(std::vector<GraphNode> nodes, bool walked) : nodes_(std::move(nodes)) {
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    for (const GraphEdge& output : nodes_[i].outputs) makers_.push_back({output.slot.get(), i});
  std::ranges::sort(makers_, {}, &Maker::slot);
  for (const GraphNode& node : nodes_)
    for (const GraphEdge& input : node.inputs)
      if (maker_of(input) == nullptr) add_leaf(input, walked);
}

MEMSIZER_CORE_FUNCTION const Graph::Maker* Graph::maker_of(const GraphEdge& input) const {
  const void* const slot = input.slot.get();
  const auto maker = std::ranges::lower_bound(makers_, slot, {}, &Maker::slot);
  return maker != makers_.end() && maker->slot == slot ? &*maker : nullptr;
}

MEMSIZER_CORE_FUNCTION std::string Graph::dot() const {
  std::ostringstream out;
  out << "digraph tape {\n  node [fontname=\"sans-serif\"];\n";
  for (const Leaf& leaf : leaves_)
    out << "  leaf" << leaf.number << " [label=\"" << escaped(leaf.name) << "\\n"
        << leaf.shape << norm_label(leaf.gradient_norm) << "\"];\n";
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const GraphNode& node = nodes_[i];
    out << "  node" << i << " [shape=box, label=\"" << escaped(node.operation) << "\\n"
        << node.outputs[0].shape << norm_label(node.gradient_norm) << "\"];\n";
    for (const GraphEdge& input : node.inputs) {
      if (const Maker* const maker = maker_of(input))
        out << "  node" << maker->node << " -> node" << i << ";\n";
      else
        out << "  leaf" << leaf_of(input).number << " -> node" << i << ";\n";
    }
  }
  out << "}\n";
  return out.str();
}

MEMSIZER_CORE_FUNCTION std::ostream& operator<<(std::ostream& out, const Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes_.size(); ++i) {
    const GraphNode& node = graph.nodes_[i];
    out << i << "  " << node.operation << ' ' << node.outputs[0].shape << "  of ";
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      if (k > 0) out << ", ";
      graph.write_input(out, node.inputs[k]);
    }
    if (!std::isnan(node.gradient_norm)) out << "  |gradient| " << node.gradient_norm;
    out << '\n';
  }
  return out;
}

MEMSIZER_CORE_FUNCTION void Graph::add_leaf(const GraphEdge& input, bool walked) {
  const void* const slot = input.slot.get();
  if (std::ranges::find(leaves_, slot, &Leaf::slot) != leaves_.end()) return;
  const std::size_t number = leaves_.size() + 1;
  const std::string name = input.name->empty() ? concatenate("leaf ", number) : *input.name;
  leaves_.push_back({slot, number, name, input.shape, walked ? input.norm(slot) : std::nan("")});
}

MEMSIZER_CORE_FUNCTION const Graph::Leaf& Graph::leaf_of(const GraphEdge& input) const {
  return *std::ranges::find(leaves_, input.slot.get(), &Leaf::slot);
}

MEMSIZER_CORE_FUNCTION void Graph::write_input(std::ostream& out, const GraphEdge& input) const {
  if (const Maker* const maker = maker_of(input))
    out << maker->node;
  else
    out << leaf_of(input).name << ' ' << input.shape;
}

MEMSIZER_CORE_FUNCTION std::string Graph::norm_label(double norm) {
  return std::isnan(norm) ? std::string() : concatenate("\\n|gradient| ", norm);
}

MEMSIZER_CORE_FUNCTION std::string Graph::escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter;
  }
  return result;
}

#endif

}  // namespace memsizer
