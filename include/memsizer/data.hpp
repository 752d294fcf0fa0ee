#pragma once
// Data: files of a data set by split, text for language modelling, ids and their cache, batches.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/data/batches.hpp"
#include "memsizer/data/encoded_text.hpp"
#include "memsizer/data/evaluation_windows.hpp"
#include "memsizer/data/id_cache.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/data/text_scanner.hpp"
#include "memsizer/data/token_ids.hpp"
#include "memsizer/data/wikitext.hpp"
