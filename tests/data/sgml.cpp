#include "memsizer/data/sgml.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(sgml)

using namespace memsizer;
using namespace memsizer::data;

namespace {

/// The segments as "document/number: text".
std::vector<std::string> segments_of(const std::filesystem::path& file) {
  SgmlReader reader(file);
  std::vector<std::string> segments;
  for (std::string text; reader.next(text);)
    segments.push_back(concatenate(reader.document(), '/', reader.id(), ": ", text));
  return segments;
}

const std::string set_begins = "<srcset setid=\"newstest\" srclang=\"any\">\n";
const std::string doc_begins = set_begins + "<doc docid=\"a\" genre=\"news\" origlang=\"de\">\n";
const std::string both_end = "</doc>\n</srcset>\n";

/// Checks that a file with this text is refused with an error that contains its name and `part`.
void check_refused(const std::string& text, const std::string& part) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.de.sgm", text);
  CHECK_THROWS_SAYING(segments_of(file), InputError, file.string() + part);
}

}  // namespace

BOOST_AUTO_TEST_CASE(segments_come_with_their_documents_and_numbers) {
  const TemporaryFolder folder;
  const std::string text =
      doc_begins +
      "<hl>\n<seg id=\"1\"> Titel </seg>\n</hl>\n<p>\n<seg id=\"2\">Ein Satz.</seg>\n</p>\n</doc>\n\n"
      "<DOC sysid='ref' docid=\"b>c\"><p><SEG id=7></SEG>\n</DOC>\n</srcset>";
  const std::vector<std::string> expected{"a/1:  Titel ", "a/2: Ein Satz.", "b>c/7: "};
  BOOST_CHECK(segments_of(folder.write("a.sgm", text)) == expected);
  BOOST_CHECK(segments_of(folder.write("a.sgm.zst", zstd(text))) == expected);
  BOOST_CHECK(
      segments_of(folder.write("b.sgm",
                               "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!DOCTYPE mteval SYSTEM \"m.dtd\">\n"
                               "<mteval>\n<!-- a > b -->\n" +
                                   text + "\n</mteval>\n")) == expected);
}

BOOST_AUTO_TEST_CASE(text_is_kept_as_it_stands) {
  const TemporaryFolder folder;
  const auto one = [&](const std::string& text) {
    return segments_of(folder.write("a.sgm", doc_begins + "<seg id=\"1\">" + text + "</seg>\r\n" + both_end))
        .at(0);
  };
  for (const char* text :
       {"AT&T & S&P 500", "&quot;ja&quot; &amp; &#228;", "&nonsense; a < b > c </b>", "\tx\u0085y  "})
    BOOST_CHECK_EQUAL(one(text), concatenate("a/1: ", text));
}

BOOST_AUTO_TEST_CASE(its_beginning_shows_the_format) {
  for (const char* head : {"<srcset x", "\n  <REFSET", "\xEF\xBB\xBF<tstset", "<!DOCTYPE mteval", "<mteval>"})
    BOOST_CHECK_MESSAGE(is_sgml(head), head);
  for (const char* head : {"", "\n", "Ein Satz.", "<b>", "< srcset", "{\"translation\""})
    BOOST_CHECK_MESSAGE(!is_sgml(head), head);
}

BOOST_AUTO_TEST_CASE(faults_of_segments_name_file_and_line) {
  const auto refused = [](const std::string& line, const std::string& part) {
    check_refused(doc_begins + "<seg id=\"4\">x</seg>\n" + line + "\n" + both_end, ":4: " + part);
  };
  refused("<seg id=\"5\">x", "expected </seg> on the line of its <seg id=\"5\">");
  refused("<seg id=\"5\">x<seg id=\"6\">y</seg>", "expected </seg> before the next <seg>, in segment 5");
  refused("<seg id=\"4\">x</seg>", "expected a segment after number 4, got number 4");
  refused("<seg id=\"3\">x</seg>", "expected a segment after number 4, got number 3");
  refused("<seg>x</seg>", "expected <seg id=\"N\"> with a number from 1, got \"\"");
  refused("<seg id=\"0\">x</seg>", "expected <seg id=\"N\"> with a number from 1, got \"0\"");
  refused("<seg id=\"five\">x</seg>", "expected <seg id=\"N\"> with a number from 1, got \"five\"");
  refused("<seg id=\"99999999999999999999\">x</seg>",
          "expected <seg id=\"N\"> with a number from 1, got \"99999999999999999999\"");
  refused("<seg id=\"5>x</seg>", "expected > at the end of \"<seg id=");
  refused("<seg id=5 6>x</seg>", "expected a tag such as <seg id=\"1\">, got <seg id=5 6>");
  refused("text", "expected a tag, got \"text\"");
  refused("<seg id=\"5\">caf\xe9</seg>", "expected UTF-8, got an invalid byte at column 16");
}

BOOST_AUTO_TEST_CASE(faults_of_the_frame_name_file_and_line) {
  check_refused("", ": expected a <srcset>, <refset> or <tstset>, got none");
  check_refused("<mteval>\n</mteval>\n", ": expected a <srcset>, <refset> or <tstset>, got none");
  check_refused("<doc docid=\"a\">\n", ":1: expected <doc> inside a <srcset>, <refset> or <tstset>");
  check_refused(set_begins + "<seg id=\"1\">x</seg>\n", ":2: expected <seg> inside a <doc>");
  check_refused(set_begins + "<p>\n", ":2: expected <p> inside a <doc>");
  check_refused(set_begins + "</doc>\n", ":2: expected </doc> after a <doc>");
  check_refused(set_begins + "<doc genre=\"news\">\n",
                ":2: expected <doc docid=\"...\">, got a <doc> without a docid");
  check_refused(doc_begins + "<doc docid=\"b\">\n", ":3: expected <doc> inside a <srcset>");
  check_refused(doc_begins + "</srcset>\n", ":3: expected </srcset> after <srcset> and the </doc>");
  check_refused(doc_begins + "</doc>\n</refset>\n", ":4: expected </refset> after <refset>");
  check_refused(doc_begins + both_end + "<srcset>\n", ":5: expected <srcset> once in a file");
  check_refused(doc_begins + "<title>\n",
                ":3: expected <srcset>, <refset>, <tstset>, <doc>, <p>, <hl>, <seg>");
  check_refused(doc_begins + "<!-- open\n", ":3: expected --> at the end of");
  check_refused(doc_begins + "<seg id=\"1\">x</seg>\n", ":3: expected </doc>, got the end of the file");
  check_refused(doc_begins + "</doc>\n", ":3: expected </srcset>, got the end of the file");
}

BOOST_AUTO_TEST_CASE(real_sets_have_all_their_segments,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  for (const char* name : {"src.de", "src.en", "ref.de", "ref.en"}) {
    const auto segments =
        segments_of(real_data::folder() / concatenate("wmt/newstest-sgm/newstest2014-deen-", name, ".sgm"));
    BOOST_CHECK_EQUAL(segments.size(), 3003u);
    BOOST_CHECK(segments[0].starts_with("10023-schwarzwaelder-bote.de/1: Gutach: "));
  }
}

BOOST_AUTO_TEST_SUITE_END()
