// The one place where the CPU kernels are compiled: program, tests and benchmarks link this object.
#include "memsizer/cpu/table_bodies.hpp"

template const memsizer::KernelTable<float>& memsizer::cpu::table<float>();
template const memsizer::KernelTable<double>& memsizer::cpu::table<double>();
template memsizer::Device& memsizer::cpu::process_device<void>();
template void memsizer::cpu::set_process_threads<void>(memsizer::Index);
