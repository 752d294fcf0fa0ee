#pragma once
// The CUDA device: the kernels of kernels/*.cuh on the current GPU. A file can include this without CUDA.

#include <span>
#include <string_view>

#include "memsizer/device/device.hpp"

namespace memsizer::cuda {

/// Whether this machine has a GPU that the driver can use.
bool present();

template <class T>
const KernelTable<T>& table();
template <>
const KernelTable<float>& table<float>();
template <>
const KernelTable<double>& table<double>();
template <>
const KernelTable<bfloat16>& table<bfloat16>();

/// The kernels that are null in the table of T, as "family.kernel"; "*" stands for all of them.
template <class T = float>
std::span<const std::string_view> not_yet();
template <>
std::span<const std::string_view> not_yet<float>();
template <>
std::span<const std::string_view> not_yet<double>();
template <>
std::span<const std::string_view> not_yet<bfloat16>();

/// SystemError if there is no GPU. The device is never destroyed, like cpu::device().
Device& device();

/// Who computes the device's matrix products: our kernels, NVIDIA's cuBLASLt wherever it has an algorithm, or
/// for each product the one that product_choice.hpp says is faster.
enum class Products { own, cublaslt, automatic };

/// Our own kernels, until it is called. InputError if cuBLASLt is needed and cannot be opened.
void use_products(Products by);

}  // namespace memsizer::cuda
