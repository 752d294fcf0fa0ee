#include "command_line.hpp"

#include <limits>
#include <type_traits>

#include <CLI/CLI.hpp>

#include "memsizer/base/nearest.hpp"
#include "memsizer/base/read_number.hpp"

#include "output.hpp"

namespace memsizer::program {

namespace {

std::function<void()>& chosen_action() {
  static std::function<void()> action;
  return action;
}

/// The innermost command in the command line.
CLI::App& innermost(CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : innermost(*below.back());
}

/// The names from the top: "tokenizer train". Empty for the program itself.
std::string path_of(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "";
  const std::string above = path_of(*app.get_parent());
  return above.empty() ? app.get_name() : above + ' ' + app.get_name();
}

/// The names that a word could have meant: those of options if it begins with a dash, else those of commands.
std::vector<std::string> known_names(const CLI::App& app, bool options) {
  std::vector<std::string> names;
  if (options) {
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  } else {
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  }
  return names;
}

/// Whether a word in the place of a command is not a command.
bool names_unknown_command(CLI::App& app) {
  const std::vector<std::string> rest = app.remaining(true);
  return !rest.empty() && !rest[0].starts_with('-') && !innermost(app).get_subcommands({}).empty();
}

/// What a word probably meant; empty if no name is near.
std::string meant(const std::string& word, const std::vector<std::string>& names) {
  const bool has_near = !names.empty() && is_near(word, nearest_name(word, names));
  return has_near ? suggestion(word, names) : "";
}

/// The error's text: the word that was not understood, if there is one, and what was probably meant.
std::string explain(CLI::App& app, const CLI::ParseError& error) {
  CLI::App& command = innermost(app);
  const std::string path = path_of(command);
  const std::vector<std::string> rest = app.remaining(true);
  std::string text = path.empty() ? "" : path + ": ";
  if (rest.empty()) {
    text += error.what();
  } else {
    const std::string word = rest[0].substr(0, rest[0].find('='));
    text += "not understood: '" + word + '\'' + meant(word, known_names(command, word.starts_with('-')));
  }
  return text + "\nmemsizer " + (path.empty() ? "" : path + ' ') + "--help explains the options";
}

/// T, or the type of the value in a std::optional.
template <class T>
struct ValueOf {
  using Type = T;
};
template <class T>
struct ValueOf<std::optional<T>> {
  using Type = T;
};

template <class T>
constexpr bool is_number = std::is_arithmetic_v<typename ValueOf<T>::Type>;

/// The number in an option's text. CLI11 would read 010 as eight, as in C, and would replace a number that is
/// too large by the largest. Negative numbers are read here; the command rejects them.
template <class Number>
Number number_of_option(const std::string& option, const std::string& text) {
  Number number{};
  const std::errc error = read_number(text, number);
  const std::string kind = option + (std::is_integral_v<Number> ? ": a whole number " : ": a number ");
  if (error == std::errc::result_out_of_range)
    throw CLI::ConversionError(
        concatenate(kind, "from 0 to ", std::numeric_limits<Number>::max(), " expected, got '", text, "'"));
  if (error != std::errc()) throw CLI::ConversionError(concatenate(kind, "expected, got '", text, "'"));
  return number;
}

template <class T>
CLI::Option* add_number(CLI::App& app, const std::string& name, T& value, const std::string& meaning) {
  using Number = typename ValueOf<T>::Type;
  const auto read = [&value, name](const std::string& text) { value = number_of_option<Number>(name, text); };
  CLI::Option* option = app.add_option_function<std::string>(name, read, meaning);
  if constexpr (std::is_same_v<T, Number>) option->default_str(concatenate(value));
  return option;
}

}  // namespace

Command Command::command(const std::string& name, const std::string& summary,
                         const std::string& example) const {
  CLI::App* command = app_.add_subcommand(name, summary)->group("Commands");
  command->footer("Example:\n  " + example);
  return Command(*command);
}

template <class T>
void Command::option(const std::string& name, const std::string& placeholder, T& value,
                     const std::string& meaning, Need need) const {
  CLI::Option* option = nullptr;
  if constexpr (is_number<T>)
    option = add_number(app_, name, value, meaning);
  else
    option = app_.add_option(name, value, meaning);
  option->type_name(placeholder)->required(need == Need::required);
  if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
    if (need == Need::required || value == T{})
      option->default_str("");
    else if constexpr (std::is_same_v<T, std::string>)
      option->capture_default_str();
  }
}

void Command::repeated(const std::string& name, const std::string& placeholder,
                       std::vector<std::string>& values, const std::string& meaning) const {
  app_.add_option(name, values, meaning)->type_name(placeholder)->allow_extra_args(false);
}

void Command::flag(const std::string& name, bool& value, const std::string& meaning) const {
  app_.add_flag(name, value, meaning);
}

void Command::choice_flag(const std::string& name, const std::string& meant, std::string& value,
                          const std::string& meaning) const {
  app_.add_flag(name + '{' + meant + '}', value, meaning);
}

void Command::action(std::function<void()> action) const {
  app_.callback([action = std::move(action)] { chosen_action() = action; });
}

template void Command::option(const std::string&, const std::string&, Index&, const std::string&, Need) const;
template void Command::option(const std::string&, const std::string&, double&, const std::string&,
                              Need) const;
template void Command::option(const std::string&, const std::string&, std::string&, const std::string&,
                              Need) const;
template void Command::option(const std::string&, const std::string&, std::filesystem::path&,
                              const std::string&, Need) const;
template void Command::option(const std::string&, const std::string&, std::optional<Index>&,
                              const std::string&, Need) const;
template void Command::option(const std::string&, const std::string&, std::optional<double>&,
                              const std::string&, Need) const;
template void Command::option(const std::string&, const std::string&, std::optional<std::string>&,
                              const std::string&, Need) const;
template void Command::option(const std::string&, const std::string&, std::vector<std::string>&,
                              const std::string&, Need) const;
template void Command::option(const std::string&, const std::string&, std::vector<std::filesystem::path>&,
                              const std::string&, Need) const;

std::string program_version() {
  return MEMSIZER_VERSION;
}

void run_command_line(int argc, const char* const* argv,
                      const std::function<void(const Command&)>& describe) {
  CLI::App app("Transformer and MemSizer from scratch: train, evaluate, generate, compare.", "memsizer");
  app.footer(
      "Example:\n  build/release/memsizer train --data samples/data/wikitext-tiny --output build/runs/first "
      "--preset tiny --steps 200\n"
      "\n"
      "Ctrl-C (SIGINT), SIGTERM and SIGHUP let train and compare save before they end, with exit code 130. "
      "\"-\" is "
      "standard input or output\nwherever a file is read or written. Bytes of no character are shown as "
      "U+FFFD, but by tokenizer decode, which\ngives back what encode read.");
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("REQUIRED", "(required)");
  app.set_version_flag("--version", program_version());
  describe(Command(app));
  for (CLI::App* command : app.get_subcommands({}))
    if (!command->get_subcommands({}).empty()) command->require_subcommand(1);
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    if (names_unknown_command(app)) throw InputError(explain(app, help));
    return print(app.help() + '\n');
  } catch (const CLI::CallForVersion& version) {
    return print(std::string(version.what()) + '\n');
  } catch (const CLI::ParseError& error) {
    throw InputError(explain(app, error));
  }
  chosen_action()();
}

}  // namespace memsizer::program
