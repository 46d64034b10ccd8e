#include "tools/verify/program.h"

int main(int argc, char** argv) { return conntrail::verify::RunProgram(argc, argv); }
