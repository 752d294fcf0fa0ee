// Encoder-decoders that begin with the weights of others whose attention is of another kind.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/fine_tuning.hpp"
#include "memsizer/tasks/start.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(fine_tuning_pairs)

using namespace memsizer;
using namespace memsizer::tasks;
namespace test_data = boost::unit_test::data;

namespace {

/// A run of one architecture, the run that begins with its weights, and the places where the kind of
/// attention differs between the two.
struct Change {
  std::string task, architecture, new_task, new_architecture;
  std::vector<std::string> places;

  friend std::ostream& operator<<(std::ostream& stream, const Change& change) {
    return stream << change.task << " by " << change.architecture << ", then " << change.new_task << " by "
                  << change.new_architecture;
  }
};

const std::vector<std::string> everywhere = {"encoder.0.self_attn.",  "encoder.1.self_attn.",
                                             "decoder.0.self_attn.",  "decoder.1.self_attn.",
                                             "decoder.0.cross_attn.", "decoder.1.cross_attn."},
                               in_the_decoder(everywhere.begin() + 2, everywhere.end()),
                               in_the_encoder(everywhere.begin(), everywhere.begin() + 2);

const std::vector<Change> changes = {
    {"translation", "transformer", "translation", "memsizer", everywhere},
    {"translation", "transformer", "translation", "memsizer-hybrid", in_the_decoder},
    {"translation", "memsizer-hybrid", "translation", "memsizer", in_the_encoder},
    {"summarization", "transformer", "summarization", "memsizer", everywhere},
    {"translation", "transformer", "summarization", "memsizer-hybrid", in_the_decoder},
    {"translation", "transformer", "summarization", "transformer", {}}};

/// A folder with data of both tasks, in words of the same text.
struct Place {
  Place() {
    std::string pairs, articles;
    for (int i = 0; i < 40; ++i) {
      const std::string line = concatenate("the river number ", i % 5, " runs to the lake .");
      pairs += nlohmann::ordered_json{{"translation", {{"en", line}, {"de", "der Fluss ."}}}}.dump() + '\n';
      articles += nlohmann::ordered_json{{"document", line}, {"summary", "the river"}}.dump() + '\n';
    }
    folder.write("translation/train.jsonl", pairs);
    folder.write("summarization/train.jsonl", articles);
  }

  Request request(const std::string& task, const std::string& architecture, const std::string& output) const {
    return {.task = task,
            .architecture = architecture,
            .preset = "micro",
            .data = folder / task,
            .output = folder / output,
            .settings = {"vocab=270", "layers=2", "dim=8", "slots=3", "cross_slots=2", "ffn=8", "warmup=2",
                         "batch_tokens=200"},
            .budget = {.steps = 2}};
  }

  /// Trains a new model as `change` ends with one, with the tokenizer of the run "base".
  void train_new(const Change& change) const {
    Request of_new = request(change.new_task, change.new_architecture, "new");
    of_new.tokenizer = folder / "base/tokenizer.json";
    of_new.settings[0] = "vocab=" + train::text_of(train::RunDirectory(folder / "base").config(), "vocab");
    of_new.budget.steps = 1;
    train_model(of_new, {});
  }

  /// Trains the model that begins with the weights of "base", and returns what was told.
  std::vector<std::string> begin_with_base(const Change& change) const {
    std::vector<std::string> told;
    train_model({.task = change.new_task,
                 .architecture = change.new_architecture,
                 .data = folder / change.new_task,
                 .output = folder / "begun",
                 .from = folder / "base",
                 .budget = {.steps = 1}},
                {.tell = [&](const std::string& line) { told.push_back(line); }});
    return told;
  }

  files::SafetensorsReader weights(const std::string& run, const std::string& checkpoint) const {
    return files::SafetensorsReader(folder / run / "checkpoints" / checkpoint / "model.safetensors");
  }

  TemporaryFolder folder;
};

bool same(const files::SafetensorsReader& one, const files::SafetensorsReader& other,
          const std::string& name) {
  return one.contains(name) && other.contains(name) && one.info(name).shape == other.info(name).shape &&
         one.read<float>(name) == other.read<float>(name);
}

bool is_in(const std::vector<std::string>& places, const std::string& tensor) {
  return std::ranges::any_of(places, [&](const std::string& place) { return tensor.starts_with(place); });
}

/// How many tensors of a file belong to these places.
Index count_in(const std::vector<std::string>& places, const files::SafetensorsReader& file) {
  return std::ranges::count_if(file.tensors(),
                               [&](const auto& tensor) { return is_in(places, tensor.first); });
}

}  // namespace

// What begins afresh has the values of a new model with the same seed; the rest has those of the run. Where a
// shape is the same for both kinds, as that of v_proj, the run's values are not taken either.
BOOST_DATA_TEST_CASE(attention_whose_kind_changes_begins_afresh_in_every_place, test_data::make(changes),
                     change) {
  const Place place;
  train_model(place.request(change.task, change.architecture, "base"), {});
  place.train_new(change);
  const std::vector<std::string> told = place.begin_with_base(change);
  const train::RunDirectory run(place.folder / "base");
  const auto base = place.weights("base", run.best_checkpoint()), begun = place.weights("begun", "step-0"),
             fresh = place.weights("new", "step-0");
  for (const auto& [name, info] : begun.tensors())
    BOOST_TEST(same(begun, is_in(change.places, name) ? fresh : base, name), name);
  for (const std::string& part : change.places) {
    const std::string values = part + "v_proj.weight";
    BOOST_TEST((base.info(values).shape == begun.info(values).shape));
    BOOST_TEST(!same(begun, base, values), values);
  }
  const Index all = std::ssize(begun.tensors()), begin_afresh = count_in(change.places, begun);
  std::string counts = concatenate("begins with ", all - begin_afresh, " tensors of ", run.path().string());
  if (begin_afresh > 0)
    counts += concatenate("; ", begin_afresh, " tensors begin afresh; ", count_in(change.places, base),
                          " of the run are not used");
  BOOST_TEST(std::ranges::count(told, counts) == 1, counts << " is not in\n" << join(told, "\n"));

  const train::Config config = train::RunDirectory(place.folder / "begun").config(),
                      expected = train::RunDirectory(place.folder / "new").config();
  for (const char* key : {"encoder_attention", "decoder_attention", "cross_attention"})
    BOOST_TEST(train::text_of(config, key) == train::text_of(expected, key));
}

BOOST_AUTO_TEST_SUITE_END()
