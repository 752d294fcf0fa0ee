// memsizer tokenizer, and its part train; the others are in tokenizer_encode.cpp and tokenizer_decode.cpp.

#include <memory>

#include <nlohmann/json.hpp>

#include "memsizer/data/splits.hpp"
#include "memsizer/data/text_scanner.hpp"
#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/progress.hpp"
#include "memsizer/text/load_tokenizer.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"

#include "commands.hpp"
#include "devices.hpp"
#include "output.hpp"
#include "tokenizer_commands.hpp"

namespace memsizer::program {

namespace tokenizer_command {

using nlohmann::ordered_json;

struct TrainOptions {
  std::vector<std::filesystem::path> input;
  std::filesystem::path output;
  Index vocab_size = 0, threads = 0;
  std::string normalizer = "none";
  bool json = false;
};

/// Gives the contents of all files to the trainer, each as a separate text. Returns the number of bytes.
Index read_texts(const std::vector<std::filesystem::path>& paths, text::TokenizerTrainer& trainer) {
  report::Progress progress({.label = "reading", .unit = "bytes", .total = bytes_of_text(paths).value_or(0)});
  Index bytes = 0;
  std::vector<char> block(1 << 18);
  for (const std::filesystem::path& path : paths) {
    data::TextScanner scanner;
    data::scan_file(path, scanner, block, [&](std::string_view text) {
      trainer.add(text);
      progress.update(bytes += static_cast<Index>(text.size()));
    });
    scanner.finish();
    trainer.finish_text();
  }
  progress.finish();
  return bytes;
}

void train(const TrainOptions& options) {
  check_threads(options.threads);
  ThreadPool threads(options.threads);
  text::TokenizerTrainer trainer(text::Normalizer::parse(options.normalizer), text::default_special_tokens(),
                                 &threads);
  const bool to_output = is_standard_output(options.output);
  require(!to_output || !options.json, "--output - and --json both write to standard output; leave one out");
  trainer.require_vocab_size(options.vocab_size);
  files::require_can_write(options.output);
  files::require_not_an_input(options.output, options.input);
  const Index bytes = read_texts(options.input, trainer);
  const std::size_t words = trainer.word_counts().size();
  const text::Tokenizer tokenizer = std::move(trainer).train(options.vocab_size);
  text::write_tokenizer_json(tokenizer, options.output);
  if (tokenizer.vocab_size() < options.vocab_size)
    message(
        concatenate("the text gave only ", tokenizer.vocab_size(), " of ", options.vocab_size, " tokens"));
  if (options.json)
    print_json(ordered_json{{"output", text::path_text(options.output)},
                            {"vocab_size", tokenizer.vocab_size()},
                            {"merges", tokenizer.model().parts().merges.size()},
                            {"words", words},
                            {"bytes", bytes}});
  else if (!to_output)
    print(concatenate(options.output.string(), ": ", tokenizer.vocab_size(), " tokens\n"));
}

constexpr const char* train_example =
    "build/release/memsizer tokenizer train --input samples/data/wikitext-tiny/wiki.train.tokens "
    "--vocab-size 1024 --output build/tokenizer.json";

void add_train(const Command& tokenizer) {
  const Command command =
      tokenizer.command("train", "Learn a byte-level BPE vocabulary from text", train_example);
  const auto options = std::make_shared<TrainOptions>();
  command.option("--input", "FILE", options->input,
                 "text in UTF-8, plain or .gz or .zst; - is standard input", Need::required);
  command.option("--vocab-size", "N", options->vocab_size, "size of the vocabulary, special tokens included",
                 Need::required);
  command.option("--output", "FILE", options->output, "the tokenizer.json to write; - is standard output",
                 Need::required);
  command.option("--normalizer", "LIST", options->normalizer,
                 "none, or a comma list of nfc, nfkc, lowercase, strip-special");
  add_threads_option(command, options->threads);
  command.flag("--json", options->json, "print the result as JSON");
  command.action([options] { train(*options); });
}

}  // namespace tokenizer_command

std::optional<Index> bytes_of_text(const std::vector<std::filesystem::path>& paths) {
  Index bytes = 0;
  for (const std::filesystem::path& path : paths) {
    std::error_code unknown;
    const auto size = std::filesystem::file_size(path, unknown);
    if (unknown || data::uncompressed_name(path) != path.filename()) return std::nullopt;
    bytes += static_cast<Index>(size);
  }
  return bytes;
}

size_t CodingOptions::bytes_of_id() const {
  require(format == "text" || format == "u16" || format == "u32",
          "--format: one of text, u16, u32 expected, got '", format, "'");
  return format == "text" ? 0 : format == "u16" ? 2 : 4;
}

void CodingOptions::require_files() const {
  if (!is_standard_output(output)) files::require_can_write(output);
  require(tokenizer != "-" || input != "-",
          "--tokenizer and --input both read standard input; name a file for one of them");
  std::vector<std::filesystem::path> inputs = text::tokenizer_files(tokenizer);
  inputs.push_back(input);
  files::require_not_an_input(output, inputs);
}

void add_tokenizer_command(const Command& program) {
  using namespace tokenizer_command;
  const Command command =
      program.command("tokenizer", "Train and use byte-level BPE tokenizers", train_example);
  add_train(command);
  add_encode_command(command);
  add_decode_command(command);
}

}  // namespace memsizer::program
