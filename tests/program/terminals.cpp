// A conversation as a person at a terminal has it.
#include <chrono>
#include <thread>

#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include "program/guide.hpp"

BOOST_AUTO_TEST_SUITE(terminals)

using namespace program_test;

namespace {

/// The program at a terminal of its own. Shell words may stand after it, such as a redirection.
class Talk {
 public:
  Talk(const Workplace& place, const std::vector<std::string>& words, const std::string& after = "") {
    std::string command =
        "cd " + quoted(place.folder().path().string()) + " && exec " + quoted(program_file());
    for (const std::string& word : words) command += ' ' + quoted(word);
    command += ' ' + after;
    child_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    BOOST_TEST_REQUIRE(child_ >= 0);
    if (child_ > 0) return;
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  Talk(const Talk&) = delete;
  ~Talk() {
    if (child_ > 0) ::kill(child_, SIGKILL), ::waitpid(child_, nullptr, 0);
    ::close(terminal_);
  }

  void type(const std::string& text) {
    BOOST_TEST_REQUIRE(::write(terminal_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

  /// Reads until the program has written `part`. Returns what came before it.
  std::string wait_for(const std::string& part) {
    while (!contains(unread_, part))
      BOOST_TEST_REQUIRE(read_more(), "waiting for '" << part << "', got: " << unread_);
    const std::size_t end = unread_.find(part);
    const std::string before = unread_.substr(0, end);
    unread_.erase(0, end + part.size());
    return before;
  }

  /// The exit code, once the program has ended.
  int finish() {
    while (read_more()) continue;
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  /// False at the end, or if nothing came for two minutes.
  bool read_more() {
    char block[4096];
    pollfd ready{terminal_, POLLIN, 0};
    if (::poll(&ready, 1, 120'000) <= 0) return false;
    const ssize_t count = ::read(terminal_, block, sizeof block);
    if (count > 0) unread_.append(block, static_cast<std::size_t>(count));
    return count > 0;
  }

  int terminal_ = -1;
  pid_t child_ = -1;
  std::string unread_;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(questions_are_answered_until_an_empty_line, Guide) {
  Talk talk(*this, {"chat", "run"});
  BOOST_TEST(contains(talk.wait_for("> "), "an empty line or Ctrl-D ends, /help helps"));
  talk.type("colour of sky?\n");
  BOOST_TEST(contains(talk.wait_for("> "), "blue\r\nand wide\r\n"));
  talk.type("/help\n");
  BOOST_TEST(contains(talk.wait_for("> "), "Ctrl-C ends an answer"));
  talk.type("\n");
  BOOST_TEST(talk.finish() == 0);
}

BOOST_FIXTURE_TEST_CASE(ctrl_c_ends_an_answer_and_not_the_conversation, Guide) {
  const std::string without_end = "1000000000";
  Talk talk(*this, {"chat", "run", "--min-tokens", without_end, "--max-tokens", without_end});
  talk.wait_for("> ");
  talk.type("colour of grass?\n");
  talk.wait_for("green");  // it is shown while the answer goes on
  talk.type("\x03");
  talk.wait_for("> ");
  talk.type("/state\n");
  BOOST_TEST(contains(talk.wait_for("> "), "1 answer, "));
  talk.type("\x04");  // Ctrl-D
  BOOST_TEST(talk.finish() == 0);
}

BOOST_FIXTURE_TEST_CASE(ctrl_c_is_heard_while_the_terminal_is_slow, Guide) {
  const std::string without_end = "1000000000";
  Talk talk(*this, {"chat", "run", "--min-tokens", without_end, "--max-tokens", without_end});
  talk.wait_for("> ");
  talk.type("colour of grass?\n");
  talk.wait_for("green");
  std::this_thread::sleep_for(std::chrono::seconds(2));  // nobody reads, so the program waits in a write
  talk.type("\x03");
  talk.wait_for("> ");
  talk.type("\x04");
  BOOST_TEST(talk.finish() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_file_gets_the_answers_alone, Guide) {
  Talk talk(*this, {"chat", "run"}, ">answers.txt");
  talk.wait_for("> ");
  talk.type("colour of grass?\n");
  talk.wait_for("> ");
  talk.type("\n");
  BOOST_TEST(talk.finish() == 0);
  BOOST_TEST(contents(folder() / "answers.txt") == "green\n");
}

BOOST_AUTO_TEST_SUITE_END()
