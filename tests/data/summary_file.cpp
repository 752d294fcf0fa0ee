#include "memsizer/data/summary_file.hpp"

#include <fstream>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(summary_file)

using namespace memsizer;
using namespace memsizer::data;

namespace {

const std::string whole =
    "[SN]URL[SN]\nhttp://a.b/c\n\n[SN]TITLE[SN]\nA title\n\n[SN]FIRST-SENTENCE[SN]\nA summary.\n\n"
    "[SN]RESTBODY[SN]\nOne.\n\nTwo\u00a0\u00e4.\n";

TextPair read(const std::string& text) {
  const TemporaryFolder folder;
  return read_summary_file(folder.write("1.summary", text));
}

/// Checks that a text is refused at a line, with an error that contains `part`.
void check_refused(const std::string& text, int line, const std::string& part) {
  CHECK_THROWS_SAYING(read(text), InputError, concatenate("1.summary:", line, ": ", part));
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_summary_and_the_rest_are_read) {
  const TextPair expected{"One.\nTwo\u00a0\u00e4.", "A summary."};
  BOOST_CHECK(read(whole) == expected);
  const TemporaryFolder folder;
  BOOST_CHECK(read_summary_file(folder.write("1.summary.gz", gzip(whole))) == expected);
  BOOST_CHECK(read_summary_file(folder.write("1.summary.zst", zstd(whole))) == expected);
  std::string returns;
  for (const char c : whole) returns += c == '\n' ? "\r\n" : std::string(1, c);
  BOOST_CHECK(read(returns) == expected);
}

// As Hugging Face's loader of XSum gives them: its lines are joined after these are taken out, and both ends
// are stripped.
BOOST_AUTO_TEST_CASE(blank_lines_and_links_are_left_out) {
  const TextPair pair = read(
      "\n[SN]URL[SN]\n[SN]TITLE[SN]\nEmail\n[SN]FIRST-SENTENCE[SN]\n \u00a0\n  A.\n \n[SN]RESTBODY[SN]\n\n"
      "Share this with\nEmail\nFacebook\nMessenger\nTwitter\nPinterest\nWhatsApp\nLinkedin\nLinkedIn\n"
      "Copy this link\nThese are external links and will open in a new window\n\u3000\u2003 One \n Email\n"
      "email\nTwitter said so \u2029\nEmail");
  BOOST_CHECK_EQUAL(pair.source, "One \n Email\nemail\nTwitter said so");
  BOOST_CHECK_EQUAL(pair.target, "A.");
}

BOOST_AUTO_TEST_CASE(texts_may_be_empty) {
  const std::string marks = "[SN]URL[SN]\n[SN]TITLE[SN]\n[SN]FIRST-SENTENCE[SN]\n[SN]RESTBODY[SN]";
  BOOST_CHECK((read(marks) == TextPair{"", ""}));
  BOOST_CHECK((read(marks + "\n[SN] in a text\nx[SN]") == TextPair{"[SN] in a text\nx[SN]", ""}));
}

BOOST_AUTO_TEST_CASE(a_mark_that_is_missing_or_misplaced_is_refused) {
  check_refused("", 1, "expected the mark [SN]URL[SN], got the end of the file");
  check_refused("\nA text.\n", 2, "expected the mark [SN]URL[SN], got A text.");
  check_refused("[SN]URL[SN]\nx\n[SN]FIRST-SENTENCE[SN]\n", 3,
                "expected the mark [SN]TITLE[SN], got [SN]FIRST-SENTENCE[SN]");
  check_refused("[SN]URL[SN]\n[SN]URL[SN]\n", 2, "expected the mark [SN]TITLE[SN], got [SN]URL[SN]");
  check_refused("[SN]URL[SN]\n[SN]TITLE[SN]\n[SN]FIRST-SENTENCE[SN]\nA.\n", 4,
                "expected the mark [SN]RESTBODY[SN], got the end of the file");
  check_refused(whole + "[SN]RESTBODY[SN]\n", 14,
                "expected no mark after [SN]RESTBODY[SN], got [SN]RESTBODY");
  check_refused(whole + "\xE9\n", 14, "expected UTF-8, got an invalid byte at column 1");
}

BOOST_AUTO_TEST_CASE(a_text_that_is_no_article_is_refused_in_bounded_memory) {
  const TemporaryFolder folder;
  const std::string line(1 << 20, 'x');
  std::string lines = whole;
  for (int i = 0; i < 65; ++i) lines += line + '\n';
  const auto packed = folder.write("2.summary.gz", gzip(lines));
  CHECK_THROWS_SAYING(read_summary_file(packed), InputError,
                      "2.summary.gz:77: expected an article of less than 67108864 bytes, got more");
}

BOOST_AUTO_TEST_CASE(the_beginning_shows_the_form) {
  for (const char* head : {"[SN]", "[SN]URL[SN]\nx", "\n \r\n[SN]TITLE"}) BOOST_CHECK(is_summary_file(head));
  for (const char* head : {"", "[", "SN", "{\"document\": 1}"}) BOOST_CHECK(!is_summary_file(head));
}

BOOST_AUTO_TEST_CASE(a_real_file_is_read,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const TextPair pair = read_summary_file(real_data::folder() / "xsum/bbc-summary-data/10000983.summary");
  BOOST_CHECK_EQUAL(
      pair.target,
      "It's being called \"evil\" and a \"death panel\" where bureaucrats decide who lives and who "
      "dies. Any ideas what it could be?");
  BOOST_CHECK(pair.source.starts_with("Well, it's how the idea of Britain's NHS is being described"));
  BOOST_CHECK(pair.source.ends_with("rather than actually care for their illnesses.\""));
  BOOST_CHECK_EQUAL(std::ranges::count(pair.source, '\n'), 15);
}

BOOST_AUTO_TEST_SUITE_END()
