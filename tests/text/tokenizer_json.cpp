#include "memsizer/text/tokenizer_json.hpp"

#include <functional>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/tokenizer_trainer.hpp"

#include "files/temporary_folder.hpp"
#include "plain_error.hpp"
#include "recorded.hpp"

BOOST_AUTO_TEST_SUITE(tokenizer_json)

using namespace memsizer;
using namespace memsizer::text;
using files::Json;

namespace {

Tokenizer train(const char* normalizer) {
  TokenizerTrainer trainer(Normalizer::parse(normalizer));
  trainer.add_text("the cat sat on the mat, the hat of the cat");
  return trainer.train(265);
}

/// A valid file, changed by `change`.
std::string changed(const std::function<void(Json&)>& change) {
  static const std::string text = dump_tokenizer_json(train("none"));
  Json document = Json::parse(text);
  change(document);
  return document.dump();
}

Tokenizer parse(const std::function<void(Json&)>& change) {
  return parse_tokenizer_json(changed(change), "t.json");
}

void refused(const std::function<void(Json&)>& change, const std::string& part) {
  BOOST_CHECK_EXCEPTION(parse(change), InputError, [&](const InputError& error) {
    const std::string text = error.what();
    BOOST_TEST_MESSAGE(text);
    return text.starts_with("t.json:") && text.find(": " + part) != text.npos;
  });
}

void add_token(Json& document, Json token) {
  document["added_tokens"].push_back(std::move(token));
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  for (const char* normalizer :
       {"none", "nfc", "nfkc,lowercase", "strip-special", "lowercase,strip-special,nfc"}) {
    const Tokenizer written = train(normalizer);
    const Tokenizer read = parse_tokenizer_json(dump_tokenizer_json(written), "t.json");
    BOOST_TEST((read.model().parts().tokens == written.model().parts().tokens));
    BOOST_TEST((read.model().parts().merges == written.model().parts().merges));
    BOOST_TEST((read.model().parts().outside == written.model().parts().outside));
    BOOST_TEST((read.added() == written.added()));
    BOOST_TEST((read.normalizer() == written.normalizer()));
    BOOST_TEST(dump_tokenizer_json(read) == dump_tokenizer_json(written));
  }
}

BOOST_AUTO_TEST_CASE(all_parts_survive) {
  const Tokenizer tokenizer = parse([](Json& document) {
    add_token(document, {{"id", 265}, {"content", "<x y>"}, {"lstrip", true}, {"normalized", true}});
    add_token(document, {{"id", 266}, {"content", "\u4f60"}, {"rstrip", true}, {"special", true}});
    document["pre_tokenizer"]["add_prefix_space"] = true;
    document["model"]["ignore_merges"] = true;
  });
  const std::vector<AddedToken>& added = tokenizer.added();
  BOOST_TEST(
      (added[3] ==
       AddedToken{.id = 265, .text = "<x y>", .special = false, .normalized = true, .strip_left = true}));
  BOOST_TEST((added[4] == AddedToken{.id = 266, .text = "\u4f60", .strip_right = true}));
  BOOST_TEST(tokenizer.prefix_space());
  BOOST_TEST(tokenizer.model().parts().whole_words_first);
  const std::string text = dump_tokenizer_json(tokenizer);
  BOOST_TEST(dump_tokenizer_json(parse_tokenizer_json(text, "t.json")) == text);
}

BOOST_AUTO_TEST_CASE(merges_are_read_in_both_spellings) {
  const Tokenizer pairs = parse([](Json& document) {
    for (Json& merge : document["model"]["merges"]) {
      const auto text = merge.get<std::string>();
      merge = {text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1)};
    }
  });
  BOOST_TEST((pairs.model().parts().merges == train("none").model().parts().merges));
  BOOST_TEST(pairs.model().parts().merges.size() == 6u);
}

BOOST_AUTO_TEST_CASE(old_and_sparse_files_are_read) {
  BOOST_CHECK_NO_THROW(parse([](Json& document) {
    document["model"].erase("type");
    document.erase("decoder");
    document.erase("normalizer");
    document["added_tokens"] = nullptr;
    document["post_processor"] = {{"type", "RobertaProcessing"}};
    document["truncation"] = {{"max_length", 5}};
    document["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", {document["pre_tokenizer"]}}};
  }));
  const Tokenizer plain = parse([](Json& document) { document.erase("added_tokens"); });
  BOOST_TEST(plain.id_of("<s>").value() == 1);
  BOOST_TEST(!plain.is_special(1));
}

BOOST_AUTO_TEST_CASE(other_models_are_refused_by_name) {
  refused([](Json& d) { d["model"]["type"] = "WordPiece"; },
          "model.type: expected BPE, got the model WordPiece");
  refused([](Json& d) { d["model"]["type"] = "Unigram"; }, "model.type: expected BPE, got the model Unigram");
  refused([](Json& d) { d["model"]["type"] = 3; }, "model.type: expected a string, got 3");
  refused([](Json& d) { d["model"]["end_of_word_suffix"] = "</w>"; },
          "model.end_of_word_suffix: expected none");
  refused([](Json& d) { d["model"]["continuing_subword_prefix"] = "##"; },
          "model.continuing_subword_prefix: expec");
  refused([](Json& d) { d["model"]["dropout"] = 0.1; }, "model.dropout: expected no dropout");
  refused([](Json& d) { d.erase("model"); }, "expected a key \"model\", got none");
  refused([](Json& d) { d["model"].erase("merges"); }, "model: expected a key \"merges\"");
  refused([](Json& d) { d["model"].erase("vocab"); }, "model: expected a key \"vocab\"");
}

BOOST_AUTO_TEST_CASE(other_parts_are_refused_by_name) {
  refused([](Json& d) { d["pre_tokenizer"] = nullptr; }, "pre_tokenizer: expected ByteLevel, got none");
  refused([](Json& d) { d["pre_tokenizer"]["type"] = "Metaspace"; },
          "pre_tokenizer: expected ByteLevel, got Metaspace");
  refused([](Json& d) { d["pre_tokenizer"]["use_regex"] = false; },
          "pre_tokenizer: expected GPT-2's split rule");
  refused(
      [](Json& d) {
        d["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", Json::array()}};
      },
      "pre_tokenizer: expected ByteLevel, got Sequence");
  refused([](Json& d) { d["decoder"]["type"] = "WordPiece"; }, "decoder: expected ByteLevel, got WordPiece");
  refused(
      [](Json& d) {
        d["normalizer"] = {{"type", "NFD"}};
      },
      "normalizer: expected NFC, NFKC, Lowercase or Sequ");
  refused(
      [](Json& d) {
        d["normalizer"] = {{"type", "Sequence"}, {"normalizers", {{{"type", "BertNormalizer"}}}}};
      },
      "normalizer.normalizers[0]: expected NFC, NFKC, Lowercase or Sequence, got BertNormalizer");
  refused(
      [](Json& d) {
        d["normalizer"] = {{"type", "Replace"}, {"pattern", {{"Regex", "x"}}}, {"content", ""}};
      },
      "normalizer: expected the pattern");
  refused(
      [](Json& d) {
        add_token(d, {{"id", 265}, {"content", "<x>"}, {"single_word", true}});
      },
      "added_tokens[3].single_word: expected false");
}

BOOST_AUTO_TEST_CASE(wrong_types_are_refused) {
  refused([](Json& d) { d["model"] = 7; }, "model: expected an object, got 7");
  refused([](Json& d) { d["model"]["vocab"] = Json::array(); }, "model.vocab: expected an object");
  refused([](Json& d) { d["model"]["merges"] = "a b"; }, "model.merges: expected an array");
  refused([](Json& d) { d["model"]["merges"][2] = 5; }, "model.merges[2]: expected a string, got 5");
  refused(
      [](Json& d) {
        d["model"]["merges"][2] = {"a", 5};
      },
      "model.merges[2][1]: expected a string, got 5");
  refused([](Json& d) { d["model"]["merges"][2] = {"a"}; }, "model.merges[2]: expected two tokens, got 1");
  refused([](Json& d) { d["model"]["merges"][2] = "ab"; },
          "model.merges[2]: expected two tokens with a space");
  refused([](Json& d) { d["model"]["merges"][2] = "a b c"; },
          "model.merges[2]: expected two tokens with a space");
  refused([](Json& d) { d["model"]["ignore_merges"] = 1; }, "model.ignore_merges: expected true or false");
  refused([](Json& d) { d["added_tokens"][1].erase("content"); },
          "added_tokens[1]: expected a key \"content\"");
  refused([](Json& d) { d["added_tokens"][1]["special"] = "yes"; },
          "added_tokens[1].special: expected true or");
  refused([](Json& d) { d["normalizer"] = "NFC"; }, "normalizer: expected an object");
}

BOOST_AUTO_TEST_CASE(bad_ids_are_refused) {
  refused([](Json& d) { d["model"]["vocab"]["a"] = 265; },
          "the token \"a\" has the id 265, expected 0 to 264");
  refused([](Json& d) { d["model"]["vocab"]["a"] = -1; }, "the token \"a\" has the id -1, expected 0 to 264");
  refused([](Json& d) { d["model"]["vocab"]["a"] = 70; }, "the tokens \"a\" and \"d\" both have the id 70");
  refused([](Json& d) { d["model"]["vocab"]["a"] = 1e300; },
          "model.vocab.a: expected an integer, got 1e+300");
  refused([](Json& d) { d["model"]["vocab"]["a"] = 2.5; }, "model.vocab.a: expected an integer, got 2.5");
  refused([](Json& d) { d["model"]["vocab"]["a"] = "x"; },
          "model.vocab.a: expected an integer, got the string");
  refused([](Json& d) { d["model"]["vocab"]["a"] = ~std::uint64_t{0}; },
          "model.vocab.a: expected an integer from -2147483648 to 2147483647, got 18446744073709551615");
  refused([](Json& d) { d["added_tokens"][1]["id"] = 2; },
          "model.vocab: the added token \"<s>\" has the id 2, but 1 here");
  refused(
      [](Json& d) {
        add_token(d, {{"id", 300}, {"content", "<x>"}});
      },
      "the token \"<x>\" has the id 300, expected 0 to 265");
  refused(
      [](Json& d) {
        add_token(d, {{"id", 5}, {"content", "<x>"}});
      },
      "the tokens \"#\" and \"<x>\" both have the id 5");
  refused([](Json& d) { add_token(d, d["added_tokens"][0]); }, "two added tokens have the id 0");
}

BOOST_AUTO_TEST_CASE(an_empty_token_keeps_its_id) {
  const auto check = [](const std::function<void(Json&)>& change) {
    const Tokenizer tokenizer = parse(change),
                    again = parse_tokenizer_json(dump_tokenizer_json(tokenizer), "again");
    for (const Tokenizer* one : {&tokenizer, &again}) {
      BOOST_TEST(one->vocab_size() == 266);
      BOOST_TEST(one->token(265) == "");
      BOOST_TEST(one->encode("some text") == parse([](Json&) {}).encode("some text"));
      BOOST_TEST(one->decode(std::vector<TokenId>{265, *one->id_of("z"), 265}) == "z");
    }
  };
  check([](Json& d) { d["model"]["vocab"][""] = 265; });
  check([](Json& d) { add_token(d, {{"id", 265}, {"content", ""}}); });
  check([](Json& d) {
    d["model"]["vocab"][""] = 265;
    add_token(d, {{"id", 265}, {"content", ""}, {"special", true}});
  });
}

BOOST_AUTO_TEST_CASE(bad_vocabularies_are_refused) {
  refused([](Json& d) { d["model"]["merges"].push_back("a zz"); },
          "model.merges[6]: the merge of \"a\" and \"zz\" names \"zz\", expected a token of the vocabulary");
  refused([](Json& d) { d["model"]["merges"].push_back("q x"); },
          "model.merges[6]: the merge of \"q\" and \"x\" names \"qx\"");
  refused([](Json& d) { d["model"]["merges"].push_back(" a"); },
          "model.merges[6]: the merge of \"\" and \"a\" names \"\"");
  refused([](Json& d) { d["model"]["vocab"]["a b"] = 265; },
          "token 265, \"a b\", is not spelled in the byte alphabet");
  refused([](Json& d) { d["model"]["vocab"].erase("z"); },
          "the token \"\u0120o\" has the id 264, expected 0 to 263");
  refused(
      [](Json& d) {
        d["model"]["vocab"]["qq"] = d["model"]["vocab"]["\u0100"];
        d["model"]["vocab"].erase("\u0100");
      },
      "the vocabulary has no token for byte 0");
}

BOOST_AUTO_TEST_CASE(errors_show_little_of_a_file) {
  const auto refused_plainly = [](const std::function<void(Json&)>& change) {
    BOOST_CHECK_EXCEPTION(parse(change), InputError, is_plain);
  };
  refused_plainly([](Json& d) { d["model"]["type"] = noise; });
  refused_plainly([](Json& d) { d["model"]["end_of_word_suffix"] = noise; });
  refused_plainly([](Json& d) { d["pre_tokenizer"]["type"] = noise; });
  refused_plainly([](Json& d) { d["decoder"]["type"] = noise; });
  refused_plainly([](Json& d) { d["normalizer"]["type"] = noise; });
  refused_plainly([](Json& d) { d["model"]["merges"][2] = noise; });
  refused_plainly([](Json& d) { d["model"]["merges"][2] = noise + ' ' + noise; });
  refused_plainly([](Json& d) { d["model"]["vocab"][noise] = 265; });
  refused_plainly([](Json& d) { d["model"]["vocab"][noise] = 300; });
  refused_plainly([](Json& d) { d["model"]["vocab"][noise] = 5; });
  refused_plainly([](Json& d) { d["added_tokens"][1]["content"] = noise; });
  refused_plainly([](Json& d) {
    d["model"]["vocab"][noise] = 265;
    add_token(d, {{"id", 266}, {"content", noise}});
  });
}

BOOST_AUTO_TEST_CASE(bad_text_is_refused) {
  const std::string text = changed([](Json&) {});
  CHECK_THROWS_SAYING(parse_tokenizer_json("", "t.json"), InputError, "t.json:1:1:");
  CHECK_THROWS_SAYING(parse_tokenizer_json("[]", "t.json"), InputError, "t.json:1: expected an object");
  CHECK_THROWS_SAYING(parse_tokenizer_json(text.substr(0, text.size() / 2), "t.json"), InputError,
                      "t.json:1:");
  CHECK_THROWS_SAYING(parse_tokenizer_json(text + text, "t.json"), InputError, "t.json:1:");
  CHECK_THROWS_SAYING(parse_tokenizer_json("{\"model\": {\"vocab\": {\"a\": 1, \"a\": 2}}}", "t.json"),
                      InputError, "duplicate key");
  CHECK_THROWS_SAYING(parse_tokenizer_json("{\"model\": \"\xFF\"}", "t.json"), InputError, "t.json:1:");
  CHECK_THROWS_SAYING(parse_tokenizer_json(std::string(100, '['), "t.json"), InputError,
                      "at most 64 levels of nesting");
  CHECK_THROWS_SAYING(read_tokenizer_json("/no/such/tokenizer.json"), InputError, "/no/such/tokenizer.json");
}

// A file with any damage is read, or refused with an InputError.
BOOST_AUTO_TEST_CASE(damaged_files_are_read_or_refused) {
  const std::string valid = changed([](Json& document) {
    document["normalizer"] = {{"type", "Sequence"},
                              {"normalizers", {{{"type", "NFC"}}, {{"type", "Lowercase"}}}}};
    add_token(document, {{"id", 265}, {"content", "<x y>"}, {"normalized", true}});
  });
  std::mt19937 random(13);
  const std::string parts[] = {"null", "-1",   "1e99", "\"\"",  "[]",   "{}",
                               "265",  "true", ",",    "\"a\"", "\xFF", "\\u0000"};
  int read = 0, refused_files = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string text = valid;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      const size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 20);
          break;
        case 2:
          text.insert(at, parts[random() % std::size(parts)]);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 30));
      }
      if (text.empty()) text = "{";
    }
    try {
      const Tokenizer tokenizer = parse_tokenizer_json(text, "t.json");
      const std::string sample = "The cat\xFF <x y> sat.";
      if (tokenizer.normalizer().is_identity() && !tokenizer.prefix_space())
        BOOST_TEST(tokenizer.decode(tokenizer.encode(sample)) == sample);
      ++read;
    } catch (const InputError&) {
      ++refused_files;
    }
  }
  BOOST_TEST(read > 10);
  BOOST_TEST(refused_files > 1000);
}

BOOST_AUTO_TEST_CASE(a_file_is_replaced_in_one_step) {
  const TemporaryFolder folder;
  const auto path = folder.write("tokenizer.json", "old");
  write_tokenizer_json(train("nfc"), path);
  BOOST_TEST(contents(path) == dump_tokenizer_json(train("nfc")));
  BOOST_TEST((read_tokenizer_json(path).normalizer() == Normalizer::parse("nfc")));
  BOOST_CHECK_THROW(write_tokenizer_json(train("nfc"), folder / "none" / "tokenizer.json"), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
