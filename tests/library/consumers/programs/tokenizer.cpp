// An outside program: a tokenizer alone, trained, written, loaded, and the bytes that come back.
#include <cstdio>
#include <string>

#include <memsizer/text.hpp>

int main() {
  using namespace memsizer;
  const std::string text = "the herring, the heron and the other herring — über alles 鯡";
  text::TokenizerTrainer trainer;
  trainer.add_text(text);
  text::write_tokenizer_json(trainer.train(280), "tokenizer.json");
  const text::Tokenizer tokenizer = text::load_tokenizer("tokenizer.json");
  const auto ids = tokenizer.encode(text);
  std::printf("%zu bytes, %zu ids\n", text.size(), ids.size());
  return tokenizer.decode(ids) == text && ids.size() < text.size() ? 0 : 1;
}
