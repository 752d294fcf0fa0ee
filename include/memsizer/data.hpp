#pragma once
// Data: files of a data set by split, text for language modelling, pairs of sentences for translation, ids
// and their cache, batches.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/data/batches.hpp"
#include "memsizer/data/encoded_ids.hpp"
#include "memsizer/data/encoded_pairs.hpp"
#include "memsizer/data/encoded_text.hpp"
#include "memsizer/data/evaluation_pairs.hpp"
#include "memsizer/data/evaluation_windows.hpp"
#include "memsizer/data/id_cache.hpp"
#include "memsizer/data/language_codes.hpp"
#include "memsizer/data/pair_batch.hpp"
#include "memsizer/data/pair_batches.hpp"
#include "memsizer/data/pair_files.hpp"
#include "memsizer/data/pair_reader.hpp"
#include "memsizer/data/sentence_pairs.hpp"
#include "memsizer/data/sentence_reader.hpp"
#include "memsizer/data/sgml.hpp"
#include "memsizer/data/sgml_tag.hpp"
#include "memsizer/data/side_name.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/data/text_scanner.hpp"
#include "memsizer/data/token_ids.hpp"
#include "memsizer/data/wikitext.hpp"
