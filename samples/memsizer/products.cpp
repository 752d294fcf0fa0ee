// memsizer products: how fast a device multiplies matrices, in each class of kernels/product_choice.hpp.

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "memsizer/base/text_table.hpp"
#include "memsizer/report/number_text.hpp"

#include "commands.hpp"
#include "devices.hpp"
#include "kernel_times.hpp"
#include "kernels/product_choice.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace products_command {

struct Options {
  Machine machine;
  std::string largest = "large";
  bool json = false;
};

constexpr const char* size_names[] = {"small", "medium", "large"};  // in the order of ProductSize

/// A layer of `rows` tokens. Its work decides the class.
struct Layer {
  Index rows, outputs, inputs;
};
constexpr Layer layers[] = {{256, 256, 256}, {2048, 768, 768}, {8192, 3072, 768}};

/// A product whose time was taken.
struct Row {
  std::string inputs, outputs, transposed;
  MatmulShape shape;
  double seconds;

  const char* size() const { return size_names[static_cast<int>(product_size(shape))]; }
  double teraflops() const {
    return 2 * static_cast<double>(shape.rows) * static_cast<double>(shape.columns) *
           static_cast<double>(shape.inner) / seconds / 1e12;
  }
};

template <class Number>
const char* type_name() {
  return std::is_same_v<Number, float> ? "float" : std::is_same_v<Number, double> ? "double" : "bfloat16";
}

/// Times a product of matrices of T. If the result has another type, the product is a gradient of a weight.
template <class T, class Out = T>
Row timed(Device& device, const Layer& layer, Transposes transposes) {
  // A^T B is the gradient of a weight, whose inner axis is that of the tokens.
  const bool is_gradient = transposes.a && !transposes.b;
  const MatmulShape shape = is_gradient
                                ? contiguous_product(layer.outputs, layer.inputs, layer.rows, transposes)
                                : contiguous_product(layer.rows, layer.outputs, layer.inputs, transposes);
  const Tensor<T> a = random_array<T>(shape.rows * shape.inner, "a", device),
                  b = random_array<T>(shape.inner * shape.columns, "b", device);
  const Tensor<Out> c(Shape{shape.rows * shape.columns}, device);
  const auto call = [&] {
    if constexpr (std::is_same_v<T, Out>)
      launch(device, "matmul", a.kernels().matmul.matmul, Output<T>{c.data()}, a.data(), b.data(), shape,
             Epilogue<T>{});
    else
      launch(device, "linear_weight_backward", a.kernels().matmul.linear_weight_backward,
             Output<Out>{c.data()}, Output<Out>{}, a.data(), b.data(),
             LinearShape{layer.rows, layer.inputs, layer.outputs});
  };
  const std::string transposed = concatenate(transposes.a ? 't' : 'n', transposes.b ? 't' : 'n');
  return {type_name<T>(), type_name<Out>(), transposed, shape, KernelTimer(device).seconds_of(call)};
}

template <class T>
void add_rows(std::vector<Row>& rows, Device& device, const Layer& layer) {
  for (const bool transpose_a : {false, true})
    for (const bool transpose_b : {false, true})
      rows.push_back(timed<T>(device, layer, {transpose_a, transpose_b}));
}

std::vector<Row> measure(const Options& options, Device& device) {
  const auto largest = std::ranges::find(size_names, options.largest);
  require(largest != std::end(size_names), "--largest: small, medium or large expected, got '",
          options.largest, "'");
  constexpr Layer tiny[] = {{8, 8, 8}};
  const std::span<const Layer> of_size(layers,
                                       static_cast<std::size_t>(largest - std::begin(size_names)) + 1);
  std::vector<Row> rows;
  for (const Layer& layer : device.name() == "emulated" ? std::span<const Layer>(tiny) : of_size) {
    add_rows<float>(rows, device, layer);
    add_rows<double>(rows, device, layer);
    if (device.name() == "cpu") continue;  // it has no bfloat16
    add_rows<bfloat16>(rows, device, layer);
    rows.push_back(timed<bfloat16, float>(device, layer, {.a = true}));
  }
  return rows;
}

void print_rows(const std::vector<Row>& rows, bool json) {
  nlohmann::ordered_json objects = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> lines = {
      {"type", "result", "transposed", "size", "rows", "columns", "inner", "microseconds", "TFLOP/s"}};
  for (const Row& row : rows) {
    const MatmulShape& shape = row.shape;
    objects.push_back({{"inputs", row.inputs},
                       {"outputs", row.outputs},
                       {"transposed", row.transposed},
                       {"size", row.size()},
                       {"rows", shape.rows},
                       {"columns", shape.columns},
                       {"inner", shape.inner},
                       {"seconds", row.seconds},
                       {"teraflops", row.teraflops()}});
    lines.push_back({row.inputs, row.outputs, row.transposed, row.size(), std::to_string(shape.rows),
                     std::to_string(shape.columns), std::to_string(shape.inner),
                     report::short_number(row.seconds * 1e6), report::short_number(row.teraflops())});
  }
  if (json) return print_json({{"products", objects}});
  print(text_table(lines, "llllrrrrr"));
}

}  // namespace products_command

void add_products_command(const Command& program) {
  using namespace products_command;
  const Command command = program.command("products", "Measure how fast a device multiplies matrices",
                                          "build/release/memsizer products --device cpu --largest small");
  const auto options = std::make_shared<Options>();
  options->machine.add_options(command);
  command.option(
      "--largest", "SIZE", options->largest,
      "leave out larger products; there are small, medium and large ones. emulated, which is slow, "
      "multiplies 8 x 8 alone");
  command.flag("--json", options->json, "print one JSON object");
  command.action([options] { print_rows(measure(*options, options->machine.use()), options->json); });
}

}  // namespace memsizer::program
