# Port of this checkout for vcpkg, as an overlay: vcpkg install memsizer --overlay-ports=packaging/vcpkg
# vcpkg hashes the port's own files only. After a change of memsizer's source, remove the package and install it again
# with --binarysource=clear.
vcpkg_check_linkage(ONLY_STATIC_LIBRARY)
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../.." ABSOLUTE)

# Packages of the system must not slip in where a feature is left out.
vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS
                     INVERTED_FEATURES text CMAKE_DISABLE_FIND_PACKAGE_nlohmann_json
                                       text CMAKE_DISABLE_FIND_PACKAGE_Utf8proc
                                       text CMAKE_DISABLE_FIND_PACKAGE_ZLIB
                                       text CMAKE_DISABLE_FIND_PACKAGE_Zstd)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
                      OPTIONS ${FEATURE_OPTIONS} -DMEMSIZER_PROGRAM=OFF -DMEMSIZER_TESTS=OFF -DMEMSIZER_NATIVE=OFF
                              -DMEMSIZER_INSTALL=ON -DMEMSIZER_PARQUET=OFF -DCMAKE_DISABLE_FIND_PACKAGE_Openblas=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/memsizer)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
