# Makes Conan's package of this checkout, and builds and runs a program on it. Eigen is the system's.
# Variables: conan, recipes (packaging/conan), eigen_recipe, eigen_include, folder, compiler, version.
cmake_minimum_required(VERSION 3.25)

set(ENV{CONAN_HOME} ${folder}/home)
set(ENV{EIGEN_INCLUDE} ${eigen_include})
set(ENV{CXX} ${compiler})

# run(text argument...): conan with these arguments must end well, or badly if `text` begins with "ERROR", and say the
# text, a regular expression.
function(run text)
  execute_process(COMMAND ${conan} ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if((text MATCHES "^ERROR" AND result EQUAL 0) OR (NOT text MATCHES "^ERROR" AND NOT result EQUAL 0)
     OR NOT output MATCHES "${text}")
    message(FATAL_ERROR "conan ${ARGN} ended with ${result} and did not say ${text}\n${output}")
  endif()
endfunction()

run("" profile detect --force)
run("" export-pkg ${eigen_recipe} --no-remote --output-folder=${folder}/eigen)
set(create create ${recipes} --no-remote -s build_type=Debug)
run("ERROR: .*lower than the required C[+][+] standard" ${create} -s compiler.cppstd=17)
run("memsizer/${version}.*RUN: [^\n]*gradient\n2 4 6" ${create} -s compiler.cppstd=20
    -c tools.cmake.cmake_layout:test_folder=${folder}/test)
