// memsizer tokenizer train | decode; encode is in tokenizer_encode.cpp.

#include <charconv>
#include <memory>
#include <span>

#include <nlohmann/json.hpp>

#include "memsizer/data/text_scanner.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/progress.hpp"
#include "memsizer/text/load_tokenizer.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"
#include "memsizer/text/utf8_stream.hpp"

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
  const text::Tokenizer tokenizer = trainer.train(options.vocab_size);
  text::write_tokenizer_json(tokenizer, options.output);
  if (tokenizer.vocab_size() < options.vocab_size)
    message(
        concatenate("the text gave only ", tokenizer.vocab_size(), " of ", options.vocab_size, " tokens"));
  if (options.json)
    print_json(ordered_json{{"output", text::path_text(options.output)},
                            {"vocab_size", tokenizer.vocab_size()},
                            {"merges", tokenizer.model().parts().merges.size()},
                            {"words", trainer.word_counts().size()},
                            {"bytes", bytes}});
  else if (!to_output)
    print(concatenate(options.output.string(), ": ", tokenizer.vocab_size(), " tokens\n"));
}

struct DecodeOptions {
  std::filesystem::path tokenizer, input = "-";
  bool special = false, json = false;
};

/// Calls use(line, whether it ended with a newline) for each line of the input.
template <class Use>
void for_each_line(const std::filesystem::path& input, const Use& use) {
  files::LineReader reader(input);
  for (std::string line; reader.next(line);) try {
      use(line, reader.has_newline());
    } catch (const InputError& error) {
      throw InputError(concatenate(reader.path().string(), ":", reader.number(), ": ", error.what()));
    }
}

/// The ids in a line, separated by white space.
std::vector<text::TokenId> parse_ids(std::string_view line) {
  std::vector<text::TokenId> ids;
  const char *at = line.data(), *const end = at + line.size();
  while (true) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
    if (at == end) return ids;
    text::TokenId id = 0;
    const auto [after, error] = std::from_chars(at, end, id);
    require(error == std::errc() && (after == end || *after == ' ' || *after == '\t' || *after == '\r'),
            "expected ids with spaces between, got something else at column ", at - line.data() + 1);
    ids.push_back(id);
    at = after;
  }
}

void decode(const DecodeOptions& options) {
  files::require_not_an_input("-", {options.input, options.tokenizer});
  const text::Tokenizer tokenizer = text::load_tokenizer(options.tokenizer);
  ordered_json lines = ordered_json::array();
  for_each_line(options.input, [&](const std::string& line, bool has_newline) {
    std::string text = tokenizer.decode(parse_ids(line), {.skip_special = !options.special});
    if (options.json) return lines.push_back(text::repair_utf8(text));
    if (has_newline) text += '\n';
    print(text);
  });
  if (options.json) print_json(ordered_json{{"text", std::move(lines)}});
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

void add_decode(const Command& tokenizer) {
  const Command command = tokenizer.command("decode", "Turn lines of token ids back into lines of text",
                                            "echo '51 68 266' | build/release/memsizer tokenizer decode "
                                            "--tokenizer build/tokenizer.json");
  const auto options = std::make_shared<DecodeOptions>();
  command.option("--tokenizer", "FILE", options->tokenizer, tokenizer_help, Need::required);
  command.option("--input", "FILE", options->input,
                 "ids separated by spaces; -, the default, is standard input");
  command.flag("--special", options->special,
               "write the texts of special tokens; without it they are left out");
  command.flag("--json", options->json,
               "print one JSON object, in which bytes that form no character become U+FFFD; "
               "without --json they are written unchanged");
  command.action([options] { decode(*options); });
}

}  // namespace tokenizer_command

void add_tokenizer_command(const Command& program) {
  using namespace tokenizer_command;
  const Command command =
      program.command("tokenizer", "Train and use byte-level BPE tokenizers", train_example);
  add_train(command);
  add_encode_command(command);
  add_decode(command);
}

}  // namespace memsizer::program
