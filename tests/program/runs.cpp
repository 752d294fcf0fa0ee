// train, evaluate and generate, from text to text, with a model that trains in a moment.
#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(runs)

using namespace program_test;

BOOST_AUTO_TEST_CASE(a_model_is_trained_scored_and_asked) {
  for (const std::string architecture : {"transformer", "memsizer"}) {
    const DataPlace place;
    const auto trained = place.json(place.train_words(architecture, {"--steps", "20"}));
    BOOST_TEST(trained["latest"] == "step-20");
    for (const char* file : {"config.json", "tokenizer.json", "best", "latest", "metrics.jsonl",
                             "checkpoints/step-20/model.safetensors"})
      BOOST_TEST(std::filesystem::exists(place.folder() / "run" / file), file);

    const auto figures = place.json({"evaluate", "run", "--data", "data", "--split", "test"});
    BOOST_TEST(figures["split"] == "test");
    const Words of_step = {"evaluate", "run", "--data", "data", "--split", "test", "--checkpoint"};
    BOOST_TEST(place.json(of_step + Words{"step-20"}) == figures);
    BOOST_TEST(contains(place.expect(2, of_step + Words{"step-7"}).err, "step-7"));
    BOOST_TEST(figures["loss"].get<double>() < 7.0);
    for (const char* key : {"examples", "tokens", "perplexity", "words", "word_perplexity", "bits_per_byte"})
      BOOST_TEST(figures[key].is_number(), key);

    const auto greedy = place.json(generate_words({"--prompt", " The cat"}));
    BOOST_TEST(greedy["results"].size() == 1u);
    BOOST_TEST(greedy["results"][0]["prompt"] == " The cat");
    BOOST_TEST(greedy["tokens"] == 12);
    BOOST_TEST(place.json(generate_words({"--prompt", " The cat"}))["results"] == greedy["results"]);
    const std::string text = greedy["results"][0]["text"];
    BOOST_TEST(place.expect(0, generate_words({"--prompt", " The cat"})).out == " The cat" + text + '\n');
    BOOST_TEST(place.json(generate_words({"--prompt", " The cat", "--beam", "1"}))["results"][0]["text"] ==
               text);
  }
}

BOOST_AUTO_TEST_CASE(prompts_come_from_lines_and_do_not_see_each_other) {
  const DataPlace place;
  place.expect(0, place.train_words("memsizer", {"--steps", "20"}));
  const Words drawing = {"--temperature", "1.5", "--seed", "3"};
  const auto together = place.json(generate_words(drawing), " The cat\n The dog sees\n\n The\n");
  BOOST_TEST(together["results"].size() == 4u);
  const auto first = place.json(generate_words(drawing), " The cat\n");
  BOOST_TEST(first["results"][0] == together["results"][0]);
  const Ran lines = place.expect(0, generate_words(drawing), " The cat\n The dog sees\n");
  BOOST_TEST(std::ranges::count(lines.out, '\n') == 2);
  place.folder().write("prompts.txt", " The cat\n The dog sees\n");
  Words from_file = generate_words(drawing);
  from_file.insert(from_file.end(), {"--input", "prompts.txt"});
  BOOST_TEST(place.expect(0, from_file).out == lines.out);
  Words other_seed = generate_words({"--temperature", "1.5", "--seed", "4"});
  BOOST_TEST(place.expect(0, other_seed, " The cat\n The dog sees\n").out != lines.out);
  const auto beams =
      place.json(generate_words({"--beam", "3", "--length-penalty", "0.6"}), " The cat\n The\n");
  BOOST_TEST(beams["results"][1]["score"].get<double>() < 0);
}

BOOST_AUTO_TEST_CASE(generate_refuses_what_does_not_fit) {
  const DataPlace place;
  place.expect(0, place.train_words("memsizer", {"--steps", "2"}));
  const auto error = [&](const Words& more) { return place.expect(2, generate_words(more)).err; };
  BOOST_TEST(contains(error({"--prompt", "x", "--input", "y"}), "--prompt and --input"));
  BOOST_TEST(contains(error({"--prompt", "x", "--beam", "2", "--top-k", "3"}), "--beam"));
  BOOST_TEST(contains(error({"--prompt", "x", "--length-penalty", "1"}), "--beam"));
  for (const char* penalty : {"-300", "1e308", "-1e308", "10.5"})
    BOOST_TEST(contains(error({"--prompt", "x", "--beam", "2", "--length-penalty", penalty, "--json"}),
                        "--length-penalty: from -10 to 10 expected, got"),
               penalty);
  BOOST_TEST(contains(error({"--prompt", "x", "--top-p", "0"}), "--top-p: above 0"));
  BOOST_TEST(contains(error({"--prompt", "x", "--temperature", "-1"}), "--temperature: a number of"));
  BOOST_TEST(contains(error({"--prompt", "x", "--beam", "0"}), "--beam"));
  BOOST_TEST(contains(error({"--prompt", "x", "--seed", "-1"}), "--seed: 0 or more expected, got -1"));
  BOOST_TEST(contains(error({"--input", "absent"}), "absent"));
  BOOST_TEST(contains(place.expect(2, {"generate", "data", "--prompt", "x"}).err, "no run is here"));
  const std::string model = "run/checkpoints/step-2/model.safetensors",
                    bytes = contents(place.folder() / model);
  place.folder().write(model, bytes.substr(0, bytes.size() / 2));
  BOOST_TEST(contains(error({"--prompt", "x"}), "model.safetensors"));
  place.folder().write("run/config.json", "{\"layers\": ");
  BOOST_TEST(contains(error({"--prompt", "x"}), "config.json"));
}

BOOST_AUTO_TEST_CASE(a_text_that_the_positions_cut_short_is_told) {
  const DataPlace place;
  place.expect(0, place.train_words("transformer", {"--steps", "20", "--set", "positions=learned"}));
  const auto result = [](const Ran& ran) {
    return memsizer::files::parse_json(ran.out, "standard output")["results"][0];
  };
  const Words words = {"generate", "run", "--threads", "1", "--prompt", " The cat", "--json"};
  const Ran cut = place.expect(0, words + Words{"--max-tokens", "100"});
  BOOST_TEST(contains(cut.err, "the model's positions end at 32 tokens, which cut 1 of 1 texts short"),
             cut.err);
  BOOST_TEST(result(cut)["positions_ended"] == true);
  const Ran searched = place.expect(0, words + Words{"--max-tokens", "100", "--beam", "2"});
  BOOST_TEST(result(searched)["positions_ended"].is_boolean());
  const std::string most = result(cut)["tokens"].dump();
  BOOST_TEST(std::stoi(most) < 32);
  const Ran whole = place.expect(0, words + Words{"--max-tokens", most});
  BOOST_TEST(result(whole)["text"] == result(cut)["text"]);
  BOOST_TEST(result(whole)["positions_ended"] == false);
  BOOST_TEST(!contains(whole.err, "positions"), whole.err);
}

BOOST_AUTO_TEST_CASE(what_draws_without_a_temperature_draws_at_1) {
  const DataPlace place;
  place.expect(0, place.train_words("memsizer", {"--steps", "2"}));
  const Words drawing = {"--prompt", " The", "--top-k", "50"};
  const Ran unsaid = place.expect(0, generate_words(drawing));
  BOOST_TEST(place.expect(0, generate_words(drawing + Words{"--temperature", "1"})).out == unsaid.out);
  BOOST_TEST(place.expect(0, generate_words(drawing + Words{"--temperature", "0"})).out != unsaid.out);
  BOOST_TEST(contains(place.expect(0, {"generate", "--help"}).out, "with --top-k or --top-p 1"));
}

BOOST_AUTO_TEST_CASE(without_gnuplot_a_run_says_where_its_curves_are) {
  const DataPlace place;
  const Ran ran = place.expect(0, place.train_words("memsizer", {"--steps", "2"}), "", "PATH=/nowhere");
  BOOST_TEST(contains(ran.err, "gnuplot was not found"), ran.err);
  BOOST_TEST(contains(ran.err, "the data is in run/curves.dat"), ran.err);
  BOOST_TEST(std::filesystem::exists(place.folder() / "run/curves.dat"));
}

BOOST_AUTO_TEST_CASE(a_folder_in_use_and_one_that_is_not_empty_are_refused) {
  const DataPlace place;
  place.expect(0, place.train_words("transformer", {"--steps", "1"}));
  BOOST_TEST(contains(place.expect(2, place.train_words("transformer", {"--steps", "1"})).err, "--resume"));
  BOOST_TEST(contains(
      place.expect(2, {"train", "--data", "data", "--output", "new", "--resume", "--steps", "1"}).err,
      "new"));
  BOOST_TEST(contains(place.expect(2, {"train", "--data", "absent", "--output", "new", "--steps", "1"}).err,
                      "absent"));
  BOOST_TEST(!std::filesystem::exists(place.folder() / "new"));
}

BOOST_AUTO_TEST_SUITE_END()
