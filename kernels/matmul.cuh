#pragma once
// Matrix products on the ordinary arithmetic units, for every element type.
//
// A block computes a square tile of C. It walks along the inner axis: sixteen columns of A and rows of B go
// to shared memory, and each thread multiplies them into its own sums, which stay in registers. A thread with
// a square of 8 x 8 sums reads 16 numbers for 64 products, so the arithmetic and not the shared memory limits
// it.

#include "kernels/product_library.hpp"
#include "kernels/repeated_sum.cuh"
#include "kernels/tensor_core_matmul.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// How the tiles of a product are cut. A thread has micro x micro sums, a tile 16 x 16 such threads.
template <int micro>
struct MatmulTile {
  static constexpr int squares = 16;              // of a tile, in each direction
  static constexpr int extent = squares * micro;  // rows and columns of a tile
  static constexpr int depth = 16;                // of the inner axis at a time
  static constexpr int stride = extent + 4;       // of shared memory, against bank conflicts

  /// Row (or column) i of a square, within the tile. Squares take four neighbours at a time, so a thread
  /// reads 16 bytes at once and neighbouring threads read neighbouring banks.
  static __device__ int place(int square, int i) {
    return i / 4 * (extent / (micro / 4)) + square * 4 + i % 4;
  }
};

/// tile[k, row] = x[first_row + row, first_inner + k], or 0 beyond the matrix and beyond last_inner.
/// Neighbouring threads read neighbouring elements, whichever axis is contiguous.
template <class Tile, class A, class T>
__device__ void stage(A* tile, const MatmulOperand<T>& x, Index first_row, Index first_inner,
                      Index last_inner) {
  for (int i = static_cast<int>(threadIdx.x); i < Tile::extent * Tile::depth;
       i += static_cast<int>(blockDim.x)) {
    const int k = x.inner_is_contiguous ? i % Tile::depth : i / Tile::extent;
    const int row = x.inner_is_contiguous ? i / Tile::depth : i % Tile::extent;
    const Index at_row = first_row + row, at_inner = first_inner + k;
    const bool inside = at_row < x.rows && at_inner < last_inner;
    const Index at = x.inner_is_contiguous ? at_row * x.leading + at_inner : at_inner * x.leading + at_row;
    tile[k * Tile::stride + row] = inside ? static_cast<A>(x.data[at]) : A(0);
  }
}

/// sums[i, j] += the products of one staged depth, for the rows and columns of the thread's square.
template <class Tile, int micro, class A>
__device__ void multiply_staged(A (&sums)[micro * micro], const A* a_tile, const A* b_tile, int row_square,
                                int column_square) {
  MEMSIZER_UNROLL for (int k = 0; k < Tile::depth; ++k) {
    A a[micro], b[micro];
    MEMSIZER_UNROLL for (int i = 0; i < micro; ++i) {
      a[i] = a_tile[k * Tile::stride + Tile::place(row_square, i)];
      b[i] = b_tile[k * Tile::stride + Tile::place(column_square, i)];
    }
    MEMSIZER_UNROLL for (int i = 0; i < micro; ++i) MEMSIZER_UNROLL for (int j = 0; j < micro; ++j)
        sums[i * micro + j] += a[i] * b[j];
  }
}

/// A tile of C, or of one piece of it if `partial` [batch, pieces, rows, columns] is not null. A block of 256
/// threads has a square for each thread. A smaller one takes the squares in turns.
template <class T, class Out, int micro>
__global__ void matmul_kernel(MatmulResult<T, Out> result, Accumulate<T>* partial, const T* a, const T* b,
                              MatmulShape shape, MatmulPlan plan) {
  using A = Accumulate<T>;
  using Tile = MatmulTile<micro>;
  MEMSIZER_SHARED(A, a_tile, Tile::depth * Tile::stride);
  MEMSIZER_SHARED(A, b_tile, Tile::depth * Tile::stride);
  const MatmulBlock<Tile> at(shape, plan);
  const MatmulOperand<T> left = left_operand(a + at.batch * shape.a_stride, shape);
  const MatmulOperand<T> right = right_operand(b + at.batch * shape.b_stride, shape);
  constexpr int all_squares = Tile::squares * Tile::squares;
  for (int first = 0; first < all_squares; first += static_cast<int>(blockDim.x)) {
    const int square = first + static_cast<int>(threadIdx.x);
    const int row_square = square / Tile::squares % Tile::squares, column_square = square % Tile::squares;
    A sums[micro * micro] = {};
    for (Index inner = at.first_inner; inner < at.last_inner; inner += Tile::depth) {
      __syncthreads();  // threads may still read the tiles before
      stage<Tile>(a_tile, left, at.first_row, inner, at.last_inner);
      stage<Tile>(b_tile, right, at.first_column, inner, at.last_inner);
      __syncthreads();
      multiply_staged<Tile, micro>(sums, a_tile, b_tile, row_square, column_square);
    }
    if (square >= all_squares) continue;
    MEMSIZER_UNROLL for (int i = 0; i < micro; ++i) MEMSIZER_UNROLL for (int j = 0; j < micro; ++j) {
      const Index row = at.first_row + Tile::place(row_square, i);
      const Index column = at.first_column + Tile::place(column_square, j);
      store_product(result, partial, at, shape, plan, row, column, sums[i * micro + j]);
    }
  }
}

/// C from the sums of the pieces, in their order.
template <class T, class Out>
__global__ void matmul_pieces_kernel(MatmulResult<T, Out> result, const Accumulate<T>* partial, Index rows,
                                     Index columns, Index pieces, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Index of_one = rows * columns, batch = i / of_one, element = i % of_one;
  Accumulate<T> sum = 0;
  for (Index piece = 0; piece < pieces; ++piece) sum += partial[(batch * pieces + piece) * of_one + element];
  result.write(batch, element / columns, element % columns, sum);
}

/// What a library has left of the epilogue. `product` is laid out as C, and may be C.
template <class T>
__global__ void finish_product_kernel(MatmulResult<T, T> result, const T* product, Index rows, Index columns,
                                      Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Index of_one = rows * columns, batch = i / of_one, row = i % of_one / columns, column = i % columns;
  result.write(batch, row, column, static_cast<Accumulate<T>>(product[result.place(batch, row, column)]));
}

/// Whether the context has a library that has computed the product. A kernel of ours finishes it.
template <class T, class Out>
bool multiply_by_library(Context& context, const Output<Out>& c, const T* a, const T* b,
                         const MatmulShape& shape, const Epilogue<T>& epilogue) {
  ProductLibrary* const library = product_library(context);
  if (library == nullptr) return false;
  ProductCall call{.inputs = element_type<T>,
                   .outputs = element_type<Out>,
                   .c = c.data,
                   .accumulate = c.accumulate,
                   .a = a,
                   .b = b,
                   .shape = shape};
  if (!c.accumulate) {
    call.bias = epilogue.bias;
    call.activation = epilogue.activation;
    call.before_activation = epilogue.before_activation;
  }
  if (!library->multiply(call)) return false;
  if constexpr (std::is_same_v<T, Out>) {
    const Epilogue<T> rest{static_cast<const T*>(call.bias), call.activation,
                           static_cast<T*>(call.before_activation)};
    const bool finished = call.c == c.data && rest.bias == nullptr && rest.before_activation == nullptr &&
                          rest.activation == Activation::none;
    const Index n = shape.batch * shape.rows * shape.columns;
    if (!finished)
      launch_elements(context, "finish_product", n, finish_product_kernel<T>,
                      MatmulResult<T, T>(c, rest, shape), static_cast<const T*>(call.c), shape.rows,
                      shape.columns, n);
  }
  return true;
}

/// The product, with `partial` for the pieces' sums: plan.partial_elements(shape) elements.
template <class T, class Out>
void multiply(Context& context, const MatmulPlan& plan, Accumulate<T>* partial, const Output<Out>& c,
              const T* a, const T* b, const MatmulShape& shape, const Epilogue<T>& epilogue) {
  if (shape.batch == 0 || shape.rows == 0 || shape.columns == 0) return;
  if (multiply_by_library(context, c, a, b, shape, epilogue)) return;
  const MatmulResult<T, Out> result(c, epilogue, shape);
  Accumulate<T>* const pieces = plan.pieces > 1 ? partial : nullptr;
  const LaunchShape tiles{.kernel = "matmul",
                          .blocks = grid_extent("matmul", plan.blocks(shape)),
                          .threads = threads_per_block(context, 256)};
  if (plan.tiles == MatmulTiles::of_64)
    launch(context, tiles, matmul_kernel<T, Out, 4>, result, pieces, a, b, shape, plan);
  else if constexpr (std::is_same_v<T, bfloat16>)
    launch_tensor_core_matmul(context, result, pieces, a, b, shape, plan);
  else if constexpr (sizeof(T) == 4)
    launch(context, tiles, matmul_kernel<T, Out, 8>, result, pieces, a, b, shape, plan);
  if (plan.pieces > 1)
    launch_elements(context, "matmul_pieces", shape.batch * shape.rows * shape.columns,
                    matmul_pieces_kernel<T, Out>, result, partial, shape.rows, shape.columns, plan.pieces,
                    shape.batch * shape.rows * shape.columns);
}

template <class T, class Out>
void multiply(Context& context, const Output<Out>& c, const T* a, const T* b, const MatmulShape& shape,
              const Epilogue<T>& epilogue) {
  const MatmulPlan plan = matmul_plan<T>(context, shape);
  const Index needed = plan.partial_elements(shape);
  multiply(context, plan, needed > 0 ? workspace<Accumulate<T>>(context, needed) : nullptr, c, a, b, shape,
           epilogue);
}

template <class T>
void matmul(Context& context, Output<T> c, const T* a, const T* b, const MatmulShape& shape,
            const Epilogue<T>& epilogue) {
  multiply(context, c, a, b, shape, epilogue);
}

template <class T>
void linear_weight_backward(Context& context, Output<Accumulate<T>> dweight, Output<Accumulate<T>> dbias,
                            const T* dy, const T* x, const LinearShape& shape) {
  if (dweight)
    multiply(context, dweight, dy, x,
             contiguous_product(shape.outputs, shape.inputs, shape.rows, {.a = true}), Epilogue<T>{});
  if (dbias)
    sum_repeated(context, "linear_bias_backward", dbias,
                 Walk{.rank = 2,
                      .extents = {shape.rows, shape.outputs},
                      .y_strides = {shape.outputs, 1},
                      .a_strides = {0, 1}},
                 1.0, ElementTerms<T>{dy});
}

template <class T>
inline constexpr MatmulKernels<T> matmul_kernels{.matmul = matmul<T>,
                                                 .linear_weight_backward = linear_weight_backward<T>};

}  // namespace memsizer::MEMSIZER_DEVICE
