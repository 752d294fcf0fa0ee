// An outside program: the tokenizer that docs/tokenizer.md shows, trained, written and loaded, and the bytes
// that come back.
#include <cstdio>

#include <memsizer/text.hpp>

using namespace memsizer::text;

int main() {
  TokenizerTrainer trainer(Normalizer::parse("none"));
  trainer.add_text("the cat sat on the mat, the hat of the cat");
  write_tokenizer_json(trainer.train(266), "tokenizer.json");
  const Tokenizer tokenizer = load_tokenizer("tokenizer.json");       // or a folder
  const auto ids = tokenizer.encode("the fat cat sat.");              // 261 223 72 259 265 223 85 259 16
  const std::string text = tokenizer.decode(ids);                     // "the fat cat sat."
  const auto marked = tokenizer.encode("<s>the", {.special = true});  // 1 261
  const std::string plain = tokenizer.decode(marked, {.skip_special = true});  // "the"
  const auto cat = tokenizer.id_of(" cat");                                    // 265

  for (const TokenId id : ids) std::printf("%d ", id);
  const bool right = ids == std::vector<TokenId>{261, 223, 72, 259, 265, 223, 85, 259, 16} &&
                     text == "the fat cat sat." && marked == std::vector<TokenId>{1, 261} && plain == "the" &&
                     cat == 265;
  std::printf(right ? "as documented\n" : "not as documented\n");
  return right ? 0 : 1;
}
