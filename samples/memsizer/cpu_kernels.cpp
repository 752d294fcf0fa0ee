// The one place where the CPU kernels are compiled: program, tests and benchmarks link this object.
