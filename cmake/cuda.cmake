# The CUDA device, memsizer::cuda. The GPU generations to compile for are CMAKE_CUDA_ARCHITECTURES, by default Ampere
# and Hopper with code that later ones translate.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80 90)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/nvcc.cmake)
if(MEMSIZER_NVCC AND NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  set(CMAKE_CUDA_COMPILER ${MEMSIZER_NVCC})
endif()
enable_language(CUDA)

add_library(memsizer_cuda STATIC EXCLUDE_FROM_ALL ${memsizer_root}/kernels/cuda_table.cu)
add_library(memsizer::cuda ALIAS memsizer_cuda)
# CMake 3.25 does not know CUDA 13's C++20 by name.
target_compile_options(memsizer_cuda PUBLIC $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>)
# A function of the host that a kernel calls is only a warning, and the kernel then computes nonsense.
target_compile_options(memsizer_cuda PRIVATE "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Werror all-warnings>")
# In our own builds, so is a kernel that spills registers or keeps an array in memory: it computes correctly, but slowly.
target_compile_options(memsizer_cuda PRIVATE
  "$<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<TARGET_EXISTS:memsizer_build>>:SHELL:-Xptxas -warn-spills,-warn-lmem-usage>")
target_include_directories(memsizer_cuda PUBLIC ${memsizer_root})
target_link_libraries(memsizer_cuda PUBLIC memsizer::memsizer ${CMAKE_DL_LIBS}) # it opens cuBLASLt, where that is wanted
