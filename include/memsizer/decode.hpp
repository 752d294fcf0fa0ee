#pragma once
// Decoding: greedy, sampling, beam search; for language models, encoder-decoders, anything behind a Stepper.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/decode/beam_search.hpp"
#include "memsizer/decode/conversation.hpp"
#include "memsizer/decode/encoder_decoder_stepper.hpp"
#include "memsizer/decode/generate.hpp"
#include "memsizer/decode/language_model_stepper.hpp"
