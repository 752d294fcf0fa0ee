# The libraries: memsizer::memsizer (floors 0 to 7 and decode, Eigen alone) and one a wing. They are headers only, except
# memsizer::text and memsizer::train, which hold their wings compiled once; memsizer::kernels is in kernels.cmake.
include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)

# We choose for what is ours; a project that includes us is only told.
if(NOT PROJECT_IS_TOP_LEVEL)
  memsizer_warn_of_no_build_type()
elseif(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
  message(STATUS "CMAKE_BUILD_TYPE is empty: building Release")
endif()
foreach(wing IN ITEMS files text openblas)
  if(NOT wing IN_LIST memsizer_wings)
    memsizer_describe_absence(${wing} reason)
    message(STATUS "Left out: ${reason}")
  endif()
endforeach()

function(memsizer_add_library name)
  add_library(memsizer_${name} INTERFACE)
  add_library(memsizer::${name} ALIAS memsizer_${name})
  set_target_properties(memsizer_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(memsizer_${name} INTERFACE ${ARGN})
endfunction()

# memsizer_add_compiled_library(name [O1] source...): what users of the headers would otherwise compile in each of their
# files. It is optimised whatever the project's own files are: at -O3, or with O1 at -O1, which compiles in two thirds of
# the time. MEMSIZER_NATIVE compiles it for this machine's processor, which
# an including project has to ask for.
function(memsizer_add_compiled_library name)
  cmake_parse_arguments(PARSE_ARGV 1 library "O1" "" "")
  list(TRANSFORM library_UNPARSED_ARGUMENTS PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  add_library(memsizer_${name} STATIC ${sources})
  add_library(memsizer::${name} ALIAS memsizer_${name})
  set_target_properties(memsizer_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(memsizer_${name} PUBLIC memsizer::memsizer
                                         PRIVATE $<BUILD_INTERFACE:$<TARGET_NAME_IF_EXISTS:memsizer_build>>)
  if(NOT PROJECT_IS_TOP_LEVEL)
    set_target_properties(memsizer_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    if(MEMSIZER_NATIVE)
      target_compile_options(memsizer_${name} PRIVATE -march=native)
    endif()
  endif()
  target_compile_options(memsizer_${name} PRIVATE $<$<NOT:$<CONFIG:Debug>>:$<IF:$<BOOL:${library_O1}>,-O1,-O3>>
                         "$<$<TARGET_EXISTS:memsizer_build>:-Wconversion;-Wshadow>") # users compile our headers so
  target_compile_definitions(memsizer_${name} PRIVATE $<$<NOT:$<CONFIG:Debug>>:NDEBUG>)
endfunction()

memsizer_add_library(memsizer Eigen3::Eigen Threads::Threads)
target_include_directories(memsizer_memsizer INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                       $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(memsizer_memsizer INTERFACE cxx_std_20)

if("files" IN_LIST memsizer_wings)
  memsizer_add_library(files memsizer::memsizer nlohmann_json::nlohmann_json ZLIB::ZLIB Zstd::Zstd)
endif()
if("text" IN_LIST memsizer_wings)
  memsizer_add_compiled_library(text src/text_wing.cpp)
  target_link_libraries(memsizer_text PUBLIC memsizer::files Utf8proc::Utf8proc)
  target_compile_definitions(memsizer_text PUBLIC MEMSIZER_TEXT_IS_LINKED) # see files/linkage.hpp
  memsizer_add_library(data memsizer::text)
  memsizer_add_library(metrics memsizer::text)
  memsizer_add_compiled_library(train O1 src/train_wing.cpp) # its time is spent in the kernels and the tokenizer
  target_link_libraries(memsizer_train PUBLIC memsizer::kernels memsizer::data memsizer::metrics)
  target_compile_definitions(memsizer_train PUBLIC MEMSIZER_TRAIN_IS_LINKED) # see tasks/linkage.hpp
endif()
if("openblas" IN_LIST memsizer_wings)
  memsizer_add_library(openblas memsizer::memsizer Openblas::Openblas)
endif()
