# Compiles `source`, whose seven lines are mistakes, and looks for what the compiler has to say of each.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${compile} -fsyntax-only ${source} RESULT_VARIABLE result ERROR_VARIABLE messages)
if(result EQUAL 0)
  message(FATAL_ERROR "${source} compiles, but none of its lines should")
endif()
string(REPLACE ";" "," messages "${messages}") # a list would be cut there
string(REGEX MATCHALL "error: [^\n]*" errors "${messages}")
foreach(part IN ITEMS
    "there is no global generator: give the seed where numbers are drawn, as in randn({2, 3}, 1)"
    "dropout needs the key of the step: nn::StepKey key(seed)"
    "a comparison gives a tensor: write all(x == y), or any(x == y)"
    "two element types: convert one of them, as in x.to<double>() + z"
    "an optimiser takes a store, and step() the learning rate"
    "a module cannot be copied: move it, or build a second one"
    "write matrix({{1, 2}, {3, 4}}), or Tensor<float>({2, 2}, {1, 2, 3, 4})")
  string(FIND "${errors}" "${part}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "The compiler's errors do not say: ${part}\n${messages}")
  endif()
endforeach()
list(LENGTH errors count)
if(NOT count EQUAL 7)
  message(FATAL_ERROR "One error for each of seven lines expected, got ${count}:\n${messages}")
endif()
