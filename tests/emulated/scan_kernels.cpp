// The causal scan in all its forms: the emulated device compared with the CPU.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(scan_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

/// What a scan computes. causal: y and the memory after the segment; source: only the memory, of a source;
/// read: only y, from a memory that stays as it is.
enum class Form { causal, source, read };

struct Case {
  ScanShape shape;
  Form form = Form::causal;
  bool decay = false, continued = false;  // continued: with a state, ragged rows and added gradients

  bool reads() const { return form != Form::source; }
  bool adds() const { return form != Form::read; }
  bool sums() const { return shape.normaliser || form == Form::source; }
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  const ScanShape& s = c.shape;
  return out << s.batch << " x " << s.time << ", " << s.heads << " heads, " << s.features << " features, dim "
             << s.dim << ", form " << static_cast<int>(c.form) << ", guard "
             << static_cast<int>(s.normaliser.guard) << (c.decay ? ", decay" : "")
             << (c.continued ? ", continued" : "");
}

// Sizes around the tokens of a chunk, the features that a thread keeps, and the columns of a warp and of a
// block.
constexpr ScanShape shapes[] = {{.batch = 0, .time = 3, .features = 4, .dim = 8},
                                {.batch = 2, .time = 0, .features = 4, .dim = 8},
                                {.batch = 2, .time = 4, .features = 3, .dim = 0},
                                {.batch = 2, .time = 4, .features = 0, .dim = 3},
                                {.batch = 1, .time = 1, .features = 1, .dim = 1},
                                {.batch = 2, .time = 5, .heads = 3, .features = 4, .dim = 33},
                                {.batch = 1, .time = 31, .features = 8, .dim = 31},
                                {.batch = 2, .time = 33, .heads = 2, .features = 3, .dim = 40},
                                {.batch = 1, .time = 70, .features = 16, .dim = 65},
                                {.batch = 1, .time = 34, .features = 33, .dim = 20},
                                {.batch = 1, .time = 9, .features = 5, .dim = 129},
                                {.batch = 2, .time = 3, .features = 70, .dim = 7},
                                {.batch = 1, .time = 1023, .features = 2, .dim = 3},
                                {.batch = 1, .time = 2049, .features = 1, .dim = 1},
                                {.batch = 1, .time = 3, .features = 31, .dim = 1023}};

/// Lengths of rows between 1 and time, and a different count for each row.
class RaggedRows {
 public:
  explicit RaggedRows(const ScanShape& shape)
      : lengths_(shape.batch, "lengths"), counts_(shape.batch, "counts") {
    for (Index b = 0; b < shape.batch; ++b) {
      lengths_.data()[b] = static_cast<Id>(shape.time == 0 ? 0 : 1 + (b * 7 + shape.time / 2) % shape.time);
      counts_.data()[b] = static_cast<Id>(11 * b + 5);
    }
  }

  /// The same shape with ragged rows.
  ScanShape of(ScanShape shape) {
    shape.lengths = lengths_.data();
    shape.counts = counts_.data();
    return shape;
  }

 private:
  Buffer<Id> lengths_, counts_;
};

/// The cases of a shape: its forms and options.
std::vector<Case> cases_of(const ScanShape& sizes) {
  using Guard = ScanNormaliser::Guard;
  std::vector<Case> cases;
  for (const bool continued : {false, true}) {
    ScanShape counted = sizes, plus = sizes, least = sizes;
    counted.inverse_root_count = true;
    plus.normaliser = {Guard::plus, 0.1};
    least.normaliser = {Guard::magnitude_at_least, 3};
    cases.push_back({counted, Form::causal, false, continued});
    cases.push_back({plus, Form::causal, continued, continued});
    cases.push_back({least, Form::causal, !continued, continued});
    cases.push_back({sizes, Form::source, !continued, continued});
    cases.push_back({plus, Form::read, continued, continued});
  }
  return cases;
}

template <class T>
struct Arrays {
  explicit Arrays(const ScanShape& s)
      : q(input<T>(s.batch * s.time * s.heads * s.features, "q", 0.1, 1)),
        k(input<T>(s.batch * s.time * s.heads * s.features, "k", 0.1, 1)),
        v(input<T>(s.batch * s.time * s.heads * s.dim, "v")),
        decay(input<T>(s.batch * s.heads * s.time, "decay", 0, 1)),
        memory(input<T>(s.batch * s.heads * s.features * s.dim, "memory")),
        sums(input<T>(s.batch * s.heads * s.features, "sums", 0.1, 1)),
        dy(input<T>(v.size(), "dy")),
        dmemory(input<T>(memory.size(), "dmemory")),
        dsums(input<T>(sums.size(), "dsums")),
        y(input<T>(v.size(), "y")),
        normalisers(input<T>(s.batch * s.time * s.heads, "normalisers", 1, 5)) {}

  Buffer<T> q, k, v, decay, memory, sums, dy, dmemory, dsums, y, normalisers;

  ScanInputs<T> inputs(const Case& c, const T* state_memory, const T* state_sums) {
    ScanInputs<T> in;
    if (c.reads()) in.query = q.data();
    if (c.adds()) in.key = k.data();
    if (c.adds()) in.value = v.data();
    if (c.decay) in.decay = decay.data();
    if (c.continued || !c.adds()) in.memory = state_memory;
    if ((c.continued || !c.adds()) && c.sums()) in.sums = state_sums;
    return in;
  }

  ScanCotangents<T> cotangents(const Case& c) {
    ScanCotangents<T> cotangents;
    if (c.reads()) cotangents.dy = dy.data();
    if (c.shape.normaliser) cotangents.y = y.data();
    if (c.shape.normaliser) cotangents.normalisers = normalisers.data();
    if (c.form == Form::source) cotangents.dmemory = dmemory.data();
    if (c.form == Form::source) cotangents.dsums = dsums.data();
    return cotangents;
  }
};

template <class T>
void compare_forward(const Case& given) {
  Arrays<T> in(given.shape);
  RaggedRows rows(given.shape);
  Case c = given;
  if (given.continued) c.shape = rows.of(c.shape);
  BOOST_TEST_CONTEXT(given)
  compare<T>({in.v.size(), in.normalisers.size(), in.memory.size(), in.sums.size()}, 16,
             [&](Context& context, const auto& table, const auto& out) {
               // A continued scan advances its state in place.
               const bool in_place = given.continued && c.adds();
               ScanOutputs<T> outputs;
               if (c.reads()) outputs.y = out[0];
               if (c.reads() && c.shape.normaliser) outputs.normalisers = out[1];
               if (c.adds()) outputs.memory = out[2];
               if (c.adds() && c.sums()) outputs.sums = out[3];
               table.scan.causal_scan(context, outputs,
                                      c.reads() || given.continued
                                          ? in.inputs(c, in_place ? out[2] : in.memory.data(),
                                                      in_place && c.sums() ? out[3] : in.sums.data())
                                          : in.inputs(c, nullptr, nullptr),
                                      c.shape);
             });
}

/// Compares the gradients that are wanted: gradient i if bit i of `wanted` is set.
template <class T>
void compare_backward(const Case& given, int wanted) {
  Arrays<T> in(given.shape);
  RaggedRows rows(given.shape);
  Case c = given;
  if (given.continued) c.shape = rows.of(c.shape);
  BOOST_TEST_CONTEXT(given << ", wanted " << wanted)
  compare<T>({in.q.size(), in.k.size(), in.v.size(), in.decay.size(), in.memory.size(), in.sums.size()}, 128,
             [&](Context& context, const auto& table, const auto& out) {
               const auto gradient = [&](int i, bool possible) {
                 return Output<T>{possible && (wanted >> i & 1) != 0 ? out[i] : nullptr, given.continued};
               };
               const ScanGradients<T> gradients{.dquery = gradient(0, c.reads()),
                                                .dkey = gradient(1, c.adds()),
                                                .dvalue = gradient(2, c.adds()),
                                                .ddecay = gradient(3, c.decay),
                                                .dmemory = gradient(4, true),
                                                .dsums = gradient(5, c.sums())};
               table.scan.causal_scan_backward(context, gradients, in.cotangents(c),
                                               in.inputs(c, in.memory.data(), in.sums.data()), c.shape);
             });
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(forward, T, Types) {
  for (const ScanShape& shape : shapes)
    for (const Case& c : cases_of(shape)) compare_forward<T>(c);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(backward, T, Types) {
  for (const ScanShape& shape : shapes)
    for (const Case& c : cases_of(shape)) compare_backward<T>(c, 63);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_memory_that_is_not_kept, T, Types) {
  constexpr ScanShape shape{.batch = 2, .time = 5, .features = 4, .dim = 33};
  Arrays<T> in(shape);
  compare<T>({in.v.size()}, 16, [&](Context& context, const auto& table, const auto& out) {
    table.scan.causal_scan(
        context, {.y = out[0]},
        {.query = in.q.data(), .key = in.k.data(), .value = in.v.data(), .memory = in.memory.data()}, shape);
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_that_are_not_wanted, T, Types) {
  constexpr ScanShape shape{.batch = 2,
                            .time = 5,
                            .heads = 2,
                            .features = 34,
                            .dim = 3,
                            .normaliser = {ScanNormaliser::Guard::plus, 0.1}};
  for (int wanted = 0; wanted < 64; ++wanted)
    compare_backward<T>({shape, Form::causal, true, wanted % 3 == 0}, wanted);
}

BOOST_AUTO_TEST_SUITE_END()
