#pragma once
// All operations.

#include "memsizer/ops/attention.hpp"
#include "memsizer/ops/elementwise.hpp"
#include "memsizer/ops/embedding.hpp"
#include "memsizer/ops/layout.hpp"
#include "memsizer/ops/loss.hpp"
#include "memsizer/ops/matmul.hpp"
#include "memsizer/ops/memsizer.hpp"
#include "memsizer/ops/norm.hpp"
#include "memsizer/ops/reduce.hpp"
#include "memsizer/ops/scan.hpp"
#include "memsizer/ops/softmax.hpp"
