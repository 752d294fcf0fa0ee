// An outside program with the wings' headers: a tokenizer is trained and gives the text back.
#include <cstdio>
#include <string>

#include <memsizer/data.hpp>
#include <memsizer/metrics.hpp>
#include <memsizer/text.hpp>
#include <memsizer/train/config.hpp>

int main() {
  using namespace memsizer;
  const std::string text = "the herring, the heron and the other herring";
  text::TokenizerTrainer trainer;
  trainer.add_text(text);
  const text::Tokenizer tokenizer = trainer.train(270);
  const auto ids = tokenizer.encode(text);
  const auto measured = metrics::perplexity({.nats = 12, .tokens = 12, .words = 8, .bytes = 44}, false);
  train::Config config;
  train::set(config, "sequence=" + std::to_string(ids.size()));
  std::printf("%zu ids, perplexity %.3f\n", ids.size(), *measured.perplexity);
  return tokenizer.decode(ids) == text && config.batches.sequence == static_cast<Index>(ids.size()) ? 0 : 1;
}
