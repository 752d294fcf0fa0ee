// A run's config.json counts its keys, so a key that was lost is noticed. Files of older versions have no
// count, and may lack the keys that came later.
#include <boost/test/unit_test.hpp>

#include "memsizer/train/run_directory.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(lost_keys)

using namespace memsizer;
using namespace memsizer::train;

namespace {

/// A folder with a config.json.
struct Written {
  Written() {
    for (const char* setting : {"vocab=300", "layers=7", "dim=8", "heads=2", "slots=3", "ffn=8", "clip=1"})
      set(config, setting);
    run.write_config(config);
    json = nlohmann::ordered_json::parse(contents(run.config_file()));
  }

  Config read(const nlohmann::ordered_json& changed) const {
    folder.write("config.json", changed.dump(2));
    return run.config();
  }

  TemporaryFolder folder;
  RunDirectory run{folder.path()};
  Config config;
  nlohmann::ordered_json json;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(what_was_written_is_read, Written) {
  BOOST_TEST((run.config() == config));
  BOOST_TEST(json.at("keys") == keys().size());
  BOOST_TEST(json.size() == keys().size() + 1);
}

BOOST_FIXTURE_TEST_CASE(a_lost_key_is_named, Written) {
  for (const Key& key : keys()) {
    nlohmann::ordered_json less = json;
    less.erase(key.name);
    CHECK_THROWS_SAYING(read(less), InputError,
                        concatenate(run.config_file().string(), ": ", keys().size(),
                                    " keys expected, with which the run was written, got ", keys().size() - 1,
                                    "; missing: ", key.name, "; put a copy of the file in its place"));
  }
}

BOOST_FIXTURE_TEST_CASE(all_lost_keys_are_named, Written) {
  json.erase("layers");
  json.erase("dropout");
  CHECK_THROWS_SAYING(read(json), InputError, "; missing: layers, dropout;");
}

BOOST_FIXTURE_TEST_CASE(a_count_that_is_none_is_refused, Written) {
  json["keys"] = "many";
  CHECK_THROWS_SAYING(read(json), InputError, "keys: expected an integer");
  json["keys"] = keys().size() + 1;
  CHECK_THROWS_SAYING(read(json), InputError, concatenate("got ", keys().size(), "; put a copy"));
}

// A file of --config may be a copy of config.json, whole or not.
BOOST_FIXTURE_TEST_CASE(a_file_of_settings_may_have_a_count, Written) {
  const auto given = [](const char* text) {
    const files::Json json = files::parse_json(text, "settings.json");
    return assignments_of(files::JsonView(json, "settings.json")).size();
  };
  BOOST_TEST(given(R"({"layers": 3, "keys": 63})") == 1u);
  CHECK_THROWS_SAYING(given(R"({"layers": 3, "keys": "many"})"), InputError, "keys: expected an integer");
}

BOOST_FIXTURE_TEST_CASE(files_of_older_versions_may_lack_keys, Written) {
  json.erase("keys");
  BOOST_TEST((read(json) == config));
  for (const char* key : {"layers", "clip"}) json.erase(key);
  const Config old = read(json);
  BOOST_TEST(old.model.layers == Config().model.layers);
  BOOST_TEST(old.optimiser.clip == 0);
  BOOST_TEST(old.model.dim == 8);
}

BOOST_AUTO_TEST_SUITE_END()
