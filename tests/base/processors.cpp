// The number of threads under a control group that limits the processor time. The tests write Linux's files
// by hand.
#include "memsizer/base/processors.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/base/thread_pool.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(processors)

using namespace memsizer;

namespace {

constexpr double none = std::numeric_limits<double>::infinity();

/// A machine, that is a root folder with the files that describe its control groups.
class Machine {
 public:
  /// Adds a mount: the group that it shows at its root, the folder where it is mounted, its type and its
  /// options.
  Machine& mount(const std::string& root, const std::string& place, const std::string& type,
                 const std::string& options) {
    mounts_ +=
        "31 23 0:28 " + root + ' ' + place + " rw,relatime shared:9 - " + type + " cgroup " + options + '\n';
    files_.write("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + mounts_);
    return *this;
  }
  Machine& group(const std::string& line) {
    groups_ += line + '\n';
    files_.write("proc/self/cgroup", groups_);
    return *this;
  }
  Machine& file(const std::string& path, const std::string& text) {
    files_.write(path, text);
    return *this;
  }
  double quota() const { return processor_quota(files_.path().string()); }
  Index usable() const { return usable_processors(files_.path().string()); }

 private:
  TemporaryFolder files_;
  std::string mounts_, groups_;
};

/// A machine that has version 2 of the control groups only, as most machines have now.
void begin_version_2(Machine& machine, const std::string& group) {
  machine.mount("/", "/sys/fs/cgroup", "cgroup2", "rw,nsdelegate").group("0::" + group);
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_control_groups_there_is_no_quota) {
  BOOST_TEST(Machine().quota() == none);
  Machine machine;
  begin_version_2(machine, "/");
  BOOST_TEST(machine.quota() == none);
  machine.file("sys/fs/cgroup/cpu.max", "max 100000\n");
  BOOST_TEST(machine.quota() == none);
  BOOST_TEST(machine.usable() == std::max<Index>(std::thread::hardware_concurrency(), 1));
}

BOOST_AUTO_TEST_CASE(version_2_limits_by_cpu_max) {
  Machine machine;
  begin_version_2(machine, "/");
  machine.file("sys/fs/cgroup/cpu.max", "150000 100000\n");
  BOOST_TEST(machine.quota() == 1.5);
  machine.file("sys/fs/cgroup/cpu.max", "1000 100000\n");
  BOOST_TEST(machine.quota() == 0.01);
  BOOST_TEST(machine.usable() == 1);
}

BOOST_AUTO_TEST_CASE(the_least_quota_of_all_groups_around_counts) {
  Machine machine;
  begin_version_2(machine, "/a.slice/b.scope/c");
  machine.file("sys/fs/cgroup/a.slice/cpu.max", "200000 100000\n")
      .file("sys/fs/cgroup/a.slice/b.scope/cpu.max", "300000 100000\n")
      .file("sys/fs/cgroup/a.slice/b.scope/c/cpu.max", "max 100000\n")
      .file("sys/fs/cgroup/a.slice/other/cpu.max", "50000 100000\n");
  BOOST_TEST(machine.quota() == 2);
  machine.file("sys/fs/cgroup/a.slice/b.scope/c/cpu.max", "30000 20000\n");
  BOOST_TEST(machine.quota() == 1.5);
}

BOOST_AUTO_TEST_CASE(version_1_limits_by_quota_and_period) {
  for (const std::string controllers : {"cpu", "cpu,cpuacct", "cpuacct,cpu"}) {
    Machine machine;
    machine.mount("/", "/sys/fs/cgroup/cpuset", "cgroup", "rw,cpuset")
        .mount("/", "/sys/fs/cgroup/" + controllers, "cgroup", "rw," + controllers)
        .group("3:cpuset:/elsewhere")
        .group("2:" + controllers + ":/docker/one")
        .group("0::/unified");
    const std::string folder = "sys/fs/cgroup/" + controllers + "/docker/one/";
    machine.file(folder + "cpu.cfs_quota_us", "-1\n").file(folder + "cpu.cfs_period_us", "100000\n");
    BOOST_TEST(machine.quota() == none);
    machine.file(folder + "cpu.cfs_quota_us", "250000\n");
    BOOST_TEST(machine.quota() == 2.5);
  }
}

BOOST_AUTO_TEST_CASE(inside_a_container_the_mount_shows_its_own_group) {
  // A container without a namespace of its own reads the machine's path of its group. The mount shows this
  // group at its root.
  Machine inner;
  inner.mount("/docker/one", "/sys/fs/cgroup/cpu", "cgroup", "rw,cpu")
      .group("2:cpu:/docker/one/child")
      .file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n")
      .file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "50000\n");
  BOOST_TEST(inner.quota() == 2);
  inner.file("sys/fs/cgroup/cpu/child/cpu.cfs_quota_us", "50000\n")
      .file("sys/fs/cgroup/cpu/child/cpu.cfs_period_us", "50000\n");
  BOOST_TEST(inner.quota() == 1);
  Machine outside;
  outside.mount("/docker/one", "/sys/fs/cgroup/cpu", "cgroup", "rw,cpu")
      .group("2:cpu:/docker/one-more")
      .file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n")
      .file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  BOOST_TEST(outside.quota() == 3);
}

BOOST_AUTO_TEST_CASE(files_that_make_no_sense_are_no_quota) {
  for (const std::string text : {"", "\n", "100000", "many 100000", "0 100000", "-5 100000", "100000 0"}) {
    Machine machine;
    begin_version_2(machine, "/");
    machine.file("sys/fs/cgroup/cpu.max", text);
    BOOST_TEST(machine.quota() == none, "cpu.max: '" << text << "'");
  }
}

BOOST_AUTO_TEST_CASE(a_pool_begins_with_the_usable_processors) {
  BOOST_TEST(ThreadPool().size() == usable_processors());
}

BOOST_AUTO_TEST_SUITE_END()
