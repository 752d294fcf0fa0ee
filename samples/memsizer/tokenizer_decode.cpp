// memsizer tokenizer decode

#include <charconv>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "memsizer/files/byte_stream.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/text/load_tokenizer.hpp"
#include "memsizer/text/utf8_stream.hpp"

#include "commands.hpp"
#include "output.hpp"
#include "tokenizer_commands.hpp"

namespace memsizer::program {

namespace tokenizer_decode {

using nlohmann::ordered_json;
using text::TokenId;

/// The ids in a line, separated by white space.
std::vector<TokenId> parse_ids(std::string_view line) {
  std::vector<TokenId> ids;
  const char *at = line.data(), *const end = at + line.size();
  while (true) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
    if (at == end) return ids;
    TokenId id = 0;
    const auto [after, error] = std::from_chars(at, end, id);
    require(error == std::errc() && (after == end || *after == ' ' || *after == '\t' || *after == '\r'),
            "expected ids with spaces between, got something else at column ", at - line.data() + 1);
    ids.push_back(id);
    at = after;
  }
}

/// Calls use(text, whether it ended with a newline) for the text of each line of ids.
template <class Use>
void decode_lines(const CodingOptions& options, const text::Tokenizer& tokenizer, const Use& use) {
  files::LineReader reader(options.input);
  for (std::string line; reader.next(line);) try {
      use(tokenizer.decode(parse_ids(line), {.skip_special = !options.special}), reader.has_newline());
    } catch (const InputError& error) {
      throw InputError(concatenate(reader.path().string(), ":", reader.number(), ": ", error.what()));
    }
}

/// The ids in a file of numbers, part by part.
class NumberReader {
 public:
  /// Each number has `width` bytes, the lowest first.
  NumberReader(const std::filesystem::path& path, size_t width)
      : stream_(path, files::Unpacking::none), width_(width), block_(width << 16) {}

  /// Reads further ids. Returns false at the end. InputError where one is not in the vocabulary.
  bool next(std::vector<TokenId>& ids, Index vocab) {
    const auto count = static_cast<size_t>(stream_.read(block_));
    require(count % width_ == 0, stream_.path().string(), ": ids of ", width_, " bytes expected, and ",
            count % width_, " are left at the end; --format must be that of encode");
    ids.clear();
    for (size_t i = 0; i < count; i += width_) {
      const std::uint32_t number = number_at(i);
      require(number < static_cast<std::uint64_t>(vocab), stream_.path().string(), ": id ", number,
              " at byte ", begin_ + i, ", but the tokenizer has ", vocab, " tokens");
      ids.push_back(static_cast<TokenId>(number));
    }
    begin_ += count;
    return count > 0;
  }

 private:
  std::uint32_t number_at(size_t place) const {
    std::uint32_t number = 0;
    for (size_t byte = width_; byte-- > 0;)
      number = number << 8 | static_cast<unsigned char>(block_[place + byte]);
    return number;
  }

  files::ByteStream stream_;
  size_t width_, begin_ = 0;  // begin_: the block's place in the file
  std::vector<char> block_;
};

/// Calls use(text) for parts of the text of a file of numbers.
template <class Use>
void decode_numbers(const CodingOptions& options, const text::Tokenizer& tokenizer, const Use& use) {
  NumberReader reader(options.input, options.bytes_of_id());
  for (std::vector<TokenId> ids; reader.next(ids, tokenizer.vocab_size());)
    use(tokenizer.decode(ids, {.skip_special = !options.special}));
}

void print_as_json(const CodingOptions& options, const text::Tokenizer& tokenizer) {
  ordered_json lines = ordered_json::array();
  if (options.bytes_of_id() == 0) {
    decode_lines(options, tokenizer,
                 [&](const std::string& text, bool) { lines.push_back(text::repair_utf8(text)); });
  } else {
    std::string whole;
    decode_numbers(options, tokenizer, [&](const std::string& text) { whole += text; });
    lines.push_back(text::repair_utf8(whole));
  }
  print_json(ordered_json{{"text", std::move(lines)}});
}

void run(const CodingOptions& options) {
  const bool is_lines = options.bytes_of_id() == 0;
  require(!options.json || is_standard_output(options.output),
          "--json prints the text as JSON; leave out --output");
  options.require_files();
  const text::Tokenizer tokenizer = text::load_tokenizer(options.tokenizer);
  if (options.json) return print_as_json(options, tokenizer);
  Sink sink(options.output);
  if (is_lines)
    decode_lines(options, tokenizer, [&](std::string text, bool has_newline) {
      if (has_newline) text += '\n';
      sink.write(text);
    });
  else
    decode_numbers(options, tokenizer, [&](const std::string& text) { sink.write(text); });
  sink.commit();
}

}  // namespace tokenizer_decode

void add_decode_command(const Command& tokenizer) {
  const Command command = tokenizer.command(
      "decode", "Turn lines of token ids back into lines of text, or a file of ids into a text",
      "echo '51 68 266' | build/release/memsizer tokenizer decode "
      "--tokenizer build/tokenizer.json");
  const auto options = std::make_shared<CodingOptions>();
  command.option("--tokenizer", "FILE", options->tokenizer, tokenizer_help, Need::required);
  command.option("--input", "FILE", options->input, "ids; -, the default, is standard input");
  command.option("--output", "FILE", options->output, "-, the default, is standard output");
  command.option(
      "--format", "NAME", options->format,
      "of the ids. text: with spaces between, a line for each line; u16 or u32: the ids of a whole "
      "text, as encode writes them");
  command.flag("--special", options->special,
               "write the texts of special tokens; without it they are left out");
  command.flag("--json", options->json,
               "print one JSON object, in which bytes that form no character become U+FFFD; "
               "without --json they are written unchanged");
  command.action([options] { tokenizer_decode::run(*options); });
}

}  // namespace memsizer::program
