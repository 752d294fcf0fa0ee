#pragma once
// Metrics: what a model's output is measured by.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/metrics/perplexity.hpp"
