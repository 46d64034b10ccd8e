#include "tools/conntrail/program.h"

int main(int argc, char** argv) { return conntrail::RunProgram(argc, argv); }
