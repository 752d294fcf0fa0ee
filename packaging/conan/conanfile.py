"""Conan 2 recipe of memsizer's core: headers that need Eigen alone.

    conan create packaging/conan -s compiler.cppstd=20    # in a checkout of memsizer

A project that requires memsizer/<version> finds the target memsizer::memsizer and includes memsizer/memsizer.hpp.
The compiled kernels and the components for text, data, metrics and training come with CMake's package alone.
"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout


class Memsizer(ConanFile):
    name = "memsizer"
    license = "MIT"
    description = "Tensors, automatic differentiation, Transformer and MemSizer from scratch"
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def set_version(self):
        lists = load(self, os.path.join(self.recipe_folder, "../../CMakeLists.txt"))
        self.version = re.search(r"project\(memsizer VERSION ([0-9.]+)", lists)[1]

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "../..")
        for pattern in ("include/*", "LICENSE"):
            copy(self, pattern, src=root, dst=self.export_sources_folder)

    def requirements(self):
        self.requires("eigen/[>=3.4 <4]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        basic_layout(self)

    def package(self):
        copy(self, "include/*", src=self.source_folder, dst=self.package_folder)
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["pthread"]
