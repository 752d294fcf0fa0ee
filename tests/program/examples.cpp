// The examples in the help texts work as they are, from the repository's root.
#include <map>

#include "program/data_place.hpp"
#include "source_folder.hpp"

BOOST_AUTO_TEST_SUITE(examples)

using namespace program_test;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// The example of a command's help: the line after "Example:".
std::string example_of(const Workplace& place, Words command) {
  command.push_back("--help");
  const std::string help = place.expect(0, command).out, mark = "Example:\n  ";
  const std::size_t begin = help.find(mark) + mark.size();
  return help.substr(begin, help.find('\n', begin) - begin);
}

/// The same example with less work: two steps of a very small model.
std::string shortened(std::string line) {
  std::string settings;
  for (const char* setting : {"layers=1", "dim=8", "heads=2", "ffn=8", "vocab=300", "sequence=16"})
    settings += std::string(" --set ") + setting;
  return replaced(line, "--steps 200", "--steps 2" + settings);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_example_works_when_pasted, *boost::unit_test::label("slow")) {
  // The place looks like the root: it has the data, and the program where the release preset puts it.
  const Workplace place;
  std::filesystem::create_directories(place.folder() / "build/release");
  std::filesystem::create_directory_symlink(memsizer::test::source_folder() / "samples",
                                            place.folder() / "samples");
  std::filesystem::create_symlink(program_file(), place.folder() / "build/release/memsizer");
  for (const Words& command : std::vector<Words>{{},
                                                 {"train"},
                                                 {"evaluate"},
                                                 {"generate"},
                                                 {"plot"},
                                                 {"compare"},
                                                 {"summary"},
                                                 {"tokenizer"},
                                                 {"tokenizer", "train"},
                                                 {"tokenizer", "encode"},
                                                 {"tokenizer", "decode"},
                                                 {"score"},
                                                 {"score", "bleu"},
                                                 {"score", "chrf"},
                                                 {"score", "rouge"},
                                                 {"score", "squad"},
                                                 {"chat"},
                                                 {"gradcheck"},
                                                 {"products"},
                                                 {"kernels"}}) {
    const std::string example = example_of(place, command);
    BOOST_TEST(contains(example, "build/release/memsizer "), example);
    const std::string line = "cd " + quoted(place.folder().path().string()) + " && " + shortened(example) +
                             " </dev/null >out.tmp 2>err.tmp";
    BOOST_TEST(std::system(line.c_str()) == 0, example << '\n' << contents(place.folder() / "err.tmp"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
