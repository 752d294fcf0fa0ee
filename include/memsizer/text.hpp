#pragma once
// Umbrella: normalisers, byte-level BPE, tokenizers and their files.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/text/bpe_trainer.hpp"
#include "memsizer/text/gpt2_files.hpp"
#include "memsizer/text/load_tokenizer.hpp"
#include "memsizer/text/naive_bpe_trainer.hpp"
#include "memsizer/text/normalizer.hpp"
#include "memsizer/text/pre_tokenizer.hpp"
#include "memsizer/text/stream_encoder.hpp"
#include "memsizer/text/text_cutter.hpp"
#include "memsizer/text/tokenizer.hpp"
#include "memsizer/text/tokenizer_json.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"
#include "memsizer/text/utf8_lines.hpp"
#include "memsizer/text/utf8_stream.hpp"
