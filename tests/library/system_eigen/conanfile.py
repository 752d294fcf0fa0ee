"""Eigen as this machine has it, under the name of Conan Center's recipe, for tests without a network."""

import os

from conan import ConanFile


class SystemEigen(ConanFile):
    name = "eigen"
    version = "3.4.0"
    package_type = "header-library"

    def package_info(self):
        self.cpp_info.includedirs = [os.environ["EIGEN_INCLUDE"]]
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_file_name", "Eigen3")
        self.cpp_info.set_property("cmake_target_name", "Eigen3::Eigen")
