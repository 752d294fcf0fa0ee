# memsizer_add_unit(target file...): compiles the files, named as other files include them, as one unit of the target.
# Files of one program instantiate mostly the same templates, so that together they cost little more than the dearest of
# them. CMake's own UNITY_BUILD writes absolute paths, by which a compiler cache tells every checkout apart.
function(memsizer_add_unit target)
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/${target}_unit.cpp)
  list(TRANSFORM ARGN REPLACE "^(.+)$" "#include \"\\1\"" OUTPUT_VARIABLE includes)
  list(JOIN includes "\n" content)
  file(CONFIGURE OUTPUT ${unit} CONTENT "${content}\n" @ONLY)
  target_sources(${target} PRIVATE ${unit})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ takes the files for headers, whose unnamed types would be others in each file that includes them.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()
