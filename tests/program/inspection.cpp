// The commands that look at something: summary, gradcheck and plot.
#include "program/data_place.hpp"
#include "source_folder.hpp"

BOOST_AUTO_TEST_SUITE(inspection)

using namespace program_test;

namespace {

constexpr const char* metrics =
    R"({"step": 1, "tokens": 100, "seconds": 2, "loss": 9, "tokens_per_second": null}
{"step": 11, "tokens": 1100, "seconds": 7, "loss": 8, "tokens_per_second": 200}
{"step": 11, "validation_loss": 8.5}
)";

boost::test_tools::assertion_result has_gnuplot(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result found(std::system("gnuplot --version >/dev/null 2>&1") == 0);
  found.message() << "gnuplot was not found";
  return found;
}

/// A workplace with the files of two runs that plot reads.
struct RunsPlace : Workplace {
  RunsPlace() {
    for (const std::string run : {"runs/a", "runs/b"}) {
      folder().write(run + "/config.json", "{}");
      folder().write(run + "/metrics.jsonl", metrics);
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(summary_counts_parameters_and_costs) {
  const Workplace place;
  for (const std::string architecture : {"transformer", "memsizer"}) {
    const auto json =
        place.json({"summary", "--architecture", architecture, "--preset", "tiny", "--set", "layers=3"});
    BOOST_TEST(json["architecture"] == architecture);
    BOOST_TEST(json["dtype"] == "float");
    BOOST_TEST(json["attention"].size() == 3u);
    BOOST_TEST(json["attention"][0] == architecture);
    memsizer::Index sum = 0;
    for (const auto& tensor : json["tensors"]) sum += tensor["parameters"].get<memsizer::Index>();
    BOOST_TEST(json["parameters"] == sum);
    BOOST_TEST(json["bytes"] == 4 * sum);
    const auto& costs = json["costs"];
    BOOST_TEST(costs.front()["length"] == 16);
    BOOST_TEST(costs.back()["length"] == 16384);
    const bool constant = costs.front()["state_bytes"] == costs.back()["state_bytes"];
    BOOST_TEST(constant == (architecture == "memsizer"));
    const Ran text = place.expect(0, {"summary", "--architecture", architecture, "--preset", "tiny"});
    BOOST_TEST(contains(text.out, architecture + ", preset tiny, in float: 2 layers"));
    BOOST_TEST(contains(text.out, "blocks 0 to 1, each"));
    BOOST_TEST(contains(text.out, "matrix products by eigen"));
    BOOST_TEST(contains(text.out, "16,384"));
  }
}

BOOST_AUTO_TEST_CASE(a_state_in_bfloat16_has_half_the_bytes) {
  const Workplace place;
  for (const std::string task : {"language-modeling", "translation"}) {
    const auto growth = [&](const char* dtype) {  // without the counters, which every state has
      const auto costs = place.json({"summary", "--task", task, "--architecture", "transformer", "--preset",
                                     "micro", "--set", std::string("dtype=") + dtype})["costs"];
      return costs.back()["state_bytes"].get<memsizer::Index>() -
             costs.front()["state_bytes"].get<memsizer::Index>();
    };
    BOOST_TEST(2 * growth("bfloat16") == growth("float"), task);
  }
}

BOOST_AUTO_TEST_CASE(a_runs_configuration_that_is_no_model_is_named) {
  const DataPlace place;
  place.expect(0, place.train_words("transformer", {"--steps", "1"}));
  auto config = memsizer::files::parse_json(contents(place.folder() / "run/config.json"), "config.json");
  config["dim"] = 33;
  place.folder().write("run/config.json", config.dump());
  const std::string error = place.expect(2, {"summary", "run"}).err;
  BOOST_TEST(error.starts_with("memsizer: run/config.json: "), error);
  BOOST_TEST(contains(error, "33"), error);
}

// tests/tasks/old_runs.cpp goes on with the runs that an older program wrote, and evaluates them.
BOOST_AUTO_TEST_CASE(an_old_run_is_summed_up) {
  const Workplace place;
  for (const std::string architecture : {"transformer", "memsizer"}) {
    const auto run = memsizer::test::source_folder() / "tests/tasks/old_run" / architecture;
    const auto json = place.json({"summary", run.string()});
    BOOST_TEST(json["architecture"] == architecture);
    BOOST_TEST(json["dtype"] == "float");
    BOOST_TEST(json["parameters"].get<memsizer::Index>() > 0);
  }
}

BOOST_AUTO_TEST_CASE(an_old_run_is_drawn, *boost::unit_test::precondition(has_gnuplot)) {
  const Workplace place;
  const auto runs = memsizer::test::source_folder() / "tests/tasks/old_run";
  const auto json = place.json(
      {"plot", (runs / "transformer").string(), (runs / "memsizer").string(), "--output", "old.svg"});
  BOOST_TEST(json["picture"] == true);
  BOOST_TEST(contains(contents(place.folder() / "old.svg"), "</svg>"));
}

BOOST_AUTO_TEST_CASE(summary_lists_the_configuration_keys) {
  const Workplace place;
  const auto keys = place.json({"summary", "--keys", "--preset", "tiny", "--set", "slots=5"})["keys"];
  BOOST_TEST(keys.size() > 50u);
  const auto key = [&](const std::string& name) {
    return *std::ranges::find_if(keys, [&](const auto& row) { return row["key"] == name; });
  };
  BOOST_TEST(key("slots")["value"] == "5");
  BOOST_TEST(key("dim")["value"] == "128");
  BOOST_TEST(key("activation")["may_be"] == "relu, gelu, gelu-tanh");
  for (const auto& row : keys) BOOST_TEST(row["meaning"] != "", row["key"]);
  const Ran text = place.expect(0, {"summary", "--keys"});
  BOOST_TEST(contains(text.out, "steps in which the learning rate rises"), text.out);
}

BOOST_AUTO_TEST_CASE(summary_refuses_what_makes_no_model) {
  const Workplace place;
  BOOST_TEST(contains(place.expect(2, {"summary", "--matmul", "abacus"}).err, "eigen or openblas"));
  BOOST_TEST(contains(place.expect(2, {"summary", "--set", "layrs=3"}).err, "'layers'"));
  BOOST_TEST(contains(place.expect(2, {"summary", "--architecture", "memsiser"}).err, "memsizer"));
  BOOST_TEST(contains(place.expect(2, {"summary", "absent"}).err, "absent"));
  BOOST_TEST(contains(place.expect(2, {"summary", "absent", "--preset", "tiny"}).err, "--preset"));
}

BOOST_AUTO_TEST_CASE(gradcheck_lists_and_checks) {
  const Workplace place;
  const auto list = place.json({"gradcheck", "--list"})["operations"];
  BOOST_TEST(list.size() > 40u);
  for (const char* name : {"softmax", "attention kind memsizer", "attention kind transformer"})
    BOOST_TEST(std::ranges::count(list, name) == 1, name);
  const auto checks = place.json({"gradcheck", "--operation", "softmax"});
  BOOST_TEST(checks["failed"] == 0);
  BOOST_TEST(checks["passed"].get<int>() >= 2);  // cpu and emulated
  for (const auto& check : checks["checks"]) BOOST_TEST(check["error"].get<double>() < 1e-7);
  const Ran kind =
      place.expect(0, {"gradcheck", "--operation", "attention kind memsizer", "--device", "cpu"});
  BOOST_TEST(contains(kind.out, "1 passed, 0 failed"), kind.out);
  BOOST_TEST(contains(place.expect(0, {"gradcheck", "--operation", "matmul tn", "--device", "emulated"}).out,
                      "1 passed, 0 failed, 0 without a kernel yet"));
}

BOOST_AUTO_TEST_CASE(gradcheck_compares_narrow_types_with_double) {
  const Workplace place;
  for (const char* dtype : {"float", "bfloat16"}) {
    const auto checks =
        place.json({"gradcheck", "--operation", "matmul", "--dtype", dtype, "--device", "cpu,emulated"});
    BOOST_TEST(checks["failed"] == 0);
    const auto of_cpu =
        std::ranges::count_if(checks["checks"], [](const auto& row) { return row["device"] == "cpu"; });
    const auto all = static_cast<std::ptrdiff_t>(checks["checks"].size());
    BOOST_TEST(of_cpu == (std::string(dtype) == "float" ? all / 2 : 0));  // the cpu has no bfloat16
    BOOST_TEST(checks["passed"] == all);
    BOOST_TEST(all >= 4);
    BOOST_TEST(checks["not_yet"] == 0);
  }
  BOOST_TEST(contains(place.expect(2, {"gradcheck", "--dtype", "bfloat16", "--device", "cpu"}).err,
                      "--device emulated or cuda expected"));
}

BOOST_AUTO_TEST_CASE(gradcheck_runs_any_rung_of_the_kernels) {
  const Workplace place;
  for (const auto& [operation, dtype] : {std::pair("softmax", "float"),
                                         {"layer_norm", "bfloat16"},
                                         {"matmul", "bfloat16"},
                                         {"attention", "float"},
                                         {"sum", "bfloat16"},
                                         {"add", "float"},
                                         {"concatenate", "bfloat16"}})
    for (const char* version : {"1", "2", "3"}) {
      const auto checks = place.json({"gradcheck", "--operation", operation, "--dtype", dtype, "--device",
                                      "emulated", "--kernel-version", version});
      BOOST_TEST(checks["failed"] == 0, operation << " in " << dtype << ", version " << version);
      BOOST_TEST(checks["passed"].get<int>() >= 1);
      for (const auto& row : checks["checks"]) BOOST_TEST(row["kernel_version"] == std::stoi(version));
    }
}

BOOST_AUTO_TEST_CASE(gradcheck_runs_no_rung_on_the_cpu) {
  const Workplace place;
  const Words second = {"gradcheck", "--operation", "negate", "--kernel-version", "2"};
  for (const auto& row : place.json(second)["checks"]) BOOST_TEST(row["device"] != "cpu");
  BOOST_TEST(contains(place.expect(2, second + Words{"--device", "cpu"}).err,
                      "--kernel-version: --device emulated or cuda expected; the cpu has no rungs"));
  const auto rows = place.json({"gradcheck", "--operation", "negate", "--device", "cpu,emulated"})["checks"];
  BOOST_TEST(rows[0]["kernel_version"].is_null());
  BOOST_TEST(rows[1]["kernel_version"] == 3);
}

BOOST_AUTO_TEST_CASE(gradcheck_takes_any_largest_size) {
  const Workplace place;
  const Words negate = {"gradcheck", "--operation", "negate", "--device", "cpu,emulated"};
  const auto largest = [&](const Words& more) {
    const auto rows = place.json(negate + more)["checks"];
    return std::pair(rows[0]["largest_size"].get<int>(), rows[1]["largest_size"].get<int>());
  };
  BOOST_TEST((largest({}) == std::pair(1023, 33)));
  for (const int size : {0, 31, 1023})
    BOOST_TEST((largest({"--largest-size", std::to_string(size)}) == std::pair(size, size)), size);
  // A check of bfloat16 needs some numbers.
  const Words too_small = negate + Words{"--dtype", "bfloat16", "--largest-size", "30"};
  const auto checks = place.json(too_small);
  BOOST_TEST(checks["left_out"] == 1);
  BOOST_TEST(checks["not_yet"] == 0);
  BOOST_TEST(checks["checks"][0]["status"] == "left out");
  BOOST_TEST(contains(place.expect(0, too_small).out, "1 left out, which have no size up to the largest"));
}

BOOST_AUTO_TEST_CASE(products_are_timed) {
  const Workplace place;
  const auto rows = place.json({"products", "--device", "emulated"})["products"];
  BOOST_TEST(rows.size() == 13u);  // four transposes in three types, and the gradient of a weight
  for (const auto& row : rows) {
    BOOST_TEST(row["seconds"].get<double>() > 0);
    BOOST_TEST(row["size"] == "small");
  }
  BOOST_TEST(contains(place.expect(2, {"products", "--largest", "huge"}).err, "small, medium or large"));
  BOOST_TEST(contains(place.expect(2, {"products", "--matmul", "cublaslt"}).err, "eigen or openblas"));
}

BOOST_AUTO_TEST_CASE(kernels_are_timed) {
  const Workplace place;
  for (const char* dtype : {"float", "double", "bfloat16"})
    for (const auto& [family, count] : {std::pair("memory", 20), {"attention", 2}, {"scan", 2}}) {
      const auto rows =
          place.json({"kernels", "--device", "emulated", "--dtype", dtype, "--family", family})["kernels"];
      BOOST_TEST(rows.size() == static_cast<std::size_t>(count), family);
      for (const auto& row : rows) {
        BOOST_TEST(row["seconds"].get<double>() > 0);
        const bool multiplies = std::string_view(family) == "attention";
        BOOST_TEST(row["teraflops"].is_null() != multiplies);
        BOOST_TEST(row["gigabytes_per_second"].is_null() == multiplies);
      }
    }
  BOOST_TEST(contains(place.expect(2, {"kernels", "--family", "all"}).err, "memory, attention or scan"));
  BOOST_TEST(contains(place.expect(2, {"kernels", "--dtype", "bfloat16"}).err, "--device emulated or cuda"));
  BOOST_TEST(contains(place.expect(2, {"kernels", "--dtype", "half"}).err, "double, float or bfloat16"));
}

BOOST_AUTO_TEST_CASE(gradcheck_refuses_unknown_names) {
  const Workplace place;
  BOOST_TEST(
      contains(place.expect(2, {"gradcheck", "--kernel-version", "4"}).err, "from 1 to 3 expected, got 4"));
  BOOST_TEST(contains(place.expect(2, {"gradcheck", "--dtype", "half"}).err, "double, float or bfloat16"));
  BOOST_TEST(contains(place.expect(2, {"gradcheck", "--operation", "sofmax"}).err, "'softmax'"));
  BOOST_TEST(contains(place.expect(2, {"gradcheck", "--operation", "nonsense"}).err,
                      "no operation is named 'nonsense'; --list shows all"));
  BOOST_TEST(contains(place.expect(2, {"gradcheck", "--device", "gpu"}).err,
                      "--device: cpu, emulated or cuda expected, got 'gpu'"));
}

BOOST_AUTO_TEST_CASE(plot_draws_runs, *boost::unit_test::precondition(has_gnuplot)) {
  const RunsPlace place;
  const auto json =
      place.json({"plot", "runs/a", "runs/b/", "--output", "curves.svg", "--against", "tokens"});
  BOOST_TEST(json["output"] == "curves.svg");
  BOOST_TEST(json["picture"] == true);
  BOOST_TEST(contains(contents(place.folder() / "curves.svg"), "</svg>"));
  place.expect(0, {"plot", "runs/a", "--output", "curves.png"});
  BOOST_TEST(contents(place.folder() / "curves.png").starts_with("\x89PNG"));
}

BOOST_AUTO_TEST_CASE(plot_tells_which_runs_lack_a_figure) {
  const RunsPlace place;
  place.folder().write("runs/a/metrics.jsonl",
                       std::string(metrics) + "{\"step\": 21, \"validation_loss\": 8, \"bleu\": 7}\n");
  const Words words = {"plot", "runs/a", "runs/b", "--output", "curves.svg", "--figure", "bleu"};
  const Ran ran = place.expect(1, words, "", "PATH=/nowhere");
  BOOST_TEST(contains(ran.err, "b: no validation has the figure bleu, so it is not in the picture\n"));
  BOOST_TEST(!contains(ran.err, "a: no validation"));
}

BOOST_AUTO_TEST_CASE(plot_without_gnuplot_writes_the_data) {
  const RunsPlace place;
  const Words words = {"plot", "runs/a", "--output", "curves.svg"};
  const Ran ran = place.expect(1, words, "", "PATH=/nowhere");
  BOOST_TEST(ran.err ==
             "memsizer: gnuplot was not found; on Debian: apt-get install gnuplot-nox; the data is kept in "
             "curves.dat\n");
  BOOST_TEST(ran.out == "");
  BOOST_TEST(contains(contents(place.folder() / "curves.dat"), "11 8.5"));
  BOOST_TEST(!std::filesystem::exists(place.folder() / "curves.svg"));
  const Ran json = place.expect(1, words + Words{"--json"}, "", "PATH=/nowhere");
  const auto document = memsizer::files::parse_json(json.out, "standard output");
  BOOST_TEST(document["output"] == "curves.dat");
  BOOST_TEST(document["picture"] == false);
}

BOOST_AUTO_TEST_CASE(plot_refuses_bad_runs) {
  const RunsPlace place;
  BOOST_TEST(contains(place.expect(2, {"plot", "runs", "--output", "c.svg"}).err, "no run is here"));
  BOOST_TEST(contains(place.expect(2, {"plot", "runs/a", "--output", "c.jpg"}).err, ".svg or .png"));
  BOOST_TEST(
      contains(place.expect(2, {"plot", "runs/a", "--output", "c.svg", "--against", "x"}).err, "tokens"));
  place.folder().write("runs/a/metrics.jsonl", "{\"step\": 1}\n");
  BOOST_TEST(contains(place.expect(2, {"plot", "runs/a", "--output", "c.svg"}).err, "metrics.jsonl:1"));
}

BOOST_AUTO_TEST_SUITE_END()
