#include "memsizer/autograd/tape.hpp"

#include <memory>

#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"
#include "memsizer/ops/ops.hpp"

BOOST_AUTO_TEST_SUITE(tape)

using namespace memsizer;

namespace {

Tensor<double> leaf(std::initializer_list<double> values) {
  return Tensor<double>({static_cast<Index>(values.size())}, values).require_gradient();
}

using Vector = std::vector<double>;

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_records_without_a_tape) {
  const Tensor<double> x = leaf({1, 2});
  BOOST_TEST(!square(x).requires_gradient());
}

BOOST_AUTO_TEST_CASE(nothing_records_without_need) {
  Tape tape;
  square(Tensor<double>({2}, {1, 2}));
  BOOST_TEST(tape.size() == 0);
}

BOOST_AUTO_TEST_CASE(gradients_of_a_leaf_add_up) {
  const Tensor<double> x = leaf({1, 2});
  for (int pass = 1; pass <= 2; ++pass) {
    Tape tape;
    tape.backward(sum(square(x)));
    BOOST_TEST((x.gradient().to_vector() == Vector{2.0 * pass, 4.0 * pass}));
    BOOST_TEST(tape.size() == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_tensor_used_twice_gets_both_contributions) {
  const Tensor<double> x = leaf({3});
  Tape tape;
  const Tensor<double> y = square(x);
  tape.backward(sum(y * y + y));  // x^4 + x^2
  BOOST_TEST((x.gradient().to_vector() == Vector{4 * 27 + 6}));
}

BOOST_AUTO_TEST_CASE(several_outputs_take_their_cotangents) {
  const Tensor<double> x = leaf({3});
  Tape tape;
  const Tensor<double> y = square(x), z = x * 5.0;
  tape.backward(std::vector{std::pair{y, Tensor<double>({1}, {10})}, std::pair{z, Tensor<double>({1}, {1})}});
  BOOST_TEST((x.gradient().to_vector() == Vector{65}));
}

BOOST_AUTO_TEST_CASE(an_output_may_be_part_of_another) {
  const Tensor<double> x = leaf({3});
  Tape tape;
  const Tensor<double> y = square(x), z = square(y);
  tape.backward(std::vector{std::pair{z, Tensor<double>({1}, {1})}, std::pair{y, Tensor<double>({1}, {1})}});
  BOOST_TEST((x.gradient().to_vector() == Vector{4 * 27 + 6}));
}

BOOST_AUTO_TEST_CASE(pause_and_detach_cut) {
  const Tensor<double> x = leaf({3});
  Tape tape;
  {
    const Tape::Pause pause;
    BOOST_TEST(!square(x).requires_gradient());
  }
  tape.backward(sum(x * square(x).detach()));
  BOOST_TEST((x.gradient().to_vector() == Vector{9}));
}

BOOST_AUTO_TEST_CASE(tapes_nest) {
  const Tensor<double> x = leaf({3});
  Tape outer;
  Tensor<double> inside = square(x).detach().require_gradient();
  {
    Tape inner;
    const Tensor<double> y = square(inside);
    BOOST_TEST(inner.size() == 1);
    inner.backward(sum(y));
  }
  BOOST_TEST(outer.size() == 1);
  BOOST_TEST((inside.gradient().to_vector() == Vector{18}));
}

BOOST_AUTO_TEST_CASE(a_backward_may_run_a_tape_of_its_own) {
  // Recomputation: the backward of y = x^2 computes again what it needs.
  const Tensor<double> x = leaf({3});
  Tape outer;
  Tensor<double> y = square(x.detach());
  record(
      "recomputed square", y,
      [dx = GradientTarget(x), x = x.detach()](const Tensor<double>& dy) {
        const Tensor<double> again = x.clone().require_gradient();
        Tape inner;
        inner.backward(square(again), dy);
        const Output<double> gradient = dx();
        const double before = gradient.accumulate ? *gradient.data : 0;
        *gradient.data = before + again.gradient().item();
      },
      x);
  outer.backward(y * 5.0 + x);
  BOOST_TEST((x.gradient().to_vector() == Vector{5 * 6 + 1}));
}

BOOST_AUTO_TEST_CASE(a_branch_without_a_gradient_is_not_walked) {
  const Tensor<double> x = leaf({3}), unused = leaf({4});
  Tape tape;
  square(unused);
  tape.backward(sum(square(x)));
  BOOST_TEST((unused.gradient().to_vector() == Vector{0}));
}

BOOST_AUTO_TEST_CASE(a_long_chain_needs_no_deep_stack) {
  const Tensor<double> x = leaf({1});
  Tape tape;
  Tensor<double> y = x;
  for (int i = 0; i < 200000; ++i) y = y + 1.0;
  tape.backward(sum(y));
  BOOST_TEST((x.gradient().to_vector() == Vector{1}));
}

BOOST_AUTO_TEST_CASE(records_free_what_they_hold_as_backward_passes) {
  const Tensor<double> x = Tensor<double>::zeros({1000}).require_gradient();
  MemoryPool& pool = cpu::device().pool();
  const Index before = pool.bytes_in_use();
  Tape tape;
  {
    Tensor<double> y = x;
    for (int i = 0; i < 50; ++i) y = square(y);
    BOOST_TEST(pool.bytes_in_use() >= before + 50 * 8000);
    pool.reset_peak();
    tape.backward(sum(y));
    BOOST_TEST(pool.peak_bytes() < before + 56 * 8192);  // frees values as gradients arrive
  }
  BOOST_TEST(pool.bytes_in_use() == before);
}

BOOST_AUTO_TEST_CASE(wrong_outputs_are_refused) {
  const Tensor<double> x = leaf({1, 2});
  Tape tape;
  BOOST_CHECK_THROW(tape.backward(square(x)), InputError);  // two elements, no cotangent
  BOOST_CHECK_THROW(tape.backward(Tensor<double>({1}, {1})), InputError);
  BOOST_CHECK_THROW(tape.backward(square(x), Tensor<double>({1}, {1})), InputError);
}

BOOST_AUTO_TEST_CASE(an_output_of_another_pass_is_refused) {
  const auto is_clear = [](const InputError& error) {
    return std::string(error.what()).find("was not computed on this tape since its last backward") !=
           std::string::npos;
  };
  const Tensor<double> x = leaf({1});
  Tape tape;
  const Tensor<double> loss = square(x);
  Tensor<double> inner_loss;
  {
    Tape inner;
    inner_loss = square(x);
    BOOST_CHECK_EXCEPTION(inner.backward(loss), InputError, is_clear);
  }
  BOOST_CHECK_EXCEPTION(tape.backward(inner_loss), InputError, is_clear);
  const Tensor<double> again = square(x);
  tape.backward(again);
  BOOST_TEST((x.gradient().to_vector() == Vector{2}));
  BOOST_CHECK_EXCEPTION(tape.backward(again), InputError, is_clear);
}

BOOST_AUTO_TEST_CASE(a_kernel_that_a_device_lacks_is_an_error_that_names_both) {
  KernelTable<double> table = cpu::table<double>();
  table.elementwise.unary = nullptr;
  Device device("half a device", cpu::context(), cpu::memory(), cpu::table<float>(), table);
  try {
    square(Tensor<double>({1}, {1}, device));
    BOOST_FAIL("expected an error");
  } catch (const InputError& error) {
    BOOST_TEST(std::string(error.what()).find("half a device") != std::string::npos);
    BOOST_TEST(std::string(error.what()).find("unary") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(tensors_on_two_devices_do_not_mix) {
  Device other("other", cpu::context(), cpu::memory(), cpu::table<float>(), cpu::table<double>());
  BOOST_CHECK_THROW(Tensor<double>({1}, {1}) + Tensor<double>({1}, {1}, other), InputError);
}

BOOST_AUTO_TEST_CASE(a_tensor_that_backward_needs_must_be_as_it_was) {
  const auto refused = [](const auto& change) {
    Tensor<double> x = leaf({1, 2}), other({2}, {3, 4});
    Tape tape;
    const Tensor<double> y = sum(x * other);
    change(x, other);
    BOOST_CHECK_EXCEPTION(tape.backward(y), InputError, [](const InputError& error) {
      return std::string_view(error.what()).starts_with("backward of multiply: a tensor of shape [2]");
    });
    BOOST_TEST(tape.size() == 0);
  };
  refused([](auto&, auto& other) { other.fill(10); });
  refused([](auto&, auto& other) { other.copy_from(std::vector<double>{5, 6}); });
  refused([](auto&, auto& other) { other.copy_from(other.clone()); });
  refused([](auto&, auto& other) { other.view(0, {1}).fill(10); });
  refused([](auto&, auto& other) {
    *other.data() = 7;
    other.mark_changed();
  });
}

BOOST_AUTO_TEST_CASE(what_backward_does_not_need_may_change) {
  Tensor<double> x = leaf({1, 2}), other({2}, {3, 4});
  Tape tape;
  const Tensor<double> y = sum(x * other);
  x.fill(10);  // d(x other) / dx reads only `other`
  tape.backward(y);
  BOOST_TEST((x.gradient().to_vector() == Vector{3, 4}));
  other.fill(0);  // after backward nothing is needed any more
  tape.backward(sum(x * other));
  BOOST_TEST((x.gradient().to_vector() == Vector{3, 4}));
}

BOOST_AUTO_TEST_CASE(ids_that_backward_needs_must_be_as_they_were) {
  const Tensor<double> table = Tensor<double>({2, 2}, {1, 2, 3, 4}).require_gradient();
  Tensor<Id> ids({1, 2}, {0, 1});
  Tape tape;
  const Tensor<double> y = sum(embedding(ids, table));
  ids.fill(0);
  BOOST_CHECK_THROW(tape.backward(y), InputError);
}

BOOST_AUTO_TEST_CASE(a_tape_tells_what_it_has_recorded) {
  Tensor<double> x = leaf({1, 2});
  x.slot()->name = "x";
  const Tensor<double> other = leaf({3, 4});
  Tape tape;
  const Tensor<double> y = sum(square(x) * other, 0);
  BOOST_TEST(concatenate(tape) ==
             "0  square [2]  of x [2]\n1  multiply [2]  of 0, leaf 2 [2]\n2  sum []  of 1\n");
  tape.backward(y);
  BOOST_TEST(concatenate(tape).empty());
}

BOOST_AUTO_TEST_CASE(a_watched_tape_keeps_the_norms_of_gradients) {
  Tensor<double> x = leaf({3, 4});
  x.slot()->name = "a \"quoted\" name";
  Tape tape({.watched = true});
  tape.backward(sum(square(x), 0));
  BOOST_TEST_REQUIRE(tape.graph().nodes().size() == 2u);
  BOOST_TEST(std::abs(tape.graph().nodes()[0].gradient_norm - std::sqrt(2.0)) < 1e-12);
  BOOST_TEST(tape.graph().nodes()[1].gradient_norm == 1);
  const std::string dot = tape.dot();
  for (const char* part : {"digraph", "a \\\"quoted\\\" name\\n[2]\\n|gradient| 10", "leaf1 -> node0",
                           "node0 -> node1", "square\\n[2]\\n|gradient| 1.41421"})
    BOOST_TEST(dot.find(part) != std::string::npos, part << " in " << dot);
  square(x);
  BOOST_TEST(tape.graph().nodes().size() == 1u);  // the next pass begins with an empty graph
}

BOOST_AUTO_TEST_CASE(a_scalar_walks_back_on_the_current_tape) {
  Tensor<double> x({2}, {1, 2});
  x.requires_grad_();
  BOOST_CHECK_THROW(sum(square(x)).backward(), InputError);
  Tape tape;
  sum(square(x)).backward();
  BOOST_TEST((x.grad().to_vector() == Vector{2, 4}));
  const NoGradGuard guard;
  BOOST_TEST(!square(x).requires_gradient());
}

BOOST_AUTO_TEST_CASE(a_result_does_not_become_a_leaf) {
  Tensor<double> x = leaf({1});
  const Tape tape;
  Tensor<double> y = x * 2.0;
  BOOST_CHECK_THROW(y.require_gradient(), InputError);
  BOOST_CHECK_THROW(y.requires_grad_(), InputError);
  Tensor<double> apart = y.detach();
  BOOST_TEST(apart.require_gradient().requires_gradient());
}

BOOST_AUTO_TEST_CASE(a_leaf_that_is_asked_again_keeps_its_place_in_the_graph) {
  Tensor<double> x = leaf({1});
  Tape tape;
  const Tensor<double> y = x * 2.0;
  x.require_gradient();
  tape.backward(sum(y * x));
  BOOST_TEST(x.gradient().item() == 4);
  x.require_gradient();
  BOOST_TEST(x.gradient().item() == 0);  // begins anew
}

BOOST_AUTO_TEST_CASE(a_result_changed_in_place_is_used_no_more) {
  const Tensor<double> x = leaf({1, 2});
  Tape tape;
  Tensor<double> z = x + 1.0;
  z.fill(7);
  BOOST_CHECK_THROW(square(z), InputError);
  BOOST_TEST((square(z.detach()).to_vector() == Vector{49, 49}));
}

BOOST_AUTO_TEST_CASE(a_memory_that_backward_needs_is_refused_after_a_scan) {
  const Tensor<double> q = leaf({1, 1}).reshape({1, 1, 2}), k = Tensor<double>::full({1, 1, 2}, 1);
  const Tensor<double> v = Tensor<double>::full({1, 1, 1}, 1);
  const SourceMemory<double> source = key_value_memory(k, v);
  Tape tape;
  const Tensor<double> y = sum(read_memory(Tensor<double>(q).require_gradient(), source));
  causal_scan(k, k, v, {}, {.memory = source.memory, .sums = source.sums});
  BOOST_CHECK_THROW(tape.backward(y), InputError);
}

BOOST_AUTO_TEST_CASE(an_outer_tape_that_was_walked_first_is_told) {
  const Tensor<double> x = leaf({3});
  Tape outer;
  const Tensor<double> y = square(x);
  Tape inner;
  const Tensor<double> z = square(y);
  outer.backward(y);
  BOOST_CHECK_THROW(inner.backward(z), InputError);
}

BOOST_AUTO_TEST_CASE(tapes_may_end_in_any_order) {
  const Tensor<double> x = leaf({3});
  auto outer = std::make_unique<Tape>();
  auto inner = std::make_unique<Tape>();
  outer.reset();
  BOOST_TEST(Tape::current() == inner.get());
  square(x);
  BOOST_TEST(inner->size() == 1);
  auto pause = std::make_unique<Tape::Pause>();
  inner.reset();
  BOOST_TEST(Tape::current() == nullptr);
  pause.reset();
  BOOST_TEST(Tape::current() == nullptr);
  BOOST_TEST(!square(x).requires_gradient());
}

BOOST_AUTO_TEST_SUITE_END()
