#pragma once
// The reader of a run's config.json, which also reads --config.

#include <string>
#include <string_view>
#include <vector>

#include "memsizer/train/config.hpp"

#include "fuzz/target.hpp"

namespace fuzz {

inline memsizer::train::Config config_of(std::string_view text) {
  const memsizer::files::Json json = memsizer::files::parse_json(text, "config.json");
  memsizer::train::Config config;
  memsizer::train::set(config, memsizer::files::JsonView(json, "config.json"));
  return config;
}

inline void read_config(std::string_view bytes) {
  const memsizer::train::Config config = config_of(bytes);
  const std::string written = memsizer::files::dump_json(memsizer::train::to_json(config));
  expect(config_of(written) == config, "the same configuration again");
}

inline const std::vector<NamedTarget>& train_targets() {
  static const std::vector<NamedTarget> targets{{"config", read_config}};
  return targets;
}

}  // namespace fuzz
