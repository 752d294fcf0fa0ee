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

BOOST_AUTO_TEST_CASE(rouge_has_four_figures_with_stems_and_without) {
  const ScorePlace place;
  place.folder().write("summary.txt", "It rains here.\\nShe walks home.\n");
  place.folder().write("written.txt", "She walked home.\\nIt rained here.\n");
  const Words words = {"score", "rouge", "--hypotheses", "summary.txt", "--references", "written.txt"};
  const auto plain = place.json(words);
  BOOST_TEST(plain.size() == 4u);
  BOOST_CHECK_CLOSE_FRACTION(plain["rouge1"].get<double>(), 100 * 4. / 6, 1e-12);
  BOOST_TEST(plain["rouge2"] == 0.0);
  BOOST_CHECK_CLOSE_FRACTION(plain["rougeL"].get<double>(), 100 * 2. / 6, 1e-12);
  BOOST_CHECK_CLOSE_FRACTION(plain["rougeLsum"].get<double>(), 100 * 4. / 6, 1e-12);
  Words stemmed = words;
  stemmed.push_back("--stem");
  BOOST_CHECK_CLOSE_FRACTION(place.json(stemmed)["rougeLsum"].get<double>(), 100, 1e-12);
  BOOST_TEST(place.expect(0, words).out == "rouge1: 66.67\nrouge2: 0.00\nrougeL: 33.33\nrougeLsum: 66.67\n");
}

BOOST_AUTO_TEST_CASE(what_rouge_and_squad_cannot_score_is_named) {
  const ScorePlace place;
  place.folder().write("short.txt", "one\ntwo\n");
  BOOST_TEST(contains(
      place.refused({"score", "squad", "--hypotheses", "short.txt", "--references", "short.txt", "--stem"}),
      "--stem"));
  BOOST_TEST(contains(place.refused({"score", "rouge", "--hypotheses", "short.txt", "--references",
                                     "short.txt", "--lowercase"}),
                      "--lowercase"));
  std::string long_line;
  for (int i = 0; i < 20'000; ++i) long_line += "a ";
  place.folder().write("long.txt", "a\n" + long_line + '\n');
  BOOST_TEST(
      contains(place.refused({"score", "rouge", "--hypotheses", "long.txt", "--references", "long.txt"}),
               "line 2: expected two texts whose numbers of words have a product of at most 268435456, "
               "got 20000 and 20000 words"));
}

BOOST_AUTO_TEST_CASE(answers_are_scored_against_several_references) {
  const ScorePlace place;
  place.folder().write("answers.txt", "the old bridge\n1871\n\n");
  place.folder().write("short.txt", "Old bridge!\nin 1871\nnobody\n");
  place.folder().write("long.txt", "the bridge\nthe year 1871\nnot one\n");
  const auto scored =
      place.json({"score", "squad", "--hypotheses", "answers.txt", "--references", "short.txt", "long.txt"});
  BOOST_TEST(scored.size() == 2u);
  BOOST_CHECK_CLOSE_FRACTION(scored["exact_match"].get<double>(), 100. / 3, 1e-12);
  BOOST_CHECK_CLOSE_FRACTION(scored["f1"].get<double>(), 100 * (1 + 2. / 3) / 3, 1e-12);
}

BOOST_AUTO_TEST_CASE(paired_bootstrap_compares_every_figure_of_a_metric) {
  const ScorePlace place;
  const Words words = {"score",      "rouge",        "--hypotheses",  "first.txt",
                       "second.txt", "--references", "reference.txt", "--paired-bs"};
  const auto systems = place.json(words)["systems"];
  BOOST_TEST(!systems[0].contains("rouge1_signature"));
  for (const char* name : {"rouge1", "rouge2", "rougeL", "rougeLsum"}) {
    const auto& figures = systems[1]["paired_bs"][name];
    BOOST_TEST(figures["p_value"].get<double>() < 0.01, name);
    BOOST_TEST(std::abs(figures["mean"].get<double>() - systems[1][name].get<double>()) < 1, name);
  }
  const auto answers = place.json({"score", "squad", "--hypotheses", "first.txt", "second.txt",
                                   "--references", "reference.txt", "--paired-bs"})["systems"];
  BOOST_TEST(answers[1]["paired_bs"]["f1"]["p_value"].get<double>() < 0.01);
  // A table for each figure: a table of all of them would be too wide for a terminal.
  const std::string tables = place.expect(0, words).out;
  BOOST_TEST(contains(tables, "system      rouge1"));
  BOOST_TEST(contains(tables, "\n\nsystem      rougeLsum"));
  BOOST_TEST(tables.find('\n') < 80u);
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
