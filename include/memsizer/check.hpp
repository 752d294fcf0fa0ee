#pragma once
// The gradient checker and the list of operation cases, for those who write operations and kernels of their
// own.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/check/case_checks.hpp"
#include "memsizer/check/gradient_check.hpp"
#include "memsizer/check/narrow_checks.hpp"
#include "memsizer/check/operation_cases.hpp"
#include "memsizer/memsizer.hpp"
