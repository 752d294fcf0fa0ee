// The program that docs/install.md builds: the sample is a program outside the project, too.
#include "../../../../samples/00_first_program.cpp"
