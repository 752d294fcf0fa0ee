#pragma once
// Metrics: what a model's output is measured by.

#include "memsizer/metrics/perplexity.hpp"
