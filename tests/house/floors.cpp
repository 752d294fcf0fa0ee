// The test of the floors: it reads every #include under include/ and kernels/, and fails on an upward or
// circular one.
#include <regex>

#include <boost/test/unit_test.hpp>

#include "house/includes.hpp"
#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(floors)

namespace {

house::Includes read_includes() {
  static const std::regex line(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  house::Includes includes;
  for (const std::string& path : house::files()) {
    const bool own = path.starts_with("include/memsizer/") || path.starts_with("kernels/");
    if (!own || !house::is_cpp(path) || path == house::cpu_table || path == house::core_classes) continue;
    auto& names = includes[path.starts_with("kernels/") ? path : path.substr(17)];
    std::smatch match;
    for (const std::string& text : house::lines_of(house::read(path)))
      if (std::regex_search(text, match, line)) names.push_back(match[1]);
  }
  return includes;
}

bool mentions(const std::vector<std::string>& broken, std::string_view text) {
  return broken.size() == 1 && broken[0].find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_include_points_down) {
  const house::Includes includes = read_includes();
  BOOST_TEST(includes.size() > 20u);
  for (const std::string& fault : house::broken_rules(includes)) BOOST_ERROR(fault);
}

BOOST_AUTO_TEST_CASE(the_core_needs_eigen_alone) {
  const house::Includes includes = read_includes();
  for (const char* umbrella : {"memsizer.hpp", "core.hpp", "check.hpp", "decode.hpp"}) {
    BOOST_TEST_REQUIRE(includes.contains(umbrella));
    for (const std::string& external : house::reached_externals(includes, umbrella))
      BOOST_TEST(external.find("Eigen/") != external.npos, umbrella << " reaches " << external);
  }
}

// Files are the system's, whose headers these two reach: fcntl.h, unistd.h.
BOOST_AUTO_TEST_CASE(saving_and_fitting_need_no_package_of_a_wing) {
  const house::Includes includes = read_includes();
  for (const char* header : {"nn/save.hpp", "train/fit.hpp"}) {
    BOOST_TEST_REQUIRE(includes.contains(header));
    for (const std::string& external : house::reached_externals(includes, header))
      for (const char* package : {"nlohmann/", "zlib.h", "zstd.h", "utf8proc.h"})
        BOOST_TEST(external.find(package) == external.npos, header << " reaches " << external);
  }
}

BOOST_AUTO_TEST_CASE(a_house_in_order_has_no_fault) {
  const house::Includes includes = {
      {"base/error.hpp", {"string"}},
      {"ops/sum.hpp", {"memsizer/base/error.hpp", "vector"}},
      {"check/cases.hpp", {"memsizer/ops/sum.hpp"}},
      {"cpu/matmul.hpp", {"Eigen/Core", "memsizer/base/error.hpp"}},
      {"kernels/sum.cuh", {"memsizer/base/error.hpp"}},
      {"kernels/emulated/fiber.hpp", {"kernels/sum.cuh", "ucontext.h"}},
      {"text/bpe.hpp", {"memsizer/base/error.hpp", "utf8proc.h"}},
      {"train/loop.hpp", {"memsizer/text/bpe.hpp", "memsizer/ops/sum.hpp"}},
      {"memsizer.hpp", {"memsizer/ops/sum.hpp"}},
  };
  BOOST_TEST(house::broken_rules(includes).empty());
  BOOST_TEST(house::reached_externals(includes, "train/loop.hpp").contains("utf8proc.h"));
}

BOOST_AUTO_TEST_CASE(each_broken_rule_is_found) {
  using house::broken_rules;
  BOOST_TEST(mentions(broken_rules({{"tensor/a.hpp", {"memsizer/ops/b.hpp"}}, {"ops/b.hpp", {}}}),
                      "tensor lies below ops"));
  BOOST_TEST(
      mentions(broken_rules({{"ops/a.hpp", {"memsizer/ops/b.hpp"}}, {"ops/b.hpp", {"memsizer/ops/a.hpp"}}}),
               "circular: ops/a.hpp -> ops/b.hpp -> ops/a.hpp"));
  BOOST_TEST(mentions(broken_rules({{"ops/a.hpp", {"memsizer/ops/a.hpp"}}}), "circular"));
  BOOST_TEST(mentions(broken_rules({{"ops/a.hpp", {"memsizer/check/b.hpp"}},
                                    {"ops/c.hpp", {}},
                                    {"check/b.hpp", {"memsizer/ops/c.hpp"}}}),
                      "circular: check -> ops -> check"));
  BOOST_TEST(mentions(broken_rules({{"text/a.hpp", {"memsizer/tensor/b.hpp"}}, {"tensor/b.hpp", {}}}),
                      "a wing stands on base"));
  BOOST_TEST(mentions(broken_rules({{"text/a.hpp", {"memsizer/data/b.hpp"}}, {"data/b.hpp", {}}}),
                      "text does not see the wing data"));
  BOOST_TEST(mentions(broken_rules({{"models/a.hpp", {"memsizer/files/b.hpp"}}, {"files/b.hpp", {}}}),
                      "models does not see the wing files"));
  BOOST_TEST(mentions(broken_rules({{"kernels/a.cuh", {"memsizer/cpu/b.hpp"}}, {"cpu/b.hpp", {}}}),
                      "kernels see floors 0 and 1 only"));
  BOOST_TEST(mentions(broken_rules({{"ops/a.hpp", {"kernels/b.cuh"}}, {"kernels/b.cuh", {}}}),
                      "headers do not include kernels"));
  BOOST_TEST(mentions(broken_rules({{"ops/a.hpp", {"memsizer/memsizer.hpp"}}, {"memsizer.hpp", {}}}),
                      "includes an umbrella"));
  BOOST_TEST(mentions(broken_rules({{"ops/a.hpp", {"Eigen/Core"}}}), "ops may not include Eigen/Core"));
  BOOST_TEST(mentions(broken_rules({{"base/a.hpp", {"unistd.h"}}}), "base may not include unistd.h"));
  BOOST_TEST(mentions(broken_rules({{"base/a.hpp", {"memsizer/base/gone.hpp"}}}), "does not exist"));
  BOOST_TEST(mentions(broken_rules({{"attic/a.hpp", {}}}), "attic has no floor"));
}

BOOST_AUTO_TEST_SUITE_END()
