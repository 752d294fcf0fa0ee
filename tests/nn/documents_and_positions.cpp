// Two promises of a kind's description, document_boundaries and absolute_positions: every kind keeps them,
// and kinds that lie are noticed.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/nn/attention/check_attention.hpp"
#include "memsizer/nn/attention/kinds.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "attention_kind_names.hpp"
#include "nn/attention_layer.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(documents_and_positions)

using namespace memsizer;
using test::largest_difference;
using test::Layer;
using test::random_tensor;
namespace data = boost::unit_test::data;

namespace {

/// The tokens from `begin` to `end` of one row.
Tensor<double> tokens_of(const Tensor<double>& x, Index row, Index begin, Index end) {
  return slice(slice(x, 0, row, row + 1), 1, begin, end);
}

/// Why a causal kind's use of boundaries is not what its description says; empty if it is. A kind that heeds
/// boundaries gives after one the same outputs as for the document alone, in the segment and in the next one.
/// A kind that does not is refused.
std::string broken_promise_of_documents(const std::string& kind) {
  const Layer layer(kind, true);
  const nn::Attention<double>& attention = *layer.attention;
  const Tensor<double> before = random_tensor({2, 5, 12}, 1), x = random_tensor({2, 70, 12}, 2),
                       after = random_tensor({2, 3, 12}, 3);
  const nn::Sequence sequence{.inner_document_starts = {{4, 66}, {}}};
  nn::State<double> state(2), unbroken(2), alone(1);
  attention.forward(before, {}, &state);
  attention.forward(before, {}, &unbroken);
  if (!attention.description().document_boundaries) {
    try {
      attention.forward(x, sequence, &state);
    } catch (const InputError&) {
      return "";
    }
    return "boundaries are not refused";
  }
  const Tensor<double> y = attention.forward(x, sequence, &state), z = attention.forward(after, {}, &state),
                       whole = attention.forward(x, {}, &unbroken);
  const auto equal = [](const Tensor<double>& a, const Tensor<double>& b) {
    return largest_difference(a, b) <= 1e-12;
  };
  if (!equal(slice(y, 0, 1, 2), slice(whole, 0, 1, 2))) return "a row without a boundary feels another row's";
  if (!equal(tokens_of(y, 0, 0, 4), tokens_of(whole, 0, 0, 4))) return "the tokens before a boundary feel it";
  if (!equal(tokens_of(y, 0, 4, 66), attention.forward(tokens_of(x, 0, 4, 66), {})))
    return "a document that begins inside a segment differs from the document alone";
  if (!equal(tokens_of(y, 0, 66, 70), attention.forward(tokens_of(x, 0, 66, 70), {}, &alone)))
    return "the second document inside a segment differs from the document alone";
  if (!equal(tokens_of(z, 0, 0, 3), attention.forward(tokens_of(after, 0, 0, 3), {}, &alone)))
    return "the next segment differs from the document alone";
  return "";
}

/// Whether the order of the earlier tokens changes a token's output: whether a kind has positions of its own.
bool tells_order(const nn::Attention<double>& attention) {
  const Tensor<double> a = random_tensor({1, 1, 12}, 1), b = random_tensor({1, 1, 12}, 2),
                       last = random_tensor({1, 1, 12}, 3);
  const auto output = [&](const Tensor<double>& first, const Tensor<double>& second) {
    return tokens_of(attention.forward(concatenate(std::vector{first, second, last}, 1), {}), 0, 2, 3);
  };
  return largest_difference(output(a, b), output(b, a)) > 1e-9;
}

/// Kinds that tell the order of tokens and yet want the model's positions, such as one with a decay. To add a
/// kind here is to say that this is meant.
const std::vector<std::string> kinds_with_both = {};

/// Why a kind's use of positions is not what its description says; empty if it is. Attention to a source
/// alone says nothing about positions.
std::string broken_promise_of_positions(const std::string& kind) {
  const auto& description = nn::find_attention_kind<double>(kind);
  if (!description.causal && !description.bidirectional) return "";
  const Layer layer(kind, description.causal);
  const bool ordered = tells_order(*layer.attention);
  if (!ordered && !description.absolute_positions)
    return "absolute_positions is false, but the order of the tokens changes nothing";
  if (ordered && description.absolute_positions && std::ranges::count(kinds_with_both, kind) == 0)
    return "absolute_positions is true, but the kind has positions of its own (or belongs to "
           "kinds_with_both)";
  return "";
}

/// What the kind "test" says, and what it does.
struct Behaviour {
  bool says_documents = true;
  bool says_absolute = true;
  bool decays = false;         // earlier tokens count half as much with each token
  bool heeds_outputs = true;   // begins anew at a boundary
  bool heeds_state = true;     // leaves only the last document in the state
  bool clears_others = false;  // begins anew in rows without a boundary too
};

/// y_t = sum over j <= t in the token's document of decay^(t - j) x_j, with a decay of 1 or 0.5.
class DocumentSum : public nn::Attention<double> {
 public:
  inline static Behaviour does;

  static nn::AttentionDescription description() {
    return {.name = "test",
            .causal = true,
            .any_cut = true,
            .document_boundaries = does.says_documents,
            .absolute_positions = does.says_absolute};
  }

  explicit DocumentSum(const nn::AttentionConfig& config) : nn::Attention<double>(description(), config) {}

  Index state_bytes(Index) const override { return 0; }
  double step_flops(Index) const override { return 0; }

 protected:
  Tensor<double> forward_causal(const Tensor<double>& x, const nn::Sequence& sequence,
                                nn::State<double>* state) const override {
    std::vector<Tensor<double>> rows, sums;
    for (Index row = 0; row < x.extent(0); ++row) {
      Tensor<double> sum = Tensor<double>::zeros({1, 1, 12}), all = sum;
      if (state != nullptr && state->get<double>("sum").defined())
        all = sum = slice(state->get<double>("sum"), 0, row, row + 1);
      std::vector<Tensor<double>> outputs;
      for (Index t = 0; t < x.extent(1); ++t) {
        const Tensor<double> token = tokens_of(x, row, t, t + 1);
        const double decay = does.decays ? 0.5 : 1;
        sum = sum * (begins(sequence, row, t) ? 0 : decay) + token;
        all = all * decay + token;
        outputs.push_back(does.heeds_outputs ? sum : all);
      }
      rows.push_back(concatenate(outputs, 1));
      sums.push_back(does.heeds_state ? sum : all);
    }
    if (state != nullptr) {
      state->set("sum", nn::RowKind::fixed, concatenate(sums, 0));
      state->advance(sequence, x.extent(1));
    }
    return concatenate(rows, 0);
  }

 private:
  static bool begins(const nn::Sequence& sequence, Index row, Index t) {
    if (sequence.inner_document_starts.empty()) return false;
    const auto& starts =
        sequence.inner_document_starts[does.clears_others ? 0 : static_cast<std::size_t>(row)];
    return std::ranges::count(starts, static_cast<Id>(t)) == 1;
  }
};

/// While this lives, the kind "test" is known.
struct TestKind {
  explicit TestKind(const Behaviour& behaviour) {
    DocumentSum::does = behaviour;
    nn::own_attention_kinds<double>().push_back(
        {DocumentSum::description(),
         [](const nn::AttentionConfig& config) -> std::unique_ptr<nn::Attention<double>> {
           return std::make_unique<DocumentSum>(config);
         }});
  }
  TestKind(const TestKind&) = delete;
  ~TestKind() { nn::own_attention_kinds<double>().clear(); }
};

}  // namespace

BOOST_DATA_TEST_CASE(a_kind_heeds_documents_or_is_refused,
                     data::make(test::attention_kind_names(&nn::AttentionDescription::causal)), kind) {
  BOOST_TEST(broken_promise_of_documents(kind) == "");
}

BOOST_DATA_TEST_CASE(a_kind_has_positions_of_its_own_or_wants_the_models,
                     data::make(test::attention_kind_names()), kind) {
  BOOST_TEST(broken_promise_of_positions(kind) == "");
}

BOOST_AUTO_TEST_CASE(a_false_promise_of_documents_is_noticed) {
  const auto broken = [](const Behaviour& behaviour) {
    const TestKind kind(behaviour);
    return broken_promise_of_documents("test");
  };
  BOOST_TEST(broken({}) == "");
  BOOST_TEST(broken({.says_documents = false}) == "");
  BOOST_TEST(broken({.heeds_outputs = false, .heeds_state = false}) ==
             "a document that begins inside a segment differs from the document alone");
  BOOST_TEST(broken({.heeds_state = false}) == "the next segment differs from the document alone");
  BOOST_TEST(broken({.clears_others = true}) == "a row without a boundary feels another row's");
}

BOOST_AUTO_TEST_CASE(a_false_word_about_positions_is_noticed) {
  const auto broken = [](const Behaviour& behaviour) {
    const TestKind kind(behaviour);
    return broken_promise_of_positions("test");
  };
  BOOST_TEST(broken({.says_absolute = true}) == "");
  BOOST_TEST(broken({.says_absolute = false, .decays = true}) == "");
  BOOST_TEST(broken({.says_absolute = false}).starts_with("absolute_positions is false, but"));
  BOOST_TEST(broken({.says_absolute = true, .decays = true}).starts_with("absolute_positions is true, but"));
}

BOOST_AUTO_TEST_CASE(the_gradients_across_boundaries_are_checked) {
  const TestKind kind({});
  std::string names;
  for (const nn::AttentionCheck& check : nn::check_attention("test")) {
    BOOST_TEST(check.report.passed(), check.name << ": " << check.report);
    names += check.name + '\n';
  }
  BOOST_TEST(names == "test causal\ntest causal with a state\ntest causal with documents\n");
}

BOOST_AUTO_TEST_SUITE_END()
