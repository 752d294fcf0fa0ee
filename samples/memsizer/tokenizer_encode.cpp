// memsizer tokenizer encode

#include <charconv>
#include <functional>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "memsizer/base/ordered_pipeline.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/report/progress.hpp"
#include "memsizer/text/load_tokenizer.hpp"
#include "memsizer/text/stream_encoder.hpp"
#include "memsizer/text/utf8_stream.hpp"

#include "commands.hpp"
#include "devices.hpp"
#include "output.hpp"
#include "tokenizer_commands.hpp"

namespace memsizer::program {

namespace tokenizer_encode {

using nlohmann::ordered_json;
using text::TokenId;

struct Options : CodingOptions {
  Index threads = 0;
};

void check(const Options& options) {
  const bool to_output = is_standard_output(options.output), binary = options.bytes_of_id() > 0;
  require(!options.json || (to_output && !binary),
          "--json prints the ids as JSON; leave out --output and --format");
  require(!binary || !to_output || !output_is_terminal(), "--format ", options.format,
          " writes bytes, which a terminal cannot show; --output FILE keeps them");
  check_threads(options.threads);
  options.require_files();
}

/// Puts ids into `bytes`, each in `width` bytes, the lowest first, whatever the machine's own order is.
void write_numbers(const std::vector<TokenId>& ids, size_t width, std::string& bytes) {
  bytes.resize(ids.size() * width);
  char* at = bytes.data();
  for (const TokenId id : ids)
    for (size_t byte = 0; byte < width; ++byte)
      *at++ = static_cast<char>(static_cast<std::uint32_t>(id) >> (8 * byte));
}

/// Shows progress while a file is written. Standard output belongs to the user's pipe, beside which a line
/// about progress would be in the way.
class EncodeProgress {
 public:
  explicit EncodeProgress(const Options& options) {
    if (is_standard_output(options.output)) return;
    report::ProgressOptions shown{.label = "encoding", .unit = "bytes"};
    shown.total = bytes_of_text({options.input}).value_or(0);
    progress_.emplace(std::move(shown));
  }

  void add(size_t bytes) {
    if (progress_) progress_->update(bytes_ += static_cast<Index>(bytes));
  }
  void finish() {
    if (progress_) progress_->finish();
  }

 private:
  std::optional<report::Progress> progress_;
  Index bytes_ = 0;
};

void write_ids(const std::vector<TokenId>& ids, std::string& text) {
  constexpr size_t longest = 11;  // ten digits and a space
  const size_t begin = text.size();
  text.resize(begin + longest * ids.size());
  char* end = text.data() + begin;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) *end++ = ' ';
    end = std::to_chars(end, end + longest, ids[i]).ptr;
  }
  text.resize(static_cast<size_t>(end - text.data()));
}

/// Lines that a thread encodes together, each by itself. Their memory is used again.
struct Lines {
  std::vector<std::string> texts;
  std::vector<std::vector<TokenId>> ids;
  std::string written;  // a line of ids for each text
  text::BpeModel::Scratch scratch;
  size_t count = 0, bytes = 0, ids_count = 0;
  Index first = 1;           // the number of the first line
  bool has_newline = false;  // of the last

  bool read(files::LineReader& reader) {
    count = bytes = 0;
    first = reader.number() + 1;
    do {
      if (count == texts.size()) {
        texts.emplace_back();
        ids.emplace_back();
      }
      if (!reader.next(texts[count])) break;
      has_newline = reader.has_newline();
      bytes += texts[count++].size() + (has_newline ? 1 : 0);
    } while (bytes < text::TextCutter::usual_piece && !reader.would_wait());
    return count > 0;
  }

  void encode(const text::Tokenizer& tokenizer, const Options& options, const std::filesystem::path& path) {
    written.clear();
    ids_count = 0;
    for (size_t i = 0; i < count; ++i) {
      ids[i].clear();
      try {
        tokenizer.encode(texts[i], ids[i], {.special = options.special}, scratch);
      } catch (const InputError& error) {
        throw InputError(concatenate(path.string(), ":", first + static_cast<Index>(i), ": ", error.what()));
      }
      ids_count += ids[i].size();
      if (options.json) continue;
      write_ids(ids[i], written);
      if (i + 1 < count || has_newline) written += '\n';
    }
  }
};

/// Calls use(lines) for encoded lines, in their order.
template <class Use>
void encode_lines(const Options& options, const text::Tokenizer& tokenizer, ThreadPool& threads,
                  EncodeProgress& progress, const Use& use) {
  files::LineReader reader(options.input);
  run_in_order<Lines>(
      &threads, [&](Lines& lines) { return lines.read(reader); },
      [&](Lines& lines) { lines.encode(tokenizer, options, reader.path()); },
      [&](const Lines& lines) {
        use(lines);
        progress.add(lines.bytes);
      });
}

/// Encodes the whole input as one text, newlines included, and calls use(ids) for parts of the ids.
template <class Use>
void encode_text(const Options& options, const text::Tokenizer& tokenizer, ThreadPool& threads,
                 EncodeProgress& progress, const Use& use) {
  files::TextStream stream(options.input);
  std::vector<char> block(text::TextCutter::usual_piece);
  const auto read = [&] {
    const auto size = static_cast<size_t>(stream.read(block));
    progress.add(size);
    return std::string_view(block.data(), size);
  };
  text::encode_stream(tokenizer, {.special = options.special}, &threads, read, use);
}

void print_as_json(const Options& options, const text::Tokenizer& tokenizer, ThreadPool& threads,
                   EncodeProgress& progress) {
  ordered_json lines = ordered_json::array();
  encode_lines(options, tokenizer, threads, progress, [&](const Lines& some) {
    for (size_t i = 0; i < some.count; ++i) lines.push_back(some.ids[i]);
  });
  print_json(ordered_json{{"ids", std::move(lines)}});
}

void run(const Options& options) {
  check(options);
  const text::Tokenizer tokenizer = text::load_tokenizer(options.tokenizer);
  require(options.format != "u16" || tokenizer.vocab_size() <= 1 << 16,
          "--format u16 holds ids up to 65535, but the tokenizer has ", tokenizer.vocab_size(),
          " tokens; --format u32 holds them");
  ThreadPool threads(options.threads);
  EncodeProgress progress(options);
  if (options.json) return print_as_json(options, tokenizer, threads, progress);
  Sink sink(options.output);
  Index count = 0;
  const size_t width = options.bytes_of_id();
  std::string bytes;
  if (width == 0)
    encode_lines(options, tokenizer, threads, progress, [&](const Lines& lines) {
      count += static_cast<Index>(lines.ids_count);
      sink.write(lines.written);
    });
  else
    encode_text(options, tokenizer, threads, progress, [&](const std::vector<TokenId>& ids) {
      count += static_cast<Index>(ids.size());
      write_numbers(ids, width, bytes);
      sink.write(bytes);
    });
  sink.commit();
  progress.finish();
  if (!is_standard_output(options.output)) print(concatenate(options.output.string(), ": ", count, " ids\n"));
}

}  // namespace tokenizer_encode

void add_encode_command(const Command& tokenizer) {
  using tokenizer_encode::Options;
  const Command command =
      tokenizer.command("encode", "Turn lines of text into lines of token ids, or a text into a file of ids",
                        "echo 'To be or not to be' | build/release/memsizer tokenizer encode "
                        "--tokenizer build/tokenizer.json");
  const auto options = std::make_shared<Options>();
  command.option("--tokenizer", "FILE", options->tokenizer, tokenizer_help, Need::required);
  command.option("--input", "FILE", options->input,
                 "text, plain or .gz or .zst; -, the default, is standard input");
  command.option("--output", "FILE", options->output, "-, the default, is standard output");
  command.option(
      "--format", "NAME", options->format,
      "text: ids with spaces between, a line for each line; u16 or u32: the ids of the whole input, "
      "newlines included, as numbers of 16 or 32 bits, the lowest byte first, to an --output FILE or a pipe, "
      "not with --json");
  add_threads_option(command, options->threads);
  command.flag("--special", options->special, "turn the texts of special tokens into these tokens");
  command.flag("--json", options->json, "print one JSON object, without --output and --format");
  command.action([options] { tokenizer_encode::run(*options); });
}

}  // namespace memsizer::program
