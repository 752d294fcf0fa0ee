// The classes of core.hpp, saving, decoding and the loop for models of one's own, compiled once. The kernels
// that they call are in cpu_table.cpp.
#undef MEMSIZER_KERNELS_ARE_LINKED
#define MEMSIZER_CORE_IS_COMPILED_HERE
#include "memsizer/core_classes.hpp"

#include "memsizer/decode/beam_search.hpp"
#include "memsizer/decode/encoder_decoder_stepper.hpp"
#include "memsizer/decode/generate.hpp"
#include "memsizer/decode/language_model_stepper.hpp"
#include "memsizer/nn/save.hpp"
#include "memsizer/nn/weights_file.hpp"
#include "memsizer/train/fit.hpp"

MEMSIZER_CORE_CLASSES(template);
MEMSIZER_BFLOAT16_CLASSES(template);
MEMSIZER_CORE_MODELS_OF(template, float);
MEMSIZER_CORE_MODELS_OF(template, double);
MEMSIZER_CORE_MODELS_OF(template, memsizer::bfloat16);
MEMSIZER_SAVING(template, float);
MEMSIZER_SAVING(template, double);
MEMSIZER_SAVING_STORES(template, memsizer::bfloat16);
MEMSIZER_LOADING(template, float);
MEMSIZER_LOADING(template, double);
MEMSIZER_LOADING(template, memsizer::bfloat16);
MEMSIZER_FITTING(template, float);
MEMSIZER_FITTING(template, double);
MEMSIZER_FITTING(template, memsizer::bfloat16);
MEMSIZER_CHOOSING(template, float);
MEMSIZER_CHOOSING(template, double);
MEMSIZER_GENERATING(template, float);
MEMSIZER_GENERATING(template, double);
MEMSIZER_SEARCHING(template, float);
MEMSIZER_SEARCHING(template, double);
template class memsizer::decode::LanguageModelStepper<float>;
template class memsizer::decode::LanguageModelStepper<double>;
template class memsizer::decode::EncoderDecoderStepper<float>;
template class memsizer::decode::EncoderDecoderStepper<double>;
template class memsizer::decode::LanguageModelStepper<memsizer::bfloat16>;
template class memsizer::decode::EncoderDecoderStepper<memsizer::bfloat16>;
