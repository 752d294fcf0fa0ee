#include "memsizer/data/sentence_reader.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(sentence_reader)

using namespace memsizer;
using namespace memsizer::data;

BOOST_AUTO_TEST_CASE(the_content_shows_the_form_whatever_the_name) {
  const TemporaryFolder folder;
  const std::string sgml =
      "\n<tstset setid=\"x\">\n<doc docid=\"d\">\n<seg id=\"3\">a</seg>\n</doc>\n</tstset>\n";
  for (const auto& file :
       {folder.write("a.sgm", sgml), folder.write("train.en", sgml), folder.write("b", gzip(sgml))}) {
    const auto reader = open_sentences(file);
    std::string sentence;
    BOOST_REQUIRE(reader->next(sentence));
    BOOST_CHECK_EQUAL(sentence, "a");
    BOOST_CHECK_EQUAL(reader->unit(), "segments");
    BOOST_CHECK_EQUAL(reader->label(), "segment 3 of document \"d\"");
    BOOST_CHECK_EQUAL(reader->place(), file.string() + ":4");
    BOOST_CHECK(!reader->next(sentence));
  }
  for (const auto& file : {folder.write("c.sgm", "a\n\nb"), folder.write("d", zstd("a\n\nb\n"))}) {
    const auto reader = open_sentences(file);
    std::vector<std::string> all;
    for (std::string sentence; reader->next(sentence);) all.push_back(sentence);
    BOOST_CHECK((all == std::vector<std::string>{"a", "", "b"}));
    BOOST_CHECK_EQUAL(reader->unit(), "lines");
    BOOST_CHECK_EQUAL(reader->label(), "");
    BOOST_CHECK_EQUAL(reader->path(), file);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_refused) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(open_sentences(folder.write("a.en", "PAR1....")), InputError, "got a Parquet file");
  CHECK_THROWS_SAYING(open_sentences(folder / "absent"), InputError, "absent");
}

BOOST_AUTO_TEST_SUITE_END()
