// A run follows its schedule, with or without stops.
#include <boost/test/unit_test.hpp>

#include "tasks/small_run.hpp"
#include "train/restarts.hpp"

BOOST_AUTO_TEST_SUITE(learning_rates_of_runs)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
using test::expected_rate;
using test::restarts;

namespace {

/// The learning rates in a run's metrics.jsonl, one for each logged step.
std::vector<double> logged_rates(const std::filesystem::path& run) {
  std::vector<double> rates;
  std::ifstream stream(run / "metrics.jsonl");
  for (std::string line; std::getline(stream, line);)
    if (const auto json = nlohmann::json::parse(line); json.contains("learning_rate"))
      rates.push_back(json["learning_rate"]);
  return rates;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_stopped_run_goes_on_along_the_same_curve) {
  const TemporaryFolder folder;
  test::write_text(folder);
  const auto request = [&](const char* output, Index steps) {
    Request request = test::small_request(folder, output, "memsizer", steps);
    request.settings.insert(request.settings.end(), restarts.begin(), restarts.end());
    return request;
  };
  train_model(request("whole", 10), {});
  train_model(request("parts", 4), {});
  train_model(test::resumed(request("parts", 4), 7), {});
  train_model(test::resumed(request("parts", 4), 10), {});
  const std::vector<double> rates = logged_rates(folder / "parts");
  BOOST_TEST_REQUIRE(rates.size() == 10u);
  for (Index step = 1; step <= 10; ++step)
    BOOST_TEST(rates[static_cast<std::size_t>(step - 1)] == expected_rate(step),
               boost::test_tools::tolerance(1e-12));
  BOOST_TEST(rates == logged_rates(folder / "whole"), boost::test_tools::per_element());
  const char* model = "checkpoints/step-10/model.safetensors";
  BOOST_TEST((contents(folder / "whole" / model) == contents(folder / "parts" / model)));
  Request other = test::resumed(request("parts", 10), 12);
  other.settings = {"schedule_period=4"};
  CHECK_THROWS_SAYING(train_model(other, {}), InputError, "schedule_period = 3");
}

BOOST_AUTO_TEST_SUITE_END()
