#include "memsizer/train/config.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/models/cost.hpp"
#include "memsizer/tasks/configuration.hpp"
#include "memsizer/tasks/language_model.hpp"

#include "bench/preset_small.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(config)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;

namespace {

Config from_text(const std::string& text) {
  Config config;
  const files::Json json = files::parse_json(text, "config.json");
  set(config, files::JsonView(json, "config.json"));
  return config;
}

}  // namespace

BOOST_AUTO_TEST_CASE(keys_of_every_type_are_set_from_text) {
  Config config;
  for (const char* assignment : {"layers=7", "dropout=0.25", "pre_norm=false",
                                 "attention=memsizer,transformer", "betas=0.5,0.75", "learning_rate=1e-3"})
    set(config, assignment);
  BOOST_TEST(config.model.layers == 7);
  BOOST_TEST(config.model.block.dropout == 0.25);
  BOOST_TEST(!config.model.block.pre_norm);
  BOOST_TEST(text_of(config, "attention") == "memsizer,transformer");
  BOOST_TEST(config.optimiser.adam.beta1 == 0.5);
  BOOST_TEST(config.optimiser.adam.beta2 == 0.75);
  BOOST_TEST(config.schedule.learning_rate == 1e-3);
}

BOOST_AUTO_TEST_CASE(json_gives_back_what_it_was_made_of) {
  for (const char* preset : {"tiny", "small", "base"})
    for (const char* architecture : {"transformer", "memsizer"}) {
      Config config = preset_config("language-modeling", architecture, preset);
      config.optimiser.adam.beta1 = 0.1, config.optimiser.adam.beta2 = 1.0 / 3;
      config.model.block.pre_norm = false;
      config.schedule.period = 70;
      config.schedule.shrink = 0.1;
      BOOST_TEST((from_text(files::dump_json(to_json(config))) == config));
    }
}

BOOST_AUTO_TEST_CASE(every_key_of_the_interface_is_there) {
  for (const char* name : {"attention",
                           "encoder_attention",
                           "decoder_attention",
                           "cross_attention",
                           "layers",
                           "encoder_layers",
                           "decoder_layers",
                           "dim",
                           "heads",
                           "slots",
                           "cross_slots",
                           "ffn",
                           "activation",
                           "pre_norm",
                           "positions",
                           "tie",
                           "vocab",
                           "normalizer",
                           "sequence",
                           "max_source",
                           "max_target",
                           "batch",
                           "batch_tokens",
                           "accumulate",
                           "dropout",
                           "attention_dropout",
                           "activation_dropout",
                           "label_smoothing",
                           "label_smoothing_over",
                           "q_init_scale",
                           "kv_init_scale",
                           "optimizer",
                           "learning_rate",
                           "betas",
                           "epsilon",
                           "momentum",
                           "weight_decay",
                           "clip",
                           "schedule",
                           "warmup",
                           "schedule_steps",
                           "schedule_period",
                           "schedule_period_multiplier",
                           "schedule_shrink",
                           "min_learning_rate",
                           "warmup_init_learning_rate",
                           "log_every",
                           "validate_every",
                           "save_every",
                           "keep",
                           "source",
                           "target",
                           "dtype"})
    BOOST_TEST(find_key(name).name == name);
}

BOOST_AUTO_TEST_CASE(an_unknown_key_is_refused_with_the_nearest_one) {
  Config config;
  CHECK_THROWS_SAYING(set(config, "drop_out=0.1"), InputError, "did you mean 'dropout'?");
  CHECK_THROWS_SAYING(set(config, "learning-rate=1"), InputError, "did you mean 'learning_rate'?");
  CHECK_THROWS_SAYING(from_text(R"({"layer": 2})"), InputError, "did you mean 'layers'?");
}

BOOST_AUTO_TEST_CASE(values_that_make_no_sense_are_refused) {
  Config config;
  for (const char* assignment : {"layers",
                                 "layers=",
                                 "layers=two",
                                 "layers=1.5",
                                 "layers=0",
                                 "layers=99999999999999999999",
                                 "dropout=1",
                                 "dropout=nan",
                                 "dropout=-0.1",
                                 "dropout=0.1x",
                                 "pre_norm=yes",
                                 "betas=0.9",
                                 "betas=0.9,2",
                                 "epsilon=0",
                                 "activation=tanh",
                                 "schedule=",
                                 "keep=0",
                                 "schedule_period=-1",
                                 "schedule_period=1.5",
                                 "schedule_period_multiplier=0.5",
                                 "schedule_shrink=0",
                                 "schedule_shrink=2",
                                 "min_learning_rate=-1",
                                 "warmup_init_learning_rate=low"}) {
    BOOST_TEST_CONTEXT(assignment) BOOST_CHECK_THROW(set(config, assignment), InputError);
  }
  BOOST_TEST((config == Config{}));  // refused values were not set
  for (const char* text : {R"({"layers": "2"})", R"({"layers": 2.5})", R"({"pre_norm": 1})",
                           R"({"betas": [0.9]})", R"({"betas": 0.9})", R"({"attention": 3})",
                           R"({"dropout": null})", R"([1])", R"({"layers": 1e30})"}) {
    BOOST_TEST_CONTEXT(text) BOOST_CHECK_THROW(from_text(text), InputError);
  }
}

BOOST_AUTO_TEST_CASE(presets_say_what_they_lack) {
  CHECK_THROWS_SAYING(preset_config("language-modeling", "transformer", "paper"), InputError,
                      "adaptive softmax");
  CHECK_THROWS_SAYING(preset_config("poetry", "transformer", "small"), InputError, "poetry");
  BOOST_CHECK_THROW(preset_config("language-modeling", "lstm", "small"), InputError);
  BOOST_CHECK_THROW(preset_config("language-modeling", "memsizer", "huge"), InputError);
}

BOOST_AUTO_TEST_CASE(the_benchmarks_take_the_shapes_of_preset_small) {
  namespace timed = bench::preset_small;
  const Config config = preset_config("language-modeling", "transformer", "small");
  BOOST_TEST(config.batches.batch == timed::batch);
  BOOST_TEST(config.batches.sequence == timed::time);
  BOOST_TEST(config.model.dim == timed::dim);
  BOOST_TEST(config.model.attention_settings.heads == timed::heads);
  BOOST_TEST(config.model.attention_settings.slots == timed::slots);
  BOOST_TEST(config.model.block.ffn == timed::ffn);
  BOOST_TEST(config.model.vocab == timed::vocabulary);
  models::LanguageModel<float> model(language_model_config(config, 0));
  BOOST_TEST(nn::parameter_count(model) == timed::parameters);
}

BOOST_AUTO_TEST_SUITE_END()
