# NVIDIA's compiler as MEMSIZER_NVCC, looked for in one place: for the CUDA device, and for the tests that compile with it.
find_program(MEMSIZER_NVCC nvcc HINTS /usr/local/cuda/bin DOC "CUDA compiler")
mark_as_advanced(MEMSIZER_NVCC)
