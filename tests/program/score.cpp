// memsizer score: the figures themselves are compared in tests/metrics/sacrebleu.cpp.
#include "files/compress.hpp"
#include "program/program.hpp"

BOOST_AUTO_TEST_SUITE(score)

using namespace program_test;

namespace {

using Words = std::vector<std::string>;

/// A workplace with a reference and two systems, of which the second is nearly perfect.
struct ScorePlace : Workplace {
  ScorePlace() {
    std::string reference, first, second;
    for (int i = 0; i < 30; ++i) {
      const std::string number = std::to_string(i);
      reference += "The ship number " + number + " comes into the old harbour.\n";
      first += "The boat number " + number + " is in the old harbour.\n";
      second += "The ship number " + number + " comes into the harbour.\n";
    }
    folder().write("reference.txt", reference);
    folder().write("first.txt", first);
    folder().write("second.txt", second);
  }

  std::string refused(const Words& arguments, const std::string& input = "") const {
    return expect(2, arguments, input).err;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(bleu_has_a_signature_and_what_explains_it) {
  const ScorePlace place;
  const auto same =
      place.json({"score", "bleu", "--hypotheses", "reference.txt", "--references", "reference.txt"});
  BOOST_CHECK_CLOSE_FRACTION(same["bleu"].get<double>(), 100, 1e-12);
  const auto first = place.json({"score", "bleu", "--hypotheses", "first.txt", "--references",
                                 "reference.txt", "second.txt", "--tokenize", "intl", "--lowercase"});
  BOOST_TEST(first["bleu_signature"] == "nrefs:2|case:lc|eff:no|tok:intl|smooth:exp|version:2.6.0");
  BOOST_TEST((first["bleu"].get<double>() > 0 && first["bleu"].get<double>() < 70));
  BOOST_TEST(first["hypothesis_words"] == 30 * 10);
  BOOST_TEST(first["bleu_brevity_penalty"].get<double>() == 1.0);
  BOOST_TEST(!first.contains("chrf"));
}

BOOST_AUTO_TEST_CASE(chrf_has_a_signature_too) {
  const ScorePlace place;
  const auto scored =
      place.json({"score", "chrf", "--hypotheses", "second.txt", "--references", "reference.txt"});
  BOOST_TEST((scored["chrf"].get<double>() > 80 && scored["chrf"].get<double>() < 100));
  BOOST_TEST(scored["chrf_signature"] == "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0");
}

BOOST_AUTO_TEST_CASE(the_text_is_rounded) {
  const ScorePlace place;
  const Words words = {"score", "bleu", "--hypotheses", "reference.txt", "--references", "reference.txt"};
  const Ran ran = place.expect(0, words);
  BOOST_TEST(contains(ran.out, "bleu: 100.00\nbleu_signature: nrefs:1|"));
  BOOST_TEST(contains(ran.out, "reference_words: 300\n"));
}

BOOST_AUTO_TEST_CASE(systems_are_compared_by_paired_bootstrap) {
  const ScorePlace place;
  const Words words = {"score",     "bleu",         "--hypotheses",  "first.txt",   "second.txt",
                       "first.txt", "--references", "reference.txt", "--paired-bs", "--seed",
                       "7"};
  const auto systems = place.json(words)["systems"];
  BOOST_TEST_REQUIRE(systems.size() == 3u);
  BOOST_TEST(systems[1]["hypotheses"] == "second.txt");
  BOOST_TEST(systems[1]["bleu"].get<double>() > systems[0]["bleu"].get<double>());
  BOOST_TEST(systems[0]["bleu_signature"] ==
             "nrefs:1|bs:1000|seed:7|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0");
  const auto& baseline = systems[0]["paired_bs"]["bleu"];
  BOOST_TEST(baseline["p_value"].is_null());
  BOOST_TEST(baseline["interval"][0].get<double>() <= baseline["mean"].get<double>());
  BOOST_TEST(baseline["interval"][1].get<double>() >= baseline["mean"].get<double>());
  BOOST_TEST(systems[1]["paired_bs"]["bleu"]["p_value"].get<double>() < 0.01);
  const Ran ran = place.expect(0, words);
  BOOST_TEST(contains(ran.out, "baseline"));
  BOOST_TEST(contains(ran.err, "first.txt has the same lines as the baseline first.txt"));
  BOOST_TEST(!contains(ran.err, "second.txt"));
}

BOOST_AUTO_TEST_CASE(lines_come_from_streams_and_packed_files) {
  const ScorePlace place;
  const std::string reference = contents(place.folder() / "reference.txt");
  place.folder().write("reference.txt.gz", gzip(reference));
  place.folder().write("reference.txt.zst", zstd(reference));
  const auto scored = place.json(
      {"score", "bleu", "--hypotheses", "-", "--references", "reference.txt.gz", "reference.txt.zst"},
      reference);
  BOOST_CHECK_CLOSE_FRACTION(scored["bleu"].get<double>(), 100, 1e-12);
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  const ScorePlace place;
  place.folder().write("short.txt", "one\ntwo\n");
  place.folder().write("bad.txt", "one\n\xff\n");
  const auto bleu = [&](const Words& more) {
    Words words = {"score", "bleu", "--references", "short.txt", "--hypotheses"};
    words.insert(words.end(), more.begin(), more.end());
    return place.refused(words);
  };
  BOOST_TEST(contains(bleu({"first.txt"}), "2 lines in short.txt and 30 in first.txt"));
  BOOST_TEST(contains(bleu({"bad.txt"}), "bad.txt:2: expected UTF-8"));
  BOOST_TEST(contains(bleu({"absent.txt"}), "absent.txt"));
  BOOST_TEST(contains(bleu({"short.txt", "--tokenize", "14"}), "13a, none, char, intl"));
  BOOST_TEST(contains(bleu({"short.txt", "--paired-bs"}), "--paired-bs: two files"));
  BOOST_TEST(contains(bleu({"short.txt", "short.txt"}), "--hypotheses: one file"));
  BOOST_TEST(contains(bleu({"-", "-", "--paired-bs"}), "only once"));
  BOOST_TEST(contains(bleu({"short.txt", "short.txt", "--paired-bs", "--seed", "-1"}), "seed"));
  BOOST_TEST(contains(place.refused({"score", "blue"}), "did you mean 'bleu'"));
  BOOST_TEST(contains(place.refused({"score", "chrf", "--hypotheses", "short.txt"}), "--references"));
  BOOST_TEST(contains(place.refused({"score", "chrf", "--hypotheses", "short.txt", "--references",
                                     "short.txt", "--tokenize", "13a"}),
                      "--tokenize"));
}

BOOST_AUTO_TEST_SUITE_END()
