#pragma once
// Metrics: what a model's output is measured by.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/metrics/aligned_lines.hpp"
#include "memsizer/metrics/bleu.hpp"
#include "memsizer/metrics/chrf.hpp"
#include "memsizer/metrics/paired_bootstrap.hpp"
#include "memsizer/metrics/perplexity.hpp"
#include "memsizer/metrics/rouge.hpp"
#include "memsizer/metrics/squad.hpp"
