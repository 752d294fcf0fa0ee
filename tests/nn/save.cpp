#include "memsizer/nn/save.hpp"

#include <cstdlib>
#include <limits>
#include <optional>

#include <boost/test/unit_test.hpp>

#include "memsizer/nn/sequential.hpp"
#include "memsizer/nn/weights_file.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(save)

using namespace memsizer;

namespace {

template <class T>
nn::Sequential<T> small_net() {
  return nn::Sequential<T>(nn::Linear<T>(2, 3), nn::ReLU<T>(), nn::Linear<T>(3, 1));
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_saved_loads_into_another_module) {
  const TemporaryFolder folder;
  auto net = small_net<double>(), other = small_net<double>();
  const nn::ParameterStore<double> store(net, 1), stores(other, 2);
  const Tensor<double> x({1, 2}, {0.5, -2});
  BOOST_TEST(net.forward(x).item() != other.forward(x).item());
  nn::save(net, folder / "net.safetensors");
  nn::load(other, folder / "net.safetensors");
  BOOST_TEST(net.forward(x).item() == other.forward(x).item());
  nn::save(store, folder / "store.safetensors");
  BOOST_TEST(contents(folder / "net.safetensors") == contents(folder / "store.safetensors"));
  const files::SafetensorsReader file(folder / "net.safetensors");
  BOOST_TEST(file.info("0.weight").dtype == "F64");
  BOOST_TEST((file.info("2.weight").shape == std::vector<Index>{1, 3}));
}

BOOST_AUTO_TEST_CASE(floating_point_types_are_converted) {
  const TemporaryFolder folder;
  auto wide = small_net<double>();
  auto narrow = small_net<float>();
  const nn::ParameterStore<double> store(wide, 1);
  const nn::ParameterStore<float> stores(narrow, 2);
  nn::save(wide, folder / "a");
  nn::load(narrow, folder / "a");
  for (std::size_t i = 0; i < store.entries().size(); ++i) {
    const auto expected = store.values(store.entries()[i]);
    const auto actual = stores.values(stores.entries()[i]);
    for (std::size_t k = 0; k < expected.size(); ++k)
      BOOST_TEST(actual[k] == static_cast<float>(expected[k]));
  }
  CHECK_THROWS_SAYING(nn::load(stores, files::SafetensorsReader(folder / "a"), files::Convert::no),
                      InputError, "dtype F32 expected, got F64");
}

BOOST_AUTO_TEST_CASE(masters_of_bfloat16_are_what_is_saved) {
  const TemporaryFolder folder;
  nn::Linear<bfloat16> layer(4, 4), other(4, 4);
  const nn::ParameterStore<bfloat16> store(layer, 1), stores(other, 2);
  nn::save(store, folder / "a");
  nn::load(stores, folder / "a");
  for (std::size_t i = 0; i < 2; ++i)
    BOOST_TEST(store.values(store.entries()[i]) == stores.values(stores.entries()[i]));
  BOOST_TEST(store.values(store.entries()[0])[0] != static_cast<float>(layer.weight->value.to_vector()[0]));
}

BOOST_AUTO_TEST_CASE(files_for_hugging_face) {
  // check_hugging_face.py reads these files with Hugging Face's package, and knows the values too.
  const auto fill = [](const auto& store) {
    for (const auto& entry : store.entries()) {
      auto values = store.values(entry);
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] =
            static_cast<std::remove_reference_t<decltype(values[i])>>(0.1 * static_cast<double>(i) - 1);
      store.set_values(entry, values);
    }
  };
  std::optional<TemporaryFolder> temporary;
  const char* named = std::getenv("MEMSIZER_FILES_FOR_HUGGING_FACE");
  const std::filesystem::path folder = named ? named : temporary.emplace().path();
  auto wide = small_net<double>();
  auto narrow = small_net<bfloat16>();
  const nn::ParameterStore<double> store(wide, 1);
  const nn::ParameterStore<bfloat16> narrow_store(narrow, 1);
  fill(store);
  fill(narrow_store);
  nn::save(store, folder / "double.safetensors");
  nn::save(narrow_store, folder / "bfloat16.safetensors");
  const files::SafetensorsReader doubles(folder / "double.safetensors"),
      floats(folder / "bfloat16.safetensors");
  BOOST_TEST(doubles.read<double>("0.weight")[3] == 0.1 * 3 - 1);
  BOOST_TEST(floats.read<float>("0.weight")[3] == static_cast<float>(0.1 * 3 - 1));
}

BOOST_AUTO_TEST_CASE(a_file_that_does_not_fit_changes_nothing) {
  const TemporaryFolder folder;
  auto net = small_net<float>();
  const nn::ParameterStore<float> store(net, 1);
  const auto before = store.weights().to_vector();
  const auto refused = [&](auto&& other, const std::string& reason) {
    const nn::ParameterStore<float> others(other, 5);
    nn::save(others, folder / "a");
    CHECK_THROWS_SAYING(nn::load(net, folder / "a"), InputError, reason);
    BOOST_TEST(store.weights().to_vector() == before);
  };
  refused(nn::Sequential<float>(nn::Linear<float>(2, 3), nn::ReLU(), nn::Linear<float>(4, 1)),
          "tensor 2.weight: shape [1, 3] expected, got [1, 4]");
  refused(nn::Sequential<float>(nn::Linear<float>(2, 3)), "expected a tensor \"2.weight\", got none");
  refused(nn::Sequential<float>(nn::Linear<float>(2, 3), nn::ReLU(), nn::Linear<float>(3, 1),
                                nn::Linear<float>(1, 1)),
          "4 tensors expected, got 6");
  files::SafetensorsWriter writer;
  std::vector<std::vector<float>> kept;
  for (const auto& entry : store.entries()) {
    kept.push_back(store.values(entry));
    if (entry.name == "2.bias") kept.back()[0] = std::numeric_limits<float>::infinity();
    writer.add(entry.name, entry.parameter->shape.extents(), kept.back());
  }
  writer.write(folder / "b");
  CHECK_THROWS_SAYING(nn::load(net, folder / "b"), InputError, "tensor 2.bias: finite values expected");
  BOOST_TEST(store.weights().to_vector() == before);
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_or_has_no_store_is_not_saved) {
  const TemporaryFolder folder;
  auto net = small_net<float>();
  CHECK_THROWS_SAYING(nn::save(net, folder / "a"), InputError, "weight of shape [3, 2] has no elements");
  CHECK_THROWS_SAYING(nn::load(net, folder / "a"), InputError, "weight of shape [3, 2] has no elements");
  const nn::ParameterStore<float> store(net, 1);
  nn::save(net, folder / "a");
  const std::string whole = contents(folder / "a");
  store.set_values(store.entries()[3], std::vector<float>{std::nanf("")});
  CHECK_THROWS_SAYING(nn::save(net, folder / "a"), InputError, "2.bias is not finite");
  BOOST_TEST(contents(folder / "a") == whole);
}

BOOST_AUTO_TEST_SUITE_END()
