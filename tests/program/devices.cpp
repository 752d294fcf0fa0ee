// --device and --matmul in every command that runs a model, and what each command refuses to run on them.
#include <map>

#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(devices)

using namespace program_test;

namespace {

/// Every file below a folder with its size.
std::map<std::string, std::uintmax_t> files_below(const std::filesystem::path& folder) {
  std::map<std::string, std::uintmax_t> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files[entry.path().string()] = entry.file_size();
  return files;
}

/// The commands that run a model, with more options. Commands that write a folder write `new`.
Words train_new(const Words& more) {
  return Words{"train", "--output", "new", "--steps", "2"} + DataPlace::small_model() + more;
}
Words compare_new(const Words& more) {
  return Words{"compare", "--output", "new", "--steps", "2"} + DataPlace::small_model() + more;
}
Words evaluate_run(const Words& more) {
  return Words{"evaluate", "run", "--data", "data"} + more;
}
Words generate_run(const Words& more) {
  return generate_words({"--prompt", " The cat"}) + more;
}

/// Checks that every command that runs a model refuses the options, that the error holds `parts`, and that
/// nothing is written.
void check_refused(const DataPlace& place, const Words& options, const Words& parts) {
  const auto before = files_below(place.folder().path() / "run");
  for (const auto& command : {train_new, compare_new, evaluate_run, generate_run}) {
    const Ran ran = place.expect(2, command(options));
    for (const std::string& part : parts) BOOST_TEST(contains(ran.err, part), ran.err);
    BOOST_TEST(ran.out == "");
    BOOST_TEST(!std::filesystem::exists(place.folder() / "new"));
  }
  BOOST_TEST((files_below(place.folder().path() / "run") == before));
}

boost::test_tools::assertion_result has_openblas(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result found(program_has_openblas());
  found.message() << "the program was built without OpenBLAS";
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(commands_that_run_a_model_let_the_device_be_chosen) {
  const Workplace place;
  for (const char* command : {"train", "evaluate", "generate", "compare"}) {
    const std::string help = place.expect(0, {command, "--help"}).out;
    for (const char* part :
         {"--device NAME", "cpu, emulated or cuda", "--matmul NAME", "eigen or openblas", "--threads N"})
      BOOST_TEST(contains(help, part), command << " --help lacks " << part);
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_run_is_refused_before_anything_is_written) {
  const DataPlace place;
  place.expect(0, DataPlace::train_words("memsizer", {"--steps", "2"}));
  check_refused(place, {"--device", "tpu"}, {"cpu, emulated", "'tpu'"});
  check_refused(place, {"--matmul", "abacus"}, {"eigen or openblas", "'abacus'"});
  check_refused(place, {"--device", "emulated", "--matmul", "openblas"}, {"--device cpu", "on emulated own"});
  check_refused(place, {"--device", "emulated", "--matmul", "cublaslt"}, {"own expected", "'cublaslt'"});
  check_refused(place, {"--device", "cuda", "--matmul", "eigen"},
                {"on cuda own, cublaslt or auto expected", "--device cpu", "'eigen'"});
  for (const char* products : {"own", "cublaslt"})
    check_refused(place, {"--matmul", products},
                  {std::string("eigen or openblas expected, got '") + products + "'"});
  if (!program_has_cuda())
    check_refused(place, {"--device", "cuda"}, {"built without CUDA", "--preset cuda"});
  if (!program_has_openblas())
    check_refused(place, {"--matmul", "openblas"}, {"built without OpenBLAS", "libopenblas-dev"});
}

BOOST_AUTO_TEST_CASE(a_number_of_threads_is_not_cut_to_another) {
  const Workplace place;
  for (const char* threads : {"4294967297", "4097", "-1"})
    for (const Words& command : {Words{"gradcheck", "--list"}, Words{"train", "--data", "d", "--output", "o"},
                                 Words{"evaluate", "run", "--data", "d"}, Words{"generate", "run"},
                                 Words{"compare", "--data", "d", "--output", "o"}}) {
      const Ran ran = place.expect(2, command + Words{"--threads", threads});
      BOOST_TEST(contains(ran.err, std::string("from 0 to 4096 expected, got ") + threads), ran.err);
    }
}

BOOST_AUTO_TEST_CASE(gradcheck_takes_every_device_by_name) {
  const Workplace place;
  const Words softmax = {"gradcheck", "--operation", "softmax"};
  const auto all = place.json(softmax);
  Words devices;
  for (const auto& check : all["checks"]) devices.push_back(check["device"]);
  BOOST_TEST(std::ranges::count(devices, "cpu") >= 1);
  BOOST_TEST(std::ranges::count(devices, "emulated") == std::ranges::count(devices, "cpu"));
  const Ran cuda = place.run(softmax + Words{"--device", "cpu,cuda"});
  if (program_has_cuda()) {
    const bool has_gpu = std::ranges::count(devices, "cuda") > 0;
    BOOST_TEST(cuda.code == (has_gpu ? 0 : 2), cuda.err);
    BOOST_TEST(contains(has_gpu ? cuda.out : cuda.err, has_gpu ? "cuda" : "no GPU"), cuda.out << cuda.err);
  } else {
    BOOST_TEST(cuda.code == 2);
    BOOST_TEST(contains(cuda.err, "--preset cuda"), cuda.err);
  }
}

BOOST_AUTO_TEST_CASE(gradcheck_refuses_a_list_of_devices_with_an_empty_part) {
  for (const char* devices : {"cpu,", ",cpu", ","}) {
    const Ran ran = Workplace().expect(2, {"gradcheck", "--operation", "softmax", "--device", devices});
    BOOST_TEST(contains(ran.err, "--device: a comma list without empty parts expected"), ran.err);
  }
}

BOOST_AUTO_TEST_CASE(openblas_multiplies_as_well, *boost::unit_test::precondition(has_openblas)) {
  const DataPlace place;
  const Words openblas = {"--matmul", "openblas"};
  place.expect(0, DataPlace::train_words("memsizer", Words{"--steps", "3"} + openblas));
  const double loss = place.json(evaluate_run(openblas))["loss"];
  BOOST_TEST(loss == place.json(evaluate_run({"--matmul", "eigen"}))["loss"].get<double>(),
             boost::test_tools::tolerance(1e-4));
  BOOST_TEST(place.json(generate_run(openblas))["tokens"] == 12);
}

BOOST_AUTO_TEST_CASE(a_run_in_bfloat16_says_how_the_cpu_can_train_its_weights) {
  const DataPlace place;
  const Words shorter = {"--set", "sequence=8"}, resume = {"--steps", "2", "--resume"};
  place.expect(
      0, DataPlace::train_words(
             "memsizer", shorter + Words{"--steps", "1", "--set", "dtype=bfloat16", "--device", "emulated"}));
  const Ran refused = place.expect(2, DataPlace::train_words("memsizer", shorter + resume));
  BOOST_TEST(contains(refused.err,
                      "A resumed run keeps its dtype; a new one, with the weights of any run by "
                      "--from, is in float with --set dtype=float"),
             refused.err);
  place.expect(
      0, train_new(shorter + Words{"--architecture", "memsizer", "--from", "run", "--set", "dtype=float"}));
}

BOOST_AUTO_TEST_CASE(the_schedules_keys_are_set_and_kept) {
  const DataPlace place;
  const Words cosine = {"--set", "schedule_period=4",     "--set", "schedule_shrink=0.5",
                        "--set", "min_learning_rate=1e-4"};
  place.expect(0, DataPlace::train_words("memsizer", Words{"--steps", "2"} + cosine));
  const auto config =
      memsizer::files::parse_json(contents(place.folder() / "run/config.json"), "config.json");
  BOOST_TEST(config["schedule_period"] == 4);
  BOOST_TEST(config["schedule_shrink"] == 0.5);
  BOOST_TEST(config["min_learning_rate"] == 1e-4);
  const Ran refused = place.expect(2, train_new(cosine + Words{"--set", "schedule=linear"}));
  BOOST_TEST(contains(refused.err, "schedule_period"), refused.err);
  BOOST_TEST(!std::filesystem::exists(place.folder() / "new"));
}

BOOST_AUTO_TEST_SUITE_END()
