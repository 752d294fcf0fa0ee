// What operations refuse before they launch a kernel.
#include "memsizer/ops/checks.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"
#include "memsizer/ops/ops.hpp"

BOOST_AUTO_TEST_SUITE(checks)

using namespace memsizer;

namespace {

template <class Operation>
void refuses(const std::string& reason, const Operation& operation) {
  BOOST_CHECK_EXCEPTION(operation(), InputError, [&](const InputError& error) {
    BOOST_TEST_MESSAGE(error.what());
    return std::string(error.what()).find(reason) != std::string::npos;
  });
}

Tensor<double> halves(Shape shape) {
  return Tensor<double>::full(shape, 0.5);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_tensor_of_an_operation_lies_on_one_device) {
  Device other("other", cpu::context(), cpu::memory());
  const Tensor<double> x = halves({1, 2, 2}), table = halves({2, 2});
  const Tensor<double> bias({2}, {1, 2}, other), positions({2, 2}, {1, 2, 3, 4}, other);
  const Tensor<Id> ids({1, 2}, {0, 1}), number({1}, {1}, other);
  const std::string reason = "tensors on different devices, cpu and other";
  refuses("add: " + reason, [&] { return x + bias; });
  refuses("linear: " + reason, [&] { return linear(x, table, bias); });
  refuses("embedding: ", [&] { return embedding(ids, table, positions); });
  refuses("embedding: ", [&] { return embedding(ids, table, table, number); });
  refuses("attention: " + reason, [&] { return attention(x, x, x, {.first_position = number}); });
  refuses("attention: " + reason, [&] { return attention(x, x, x, {.key_lengths = number}); });
  refuses("causal_scan: " + reason, [&] { return causal_scan(x, x, x, {.lengths = number}); });
  refuses("causal_scan: " + reason, [&] { return causal_scan(x, x, x, {}, {.counts = number}); });
  refuses("causal_scan: " + reason, [&] {
    return causal_scan(x, x, x, {}, {.memory = Tensor<double>({1, 1, 2, 2}, {1, 2, 3, 4}, other)});
  });
  refuses("causal_scan: " + reason, [&] {
    return causal_scan(x, x, x, {.decay = Tensor<double>({1, 1, 2}, {1, 2}, other)});
  });
  refuses("causal_scan: " + reason, [&] {
    return causal_scan(x, x, x, {}, {.sums = Tensor<double>({1, 1, 2}, {1, 2}, other)});
  });
  refuses("key_value_memory: " + reason, [&] { return key_value_memory(x, x, 1, number).memory; });
  const SourceMemory<double> source = key_value_memory(x, x);
  refuses("read_memory: " + reason, [&] { return read_memory(x, source, {.counts = number}); });
}

BOOST_AUTO_TEST_CASE(a_scan_state_of_another_shape) {
  const Tensor<double> k = halves({2, 3, 4}), v = halves({2, 3, 8});
  const auto scan = [&](const ScanState<double>& state, const ScanOptions<double>& options = {}) {
    return causal_scan(k, k, v, options, state);
  };
  for (const Shape& wrong : {Shape{2, 4, 8}, Shape{2, 1, 4, 4}, Shape{1, 1, 4, 8}, Shape{2, 2, 2, 4}})
    refuses("a memory of shape [2, 1, 4, 8] expected", [&] { return scan({.memory = halves(wrong)}); });
  for (const Shape& wrong : {Shape{2, 4}, Shape{2, 1, 8}, Shape{2, 2, 2}})
    refuses("sums of shape [2, 1, 4] expected", [&] { return scan({.sums = halves(wrong)}); });
  for (const Shape& wrong : {Shape{1}, Shape{2, 1}})
    refuses("one count for each of 2 rows", [&] { return scan({.counts = Tensor<Id>::zeros(wrong)}); });
  BOOST_CHECK_NO_THROW(scan({.memory = halves({2, 1, 4, 8}), .counts = Tensor<Id>::zeros({2})}));
  const ScanOptions<double> divided{.normaliser = {ScanNormaliser::Guard::plus, 1e-6}};
  refuses("a state of memory and sums", [&] { return scan({.memory = halves({2, 1, 4, 8})}, divided); });
  refuses("a state of memory and sums", [&] { return scan({.sums = halves({2, 1, 4})}, divided); });
  BOOST_CHECK_NO_THROW(scan({.memory = halves({2, 1, 4, 8}), .sums = halves({2, 1, 4})}, divided));
}

BOOST_AUTO_TEST_CASE(a_scan_of_other_shapes) {
  const Tensor<double> q = halves({2, 3, 4}), v = halves({2, 3, 8});
  const auto scan = [&](const ScanOptions<double>& options) { return causal_scan(q, q, v, options); };
  refuses("do not split into 3 heads", [&] { return scan({.heads = 3}); });
  refuses("do not split into 0 heads", [&] { return scan({.heads = 0}); });
  refuses("one length for each of 2 rows", [&] { return scan({.lengths = Tensor<Id>::zeros({3})}); });
  for (const Shape& wrong : {Shape{2, 3}, Shape{2, 2, 3}, Shape{2, 1, 4}})
    refuses("a decay of shape [2, 1, 3] expected", [&] { return scan({.decay = halves(wrong)}); });
  refuses("queries and keys of one shape", [&] { return causal_scan(v, q, v); });
  refuses("keys [batch, time, features] and values", [&] { return causal_scan(q, q, halves({2, 4, 8})); });
  refuses("keys [batch, time, features] and values", [&] {
    return key_value_memory(q, halves({1, 3, 8})).memory;
  });
  const SourceMemory<double> source = key_value_memory(q, v, 2);
  refuses("queries [batch, time, heads * features]", [&] { return read_memory(v, source); });
  refuses("counts expected", [&] { return read_memory(q, source, {.inverse_root_count = true}); });
  refuses("one count for each of 2 rows",
          [&] { return read_memory(q, source, {.counts = Tensor<Id>::zeros({1})}); });
  refuses("sums of shape [2, 2, 2] expected", [&] {
    return read_memory(q, SourceMemory<double>{source.memory, halves({2, 2, 4})});
  });
}

BOOST_AUTO_TEST_CASE(a_dropout_that_cannot_be_drawn) {
  const Tensor<double> x = halves({1, 2, 4});
  const Tensor<std::uint64_t> key({1}, {1});
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const auto refused_by_all = [&](const std::string& reason, const Dropout& settings) {
    refuses("dropout: " + reason, [&] { return dropout(x, settings); });
    refuses("slot_weights: " + reason, [&] { return slot_weights(x, 2, settings); });
    refuses("attention: " + reason, [&] { return attention(x, x, x, {.dropout = settings}); });
  };
  for (float probability : {-0.5f, 1.0f, 2.0f, nan})
    refused_by_all("a dropout probability in [0, 1)", {.probability = probability, .step_key = key.data()});
  refused_by_all("the key of the step expected, as key.training(step) of an nn::StepKey",
                 {.probability = 0.5f});
}

BOOST_AUTO_TEST_CASE(a_smoothing_that_leaves_the_target_nothing) {
  const Tensor<double> x = halves({2, 3});
  const Tensor<Id> targets({2}, {1, 2});
  for (double smoothing : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    const std::string reason = "cross_entropy: label smoothing in [0, 1) expected";
    refuses(reason, [&] { return cross_entropy(x, targets, {.smoothing = smoothing}); });
    refuses("linear_" + reason,
            [&] { return linear_cross_entropy(x, x, targets, {.smoothing = smoothing}).mean; });
  }
}

BOOST_AUTO_TEST_CASE(a_target_beyond_the_classes) {
  const Tensor<double> logits = halves({2, 3});
  refuses("target 3 of 3 classes", [&] { return cross_entropy(logits, Tensor<Id>({2}, {1, 3})); });
  BOOST_CHECK_NO_THROW(cross_entropy(logits, Tensor<Id>({2}, {2, -1})));
  const Tensor<Id> beyond({2}, {1, 3});
  refuses("cross_entropy: ids below 3 expected, got 3", [&] { return cross_entropy_rows(logits, beyond); });
  refuses("linear_cross_entropy: ids below 3 expected, got 3", [&] {
    return linear_cross_entropy(halves({2, 4}), halves({3, 4}), beyond).mean;
  });
}

BOOST_AUTO_TEST_CASE(targets_of_other_rows) {
  const Tensor<double> logits = halves({2, 3, 4}), weight = halves({4, 4});
  const Tensor<Id> other({3, 2}, {0, 1, 2, 3, 0, 1}), flat({6}, {0, 1, 2, 3, 0, 1});
  refuses("cross_entropy: logits of shape [2, 3, 4] do not fit targets of shape [3, 2]",
          [&] { return cross_entropy_rows(logits, other); });
  refuses("linear_cross_entropy: a target for each of 6 rows",
          [&] { return linear_cross_entropy(logits, weight, other).mean; });
  BOOST_CHECK_NO_THROW(cross_entropy(logits, flat));
  BOOST_CHECK_NO_THROW(cross_entropy(reshape(logits, {6, 4}), other));
}

BOOST_AUTO_TEST_CASE(random_numbers_need_room) {
  refuses("uniform: low below high expected, got 1 and 1", [&] { return uniform({2, 3}, 1); });
  refuses("uniform: low below high expected, got 1 and -1", [&] { return uniform({2}, 1, -1); });
}

BOOST_AUTO_TEST_CASE(a_position_beyond_its_table) {
  const Tensor<double> table = halves({5, 2}), positions = halves({3, 2});
  const Tensor<Id> ids({2, 2}, {0, 1, 2, 3});
  const auto at = [&](Id first) { return embedding(ids, table, positions, Tensor<Id>({2}, {0, first})); };
  BOOST_CHECK_NO_THROW(at(1));
  refuses("embedding: first positions: ids from 0 to 1 expected, got 2", [&] { return at(2); });
  refuses("embedding: first positions: ids from 0 to 1 expected, got -1", [&] { return at(-1); });
  refuses("embedding: 4 tokens do not fit 3 positions", [&] {
    return embedding(Tensor<Id>({1, 4}, {0, 1, 2, 3}), table, positions);
  });
}

BOOST_AUTO_TEST_CASE(what_is_no_probability) {
  const Tensor<double> half = halves({1});
  for (const double wrong : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    refuses("binary_cross_entropy: probabilities from 0 to 1 expected",
            [&] { return binary_cross_entropy(Tensor<double>::full({1}, wrong), half); });
}

BOOST_AUTO_TEST_CASE(a_tensor_that_was_never_given_a_value) {
  const Tensor<double> x = halves({1}), none;
  const std::string reason = "used before it was given a value";
  refuses(reason, [&] { return x + none; });
  refuses(reason, [&] { return none + x; });
  refuses(reason, [&] { return none * 2.0; });
}

BOOST_AUTO_TEST_SUITE_END()
