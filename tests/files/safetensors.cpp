#include "memsizer/files/safetensors.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"
#include "source_folder.hpp"

BOOST_AUTO_TEST_SUITE(safetensors)

using namespace memsizer;
using namespace memsizer::files;
using Shape = std::vector<Index>;

namespace {

const std::filesystem::path recorded = test::source_folder() / "tests/files/recorded.safetensors";

/// The bytes of a file with this header and so many bytes of tensors.
std::string file_bytes(std::string_view header, size_t data_bytes) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + std::string(header) +
         std::string(data_bytes, '\0');
}

void check_refused(std::string_view header, size_t data_bytes, const std::string& part) {
  const TemporaryFolder folder;
  BOOST_TEST_CONTEXT("header: " << header) {
    CHECK_THROWS_SAYING(SafetensorsReader(folder.write("a.safetensors", file_bytes(header, data_bytes))),
                        InputError, part);
  }
}

/// A header with one tensor "w".
std::string entry(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return concatenate(R"({"w":{"dtype":")", dtype, R"(","shape":)", shape, R"(,"data_offsets":)", offsets,
                     "}}");
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

void fill(SafetensorsWriter& writer, bool reversed) {
  static const std::vector<float> weight{1, -2, 0.1f, 4, 5, 6};
  static const std::vector<double> moment{1e-300, -0.0};
  static const std::vector<std::uint8_t> mask{1, 0, 255};
  static const std::vector<std::int64_t> step{-1};
  const std::vector<std::function<void()>> actions{
      [&] { writer.add("weight", Shape{2, 3}, weight); }, [&] { writer.add("moment", Shape{2}, moment); },
      [&] { writer.add("mask", Shape{3}, mask); },        [&] { writer.add("step", Shape{}, step); },
      [&] { writer.set_metadata("kind", "test"); },       [&] { writer.set_metadata("a", "é"); }};
  for (size_t i = 0; i < actions.size(); ++i) actions[reversed ? actions.size() - 1 - i : i]();
}

}  // namespace

BOOST_AUTO_TEST_CASE(reads_what_hugging_face_wrote) {
  const SafetensorsReader file(recorded);
  BOOST_CHECK_EQUAL(file.tensors().size(), 10u);
  BOOST_CHECK((file.metadata() == Metadata{{"format", "pt"}, {"step", "12"}}));
  BOOST_CHECK((file.info("double").shape == Shape{2, 3}));
  BOOST_CHECK(same_bits(file.read<double>("double"), {0.1, -2, 3e300, 5e-324, 0, -0.0}));
  BOOST_CHECK(same_bits(file.read<float>("float"), {0.1f, -2, 1e-45f}));
  BOOST_CHECK((file.read<std::int64_t>("long") == std::vector<std::int64_t>{INT64_MAX, INT64_MIN}));
  BOOST_CHECK((file.read<std::int32_t>("int") == std::vector<std::int32_t>{7, -8}));
  BOOST_CHECK((file.read<std::uint8_t>("byte") == std::vector<std::uint8_t>{0, 128, 255}));
  BOOST_CHECK((file.read<double>("scalar") == std::vector<double>{42}));
  BOOST_CHECK(file.info("scalar").shape.empty());
  BOOST_CHECK((file.info("empty").shape == Shape{4, 0}) && file.read<float>("empty").empty());
  BOOST_CHECK(file.contains("näme \"1\"") && !file.contains("other"));
}

BOOST_AUTO_TEST_CASE(converts_floats_only_when_asked) {
  const SafetensorsReader file(recorded);
  CHECK_THROWS_SAYING(file.read<float>("half"), InputError, "tensor \"half\": expected dtype F32, got F16");
  CHECK_THROWS_SAYING(file.read<double>("float"), InputError, "expected dtype F64, got F32");
  CHECK_THROWS_SAYING(file.read<float>("byte", Convert::floats), InputError, "floating-point dtype, got U8");
  CHECK_THROWS_SAYING(file.read<std::int32_t>("long", Convert::floats), InputError,
                      "expected dtype I32, got I64");
  CHECK_THROWS_SAYING(file.read<float>("double", Convert::floats), InputError, "3e+300 does not fit F32");
  BOOST_CHECK((file.read<double>("bfloat", Convert::floats) == std::vector<double>{1.5, -100}));
  BOOST_CHECK((file.read<float>("scalar", Convert::floats) == std::vector<float>{42}));
  BOOST_CHECK((file.read<double>("float", Convert::floats) == std::vector<double>{0.1f, -2, 1e-45f}));
  const auto half = file.read<float>("half", Convert::floats);
  BOOST_CHECK(std::isnan(half[5]));
  BOOST_CHECK(same_bits<float>({half[0], half[1], half[2], half[3], half[4], half[6]},
                               {1.5f, -0.0f, 0x1p-24f, 65504, -INFINITY, 0x1.ff8p-15f}));
}

BOOST_AUTO_TEST_CASE(long_tensors_convert_over_block_borders) {
  const TemporaryFolder folder;
  std::vector<float> values(200001);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 3;
  SafetensorsWriter writer;
  writer.add("w", Shape{3, 66667}, values);
  writer.write(folder / "a");
  const auto read = SafetensorsReader(folder / "a").read<double>("w", Convert::floats);
  BOOST_CHECK(std::equal(read.begin(), read.end(), values.begin(), values.end()));
}

BOOST_AUTO_TEST_CASE(reads_parts_and_into_given_memory) {
  const SafetensorsReader file(recorded);
  std::array<std::int64_t, 2> all{};
  file.read_into<std::int64_t>("long", all);
  BOOST_CHECK_EQUAL(all[1], INT64_MIN);
  std::array<std::int64_t, 1> one{};
  file.read_bytes("long", 8, std::as_writable_bytes(std::span(one)));
  BOOST_CHECK_EQUAL(one[0], INT64_MIN);
  CHECK_THROWS_SAYING(file.read_bytes("long", 9, std::as_writable_bytes(std::span(one))), InputError,
                      "within 16");
  CHECK_THROWS_SAYING(file.read_bytes("long", -1, {}), InputError, "from -1");
  CHECK_THROWS_SAYING(file.read_into<std::int64_t>("long", one), InputError, "expected 1 elements, got [2]");
  CHECK_THROWS_SAYING(file.read<float>("absent"), InputError, "expected a tensor \"absent\", got none");
}

BOOST_AUTO_TEST_CASE(written_files_read_back_and_are_deterministic) {
  const TemporaryFolder folder;
  for (const bool reversed : {false, true}) {
    SafetensorsWriter writer;
    fill(writer, reversed);
    writer.write(folder / (reversed ? "b" : "a"));
  }
  const std::string bytes = contents(folder / "a");
  BOOST_CHECK(bytes == contents(folder / "b"));
  BOOST_CHECK_EQUAL(static_cast<unsigned char>(bytes[0]) % 8, 0);
  const SafetensorsReader file(folder / "a");
  BOOST_CHECK((file.metadata() == Metadata{{"a", "é"}, {"kind", "test"}}));
  BOOST_CHECK((file.read<float>("weight") == std::vector<float>{1, -2, 0.1f, 4, 5, 6}));
  BOOST_CHECK((file.read<std::uint8_t>("mask") == std::vector<std::uint8_t>{1, 0, 255}));
  BOOST_CHECK(same_bits(file.read<double>("moment"), {1e-300, -0.0}));
  BOOST_CHECK((file.info("weight").shape == Shape{2, 3}));
  for (const auto& [name, tensor] : file.tensors())
    BOOST_CHECK_EQUAL(tensor.begin % dtype_bytes(tensor.dtype), 0);
  SafetensorsWriter().write(folder / "none");
  BOOST_CHECK(SafetensorsReader(folder / "none").tensors().empty());
}

BOOST_AUTO_TEST_CASE(the_writer_refuses_what_cannot_be_read) {
  SafetensorsWriter writer;
  const std::vector<float> values{1, 2, 3};
  writer.add("w", Shape{3}, values);
  CHECK_THROWS_SAYING(writer.add("w", Shape{3}, values), InputError, "\"w\" was already added");
  CHECK_THROWS_SAYING(writer.add("__metadata__", Shape{3}, values), InputError, "cannot be named");
  CHECK_THROWS_SAYING(writer.add("x", Shape{2, 2}, values), InputError,
                      "expected 16 bytes for F32 [2, 2], got 12");
  CHECK_THROWS_SAYING(writer.add("x", Shape{-1, -3}, values), InputError, "negative size");
  CHECK_THROWS_SAYING(writer.add_bytes("x", "F12", Shape{}, {}), InputError, "unknown dtype F12");
  const TemporaryFolder folder;
  writer.add("\xff", Shape{3}, values);
  CHECK_THROWS_SAYING(writer.write(folder / "a"), InputError, "UTF-8");
  BOOST_CHECK(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_disk_full_leaves_the_old_file) {
  SafetensorsWriter writer;
  const std::vector<float> values(10);
  writer.add("w", Shape{10}, values);
  CHECK_THROWS_SAYING(writer.write("/dev/full"), SystemError, "/dev/full: No space left");
}

BOOST_AUTO_TEST_CASE(malformed_lengths_are_refused) {
  const TemporaryFolder folder;
  const auto open = [&](std::string_view bytes) { SafetensorsReader(folder.write("a", bytes)); };
  const std::string good = contents(recorded);
  CHECK_THROWS_SAYING(open(""), InputError, "expected a safetensors file, got 0 bytes");
  CHECK_THROWS_SAYING(open("1234567"), InputError, "got 7 bytes");
  CHECK_THROWS_SAYING(open(std::string(8, '\0')), InputError, "begins with {");
  CHECK_THROWS_SAYING(open(std::string(100, '\xff')), InputError,
                      "at most 92 bytes, got a length of 18446744073709551615");
  CHECK_THROWS_SAYING(open(good.substr(0, 100)), InputError, "at most 92 bytes");
  CHECK_THROWS_SAYING(open(good.substr(0, good.size() - 1)), InputError, "are not within");
  CHECK_THROWS_SAYING(open(good + "x"), InputError, "expected 117 bytes of tensors, got 118");
  // This file has content but says that its size is 0. Its first eight bytes must not be taken for a size.
  CHECK_THROWS_SAYING(SafetensorsReader("/proc/self/status"), InputError, "got 0 bytes");
  CHECK_THROWS_SAYING(SafetensorsReader(folder / "absent"), InputError, "No such file");
  CHECK_THROWS_SAYING(SafetensorsReader(folder.path()), InputError, "got a folder");
}

BOOST_AUTO_TEST_CASE(malformed_headers_are_refused) {
  check_refused("[]", 0, "begins with {");
  check_refused("{\"w\":", 0, "(header):1:");
  check_refused("{}", 3, "expected 0 bytes of tensors, got 3");
  check_refused(R"({"w":3})", 0, "w: expected an object");
  check_refused(R"({"w":{"dtype":"F32","shape":[1]}})", 4, "w: expected a key \"data_offsets\"");
  check_refused(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4, "unknown key \"x\"");
  check_refused(R"({"w":{"dtype":1,"shape":[1],"data_offsets":[0,4]}})", 4, "w.dtype: expected a string");
  check_refused(R"({"__metadata__":{"a":1}})", 0, "__metadata__.a: expected a string");
  check_refused(R"({"__metadata__":{"a":{"b":"c"}}})", 0, "expected a string");
  check_refused(R"({"a":{"a":{"a":{}}}})", 0, "a: unknown key \"a\"");
  check_refused(R"({"w":[]})", 0, "w: expected an object, got an array");
  check_refused(R"({"w":{"shape":{}}})", 0, "w.shape: expected an array, got an object");
  check_refused(R"({"w":{"shape":[true]}})", 0, "w.shape[0]: expected an integer, got true");
  check_refused(R"({"w":{"shape":[01]}})", 0, "expected an integer, got 01");
  check_refused(R"({"w":{"shape":[1,]}})", 0, "expected an integer, got ]");
  check_refused(R"({"w":{"shape":[1 2]}})", 0, "(header):1:18: expected , or ]");
  check_refused("{\n\"w\" {}}", 0, "(header):2:5: expected : after a key");
  check_refused("{} {}", 0, "(header):1:4: expected the end");
  check_refused(std::string("{}\0", 3), 0, "expected the end");
  check_refused("{", 0, "expected a key");
  check_refused(entry("F99", "[1]", "[0,4]"), 4, "unknown dtype \"F99\"");
  check_refused(entry("F32", "[1]", "[0,5]"), 5, "expected 4 bytes for F32 [1], got 5");
  check_refused(entry("F32", "[1]", "[0,4]"), 3, "are not within the 3 bytes");
  check_refused(entry("F32", "[1]", "[4,0]"), 4, "are not within");
  check_refused(entry("F32", "[1]", "[-4,0]"), 4, "are not within");
  check_refused(entry("F32", "[1]", "[0]"), 4, "expected two data_offsets, got 1");
  check_refused(entry("F32", "[1]", "[0,18446744073709551615]"), 4, "data_offsets[1]: expected an integer");
  check_refused(entry("F32", "[1.0]", "[0,4]"), 4, "w.shape[0]: expected an integer, got 1.0");
  check_refused(entry("F32", "[-1]", "[0,4]"), 4, "negative size");
  check_refused(entry("F32", "[4294967296,4294967296]", "[0,0]"), 0, "overflows 64 bits");
  check_refused(entry("F64", "[2305843009213693952]", "[0,0]"), 0, "overflows 64 bits");
  check_refused(entry("F32", "[1]", "[4,8]"), 8, "tensor \"w\" begins at byte 4, expected 0 (gap)");
}

BOOST_AUTO_TEST_CASE(strings_are_read_as_json_writes_them) {
  const auto metadata = [](const std::string& text) {
    return parse_safetensors_header(R"({"__metadata__":{"a":)" + text + "}}", 0, "file").metadata.at("a");
  };
  BOOST_TEST(metadata(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  BOOST_TEST(metadata(R"("\u00e9\u20ac\ud800\udf48\u0000")") == std::string("é€𐍈\0", 10));
  BOOST_TEST(metadata(R"("é€𐍈")") == "é€𐍈");
  for (const char* text :
       {R"("\ud800")", R"("\udf48")", R"("\ud800\u0041")", R"("\u12")", R"("\u+123")", R"("\x")", "\"\n\"",
        "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"\xff\"", "\"", "\"\\"})
    BOOST_TEST_CONTEXT(text) BOOST_CHECK_THROW(metadata(text), InputError);
}

BOOST_AUTO_TEST_CASE(a_header_that_is_written_reads_back) {
  SafetensorsHeader header;
  header.tensors["a\"\\\x01\x1f\n𐍈"] = {"F32", {2, 0, 3}, 0, 0};
  header.tensors["Z"] = {"U8", {}, 0, 1};
  header.metadata["\t"] = "\x7f";
  const std::string text = safetensors_header_text(header);
  // The order and the escapes are those of nlohmann's library, which wrote these files before.
  BOOST_TEST(text == R"({"Z":{"data_offsets":[0,1],"dtype":"U8","shape":[]},"__metadata__":{"\t":")"
                     "\x7f"
                     R"("},"a\"\\\u0001\u001f\n𐍈":{"data_offsets":[0,0],"dtype":"F32","shape":[2,0,3]}})");
  const SafetensorsHeader read = parse_safetensors_header(text, 1, "file");
  BOOST_CHECK(read.metadata == header.metadata);
  BOOST_CHECK(read.tensors.size() == 2 && read.tensors.contains("a\"\\\x01\x1f\n𐍈"));
  BOOST_CHECK((read.tensors.begin()->second.end == 1));
}

BOOST_AUTO_TEST_CASE(overlapping_and_repeated_tensors_are_refused) {
  const std::string a = R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]})";
  const std::string b = R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]})";
  check_refused("{" + a + "," + b + "}", 6, "tensor \"b\" begins at byte 2, expected 4 (overlap)");
  check_refused("{" + a + "," + a + "}", 4, "duplicate key \"a\"");
}

BOOST_AUTO_TEST_CASE(mutated_files_give_tensors_or_an_input_error) {
  const TemporaryFolder folder;
  const std::string good = contents(recorded);
  std::mt19937 random(2);
  int refused = 0;
  for (int round = 0; round < 500; ++round) {
    std::string bytes = good;
    for (unsigned edits = 1 + random() % 3; edits-- > 0;) {
      const size_t at = random() % (round % 4 ? bytes.size() : 16);
      if (random() % 8 == 0)
        bytes.erase(at, 1 + random() % 40);
      else
        bytes[at] = random() % 2 ? static_cast<char>(random()) : "0123456789-[]{}\":,"[random() % 18];
    }
    try {
      const SafetensorsReader file(folder.write("a", bytes));
      for (const auto& [name, tensor] : file.tensors()) {
        std::vector<std::byte> all(static_cast<size_t>(tensor.bytes()));
        file.read_bytes(name, 0, all);
      }
    } catch (const InputError&) {
      ++refused;
    }
  }
  BOOST_CHECK_GT(refused, 100);
  BOOST_CHECK_LT(refused, 500);
}

BOOST_AUTO_TEST_SUITE_END()
