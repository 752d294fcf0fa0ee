# The packages that the libraries stand on, looked for in one place: by our own build and, after installation, by
# memsizerConfig.cmake. The core needs Eigen and threads; the wings need the others and exist where these were found,
# and so does openblas, the core's other matrix products.
find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.10 QUIET)
find_package(ZLIB QUIET)
list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(Zstd QUIET)
find_package(Utf8proc QUIET)
find_package(Openblas QUIET)
list(POP_FRONT CMAKE_MODULE_PATH)

# What each library needs: the package for find_package, and Debian's package that has it.
set(memsizer_needs_files nlohmann_json=nlohmann-json3-dev ZLIB=zlib1g-dev Zstd=libzstd-dev)
set(memsizer_needs_text ${memsizer_needs_files} Utf8proc=libutf8proc-dev)
foreach(wing IN ITEMS data metrics train)
  set(memsizer_needs_${wing} ${memsizer_needs_text})
endforeach()
set(memsizer_needs_openblas Openblas=libopenblas-dev)

# memsizer_list_missing(name variable): the packages that memsizer::<name> needs and that were not found.
function(memsizer_list_missing name variable)
  set(missing "")
  foreach(need IN LISTS memsizer_needs_${name})
    string(REGEX MATCH "^([^=]+)=(.+)$" _ ${need})
    if(NOT ${CMAKE_MATCH_1}_FOUND)
      list(APPEND missing "${CMAKE_MATCH_1} (Debian: ${CMAKE_MATCH_2})")
    endif()
  endforeach()
  set(${variable} ${missing} PARENT_SCOPE)
endfunction()

# memsizer_describe_absence(name variable): why there is no memsizer::<name>, with the cure.
function(memsizer_describe_absence name variable)
  if(NOT DEFINED memsizer_needs_${name})
    set(${variable} "There is no component ${name}; there are kernels files text data metrics train openblas emulated \
cuda." PARENT_SCOPE)
    return()
  endif()
  memsizer_list_missing(${name} missing)
  list(JOIN missing ", " missing)
  set(${variable} "memsizer::${name} needs ${missing}." PARENT_SCOPE)
endfunction()

# memsizer_warn_of_no_build_type(): a word, once, to projects that are compiled without optimisation by oversight.
function(memsizer_warn_of_no_build_type)
  get_property(is_told GLOBAL PROPERTY memsizer_told_of_no_build_type)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND NOT is_told)
    set_property(GLOBAL PROPERTY memsizer_told_of_no_build_type TRUE)
    message(WARNING "memsizer: CMAKE_BUILD_TYPE is empty, so your files are compiled without optimisation and run about "
                    "ten times as long. Configure with -DCMAKE_BUILD_TYPE=Release.")
  endif()
endfunction()

set(memsizer_wings "")
foreach(wing IN ITEMS files text data metrics train openblas)
  memsizer_list_missing(${wing} missing)
  if(NOT missing)
    list(APPEND memsizer_wings ${wing})
  endif()
endforeach()
