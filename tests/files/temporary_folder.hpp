#pragma once
// A temporary folder that is removed after the test, and small helpers for files.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <unistd.h>

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "memsizer-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// Writes a file, creates its folders, and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view bytes) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

 private:
  std::filesystem::path path_;
};

inline std::string contents(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

/// A check for BOOST_CHECK_EXCEPTION that the error's text contains `part`. If not, it prints the text.
struct SaysPart {
  std::string part;
  bool operator()(const std::exception& error) const {
    const std::string text = error.what();
    if (text.find(part) != std::string::npos) return true;
    BOOST_TEST_MESSAGE("the error says: " << text << "\nexpected in it: " << part);
    return false;
  }
};

#define CHECK_THROWS_SAYING(expression, Type, part) BOOST_CHECK_EXCEPTION(expression, Type, (SaysPart{part}))
