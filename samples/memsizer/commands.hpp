#pragma once
// The commands of the program, one file for each.

#include "command_line.hpp"

namespace memsizer::program {

void add_chat_command(const Command& program);
void add_compare_command(const Command& program);
void add_evaluate_command(const Command& program);
void add_generate_command(const Command& program);
void add_gradcheck_command(const Command& program);
void add_kernels_command(const Command& program);
void add_plot_command(const Command& program);
void add_products_command(const Command& program);
void add_score_command(const Command& program);
void add_summary_command(const Command& program);
void add_tokenizer_command(const Command& program);
void add_train_command(const Command& program);

}  // namespace memsizer::program
