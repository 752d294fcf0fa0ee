#pragma once
// The options of decoding, which `generate` and `evaluate` share.

#include "memsizer/tasks/task.hpp"

#include "command_line.hpp"

namespace memsizer::program {

/// What the tasks do by default, in words: "4 in translation and summarization, else none". The first task's
/// text stands at the end.
std::string by_task(const std::function<std::string(const tasks::Task&)>& text_of);

/// How each task writes the line breaks of a text where each text is a line.
std::string line_breaks_by_task();

/// Adds these options to a command. `options` must outlive the command line.
void add_decoding_options(const Command& command, tasks::DecodingOptions& options);

}  // namespace memsizer::program
